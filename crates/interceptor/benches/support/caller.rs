//! One call, decided by hand and sent through a service.

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{HeaderMap, Request};
use http_body_util::Full;
use temporal_authz::{AuthInfo, CallTarget, Guard, Permit, Targets};
use temporal_interceptor::{
    Limits,
    request::{scan, unframe},
};
use tonic::transport::server::TcpConnectInfo;
use tower_service::Service;

use super::requests::START;

/// What the layer does for a call that waits for nothing, without HTTP: credentials, body, verdict. The body comes back, as
/// the one that the layer forwards.
pub fn decide(guard: &Guard, headers: &HeaderMap, limits: &Limits, bearer: &str, body: Bytes) -> (Permit, Bytes) {
    let info = AuthInfo::new(headers).with_auth_token_bytes(bearer.as_bytes());
    let identity = guard.identity_at_hand(&info).expect("a token that is remembered");
    let method = guard.method(START);
    let framed = unframe(body, headers, limits.max_request_bytes).unwrap();
    let scanned = scan(method, framed.message(), limits).unwrap();
    let target = CallTarget::new(START, method)
        .with_namespace(scanned.namespace())
        .with_request(method.request().unwrap_or_default(), framed.message());
    let permit = guard.authorize_at_hand(identity, &Targets::new(target)).expect("an authorizer that knows at once");
    (permit.unwrap(), framed.into_body())
}

/// The call with the headers that the SDKs of Temporal send, and what tonic's server knows of its connection.
pub fn request(bearer: &str, body: &Bytes) -> Request<Full<Bytes>> {
    Request::post(format!("http://localhost{START}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("user-agent", "tonic/0.14.9")
        .header("grpc-timeout", "9999999u")
        .header("client-name", "temporal-rust")
        .header("client-version", "0.4.0")
        .header("authorization", bearer)
        .extension(TcpConnectInfo { local_addr: None, remote_addr: Some(([127, 0, 0, 1], 50_000).into()) })
        .body(Full::new(body.clone()))
        .unwrap()
}

/// The answer of a service that waits for nothing.
pub fn send<S, B>(service: &mut S, request: Request<B>) -> S::Response
where
    S: Service<Request<B>>,
{
    let Some(Ok(response)) = service.call(request).now_or_never() else { unreachable!("an answer at once") };
    response
}
