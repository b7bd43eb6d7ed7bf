//! A layer around a handler that writes down what reaches it.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::SystemTime,
};

use async_trait::async_trait;
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use temporal_authz::{
    AuthInfo, AuthorizeError, Authorizer, CallTarget, ClaimError, ClaimMapper, Claims, Decision, DefaultAuthorizer,
    Guard, GuardBuilder, Permit, Reason, Role, WireStatus,
};
use temporal_interceptor::{AuthorizationLayer, RequestBody, ResponseBody};
use tonic::{Code, Status};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

pub const START: &str = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
pub const LIST_NAMESPACES: &str = "/temporal.api.workflowservice.v1.WorkflowService/ListNamespaces";
pub const STREAM: &str = "/temporal.server.api.adminservice.v1.AdminService/StreamWorkflowReplicationMessages";
pub const WATCH: &str = "/grpc.health.v1.Health/Watch";

/// Knows callers by their token: `NAMESPACE` writes there, `system` is system admin until `until`.
#[derive(Debug, Default)]
pub struct ByName {
    pub until: Option<SystemTime>,
}

#[async_trait]
impl ClaimMapper for ByName {
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        let token = info.auth_token();
        let claims = match token {
            "bad" => return Err(ClaimError::rejected(Reason::BadSignature)),
            "away" => return Err(ClaimError::keys_unavailable("issuer is away")),
            "system" => Claims::builder("jwt", "root").system(Role::ADMIN),
            namespace => Claims::builder("jwt", "alice").namespace(namespace, Role::WRITER),
        };
        let claims = self.until.into_iter().fold(claims, |claims, until| claims.expires_at(until));
        claims.build().map(Some).map_err(ClaimError::failed)
    }
}

/// The default authorizer, but for namespaces that name another answer.
#[derive(Debug)]
pub struct ByNamespace;

#[async_trait]
impl Authorizer for ByNamespace {
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        match target.namespace() {
            "sunday" => Ok(Decision::deny_with("not on Sundays")),
            "broken" => Err(AuthorizeError::new("policy store is away")),
            "teapot" => {
                let status = WireStatus { code: 9, message: "short and stout".into(), details: Bytes::new() };
                Err(AuthorizeError::new("teapot").with_status(status))
            }
            "fine" => {
                let status = WireStatus { code: 0, message: "all is well".into(), details: Bytes::new() };
                Err(AuthorizeError::new("fine").with_status(status))
            }
            _ => Ok(DefaultAuthorizer.judge(claims, target)),
        }
    }
}

pub fn guard() -> GuardBuilder {
    Guard::builder(Arc::new(ByName::default()), Arc::new(ByNamespace))
}

pub fn strict() -> AuthorizationLayer {
    AuthorizationLayer::builder(guard()).build()
}

pub fn temporal() -> AuthorizationLayer {
    AuthorizationLayer::builder(guard()).like_temporal().build()
}

/// What reached the handler.
#[derive(Debug)]
pub struct Handled {
    pub headers: HeaderMap,
    pub permit: Option<Permit>,
    pub body: Bytes,
}

pub struct Answer {
    pub response: Response<ResponseBody<Full<Bytes>>>,
    pub handled: Option<Handled>,
}

impl Answer {
    pub fn status(&self) -> Status {
        Status::from_header_map(self.response.headers()).expect("grpc-status")
    }

    pub fn code(&self) -> Code {
        self.status().code()
    }
}

/// Sends a request through the layer. The handler reads the whole body before it answers.
pub async fn send<B>(layer: &AuthorizationLayer, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<temporal_authz::BoxError> + std::fmt::Debug,
{
    let handled = Arc::new(Mutex::new(None));
    let seen = handled.clone();
    let handler = service_fn(move |request: Request<RequestBody<B>>| {
        let seen = seen.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let permit = parts.extensions.get::<Permit>().cloned();
            let before = seen.lock().unwrap().replace(Handled { headers: parts.headers, permit, body });
            assert!(before.is_none(), "the handler ran twice");
            Ok::<_, Infallible>(Response::builder().header("grpc-status", "0").body(Full::default()).unwrap())
        }
    });
    let response = layer.layer(handler).oneshot(request).await.unwrap();
    let handled = handled.lock().unwrap().take();
    Answer { response, handled }
}

/// A unary call with a token and a namespace in field 1.
pub fn call(path: &str, token: &str, namespace: &str) -> Request<Full<Bytes>> {
    post(path, token, Full::new(frame(&field(1, namespace.as_bytes()))))
}

pub fn post<B>(path: &str, token: &str, body: B) -> Request<B> {
    let request = Request::post(format!("http://localhost{path}")).header("content-type", "application/grpc");
    let request = if token.is_empty() { request } else { request.header("authorization", token) };
    request.body(body).unwrap()
}

pub fn frame(message: &[u8]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(message.len().try_into().unwrap());
    bytes.put_slice(message);
    bytes.freeze()
}

/// A length-delimited protobuf field of fewer than 16,384 bytes.
pub fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    match value.len() {
        short @ ..128 => bytes.push(short as u8),
        long => bytes.extend([long as u8 | 0x80, (long >> 7) as u8]),
    }
    bytes.extend_from_slice(value);
    bytes
}

/// Gives its frames one by one, then waits for ever; fails the test when it is polled although it must not be.
#[derive(Debug)]
pub enum Slow {
    Frames(Vec<Bytes>),
    Forbidden,
}

impl Body for Slow {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Forbidden => panic!("the body was read"),
            Self::Frames(frames) if frames.is_empty() => Poll::Pending,
            Self::Frames(frames) => Poll::Ready(Some(Ok(Frame::data(frames.remove(0))))),
        }
    }
}
