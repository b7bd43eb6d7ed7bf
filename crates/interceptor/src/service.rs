//! The service that the layer makes: it only wires.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body::Body;
use temporal_authz::{BoxError, Denial, Guard, Reason};
use tokio::time::{Instant, timeout_at};
use tower_service::Service;
use tracing::Instrument;

use crate::{
    body::{RequestBody, ResponseBody},
    enforce::{Passage, enforce},
    observe,
    shared::Shared,
    status,
};

/// A service behind authorization. [`AuthorizationLayer`](crate::AuthorizationLayer) makes it.
#[derive(Debug, Clone)]
pub struct Authorization<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> Authorization<S> {
    pub(crate) fn new(inner: S, shared: Arc<Shared>) -> Self {
        Self { inner, shared }
    }
}

impl<S, B, R> Service<Request<B>> for Authorization<S>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
    S: Service<Request<RequestBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    R: Body<Data = Bytes> + Unpin,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The clone takes the place of the service that was polled ready, which is the one to call.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let shared = self.shared.clone();
        Box::pin(async move {
            let guard = shared.guard.load();
            if !is_grpc(&request) {
                let denial = guard.refuse(request.uri().path(), None, Reason::UndecodableRequest, "not gRPC");
                return Ok(refused(&shared, &denial, StatusCode::UNSUPPORTED_MEDIA_TYPE));
            }
            let Passage { read, stream_expires_at } = match judge(&shared, &guard, &mut request).await {
                Ok(passage) => passage,
                Err(denial) => return Ok(refused(&shared, &denial, StatusCode::OK)),
            };
            let deadline = stream_expires_at.zip(shared.stream_grace()).and_then(|(end, grace)| deadline(end, grace));
            // What goes on from here may take long, and holds what it needs alone.
            drop(guard);
            drop(shared);
            let Some(deadline) = deadline else {
                let answer = inner.call(request.map(|body| RequestBody::new(body, read, None)));
                return Ok(answer.await?.map(|body| ResponseBody::new(body, None)));
            };
            let answer = inner.call(request.map(|body| RequestBody::new(body, read, Some(deadline))));
            match Box::pin(timeout_at(deadline, answer)).await {
                Ok(response) => Ok(response?.map(|body| ResponseBody::new(body, Some(deadline)))),
                Err(_) => Ok(status::expired_stream().into_http()),
            }
        })
    }
}

/// [`enforce`], in a span if anybody looks at it.
async fn judge<B>(shared: &Shared, guard: &Guard, request: &mut Request<B>) -> Result<Passage, Denial>
where
    B: Body<Data = Bytes> + Unpin,
{
    let span = observe::span(request.uri().path());
    if span.is_disabled() {
        drop(span);
        return enforce(shared, guard, request).await;
    }
    Box::pin(enforce(shared, guard, request).instrument(span)).await
}

/// A gRPC call is a POST whose content type begins with `application/grpc`; gRPC-Web has another framing.
fn is_grpc<B>(request: &Request<B>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let rest = content_type.strip_prefix(b"application/grpc");
    *request.method() == Method::POST && rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// The whole answer: trailers-only, as gRPC has it.
fn refused<R>(shared: &Shared, denial: &Denial, http_status: StatusCode) -> Response<ResponseBody<R>> {
    let expose_errors = shared.settings().expose_authorizer_errors();
    let mut response = status::of(denial, shared.candour(), expose_errors).into_http();
    *response.status_mut() = http_status;
    response
}

fn deadline(end: SystemTime, grace: Duration) -> Option<Instant> {
    let end = end.checked_add(grace)?;
    let left = end.duration_since(SystemTime::now()).unwrap_or_default();
    Instant::now().checked_add(left)
}
