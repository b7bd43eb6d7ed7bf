//! The service that the layer makes: it only wires.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use temporal_authz::BoxError;
use tokio::time::{Instant, timeout_at};
use tower_service::Service;
use tracing::Instrument;

use crate::{
    body::{RequestBody, ResponseBody},
    enforce::{Judge, Next, Passage, Progress, Rejection},
    observe,
    response::ResponseFuture,
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

impl<S: Clone> Authorization<S> {
    /// The answer to a call that the inner service does not get. What it was polled ready with, such as a place among a limited
    /// number, goes back.
    fn refuse<F, R, E>(&mut self, rejection: &Rejection) -> ResponseFuture<F, R, E> {
        self.inner = self.inner.clone();
        ResponseFuture::refused(refused(&self.shared, rejection))
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
    type Future = ResponseFuture<S::Future, R, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let guard = self.shared.guard.load();
        let (mut progress, mut begun) = (Progress::default(), None);
        // Who looks at spans sees the whole of a call in its own, below whatever is entered while the call is polled.
        if !observe::spans_are_seen() {
            let judge = Judge { shared: &self.shared, guard: &guard };
            match judge.advance(&mut request, &mut progress) {
                Ok(Next::Passes(passage)) => return forward(&self.shared, &mut self.inner, request, passage),
                Ok(next) => begun = Some(next),
                Err(rejection) => return self.refuse(&rejection),
            }
        }
        // The clone takes the place of the service that was polled ready, which is the one to call.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        // A call is judged by the guard that it began with.
        let (shared, guard) = (Arc::clone(&self.shared), arc_swap::Guard::into_inner(guard));
        ResponseFuture::waiting(Box::pin(async move {
            let judge = Judge { shared: &shared, guard: &guard };
            let span = observe::span(request.uri().path());
            let passage = match judge.enforce(&mut request, progress, begun).instrument(span).await {
                Ok(passage) => passage,
                Err(rejection) => return Ok(refused(&shared, &rejection).map(|()| ResponseBody::default())),
            };
            let answer = forward(&shared, &mut inner, request, passage);
            // What goes on from here may take long, and holds what it needs alone.
            drop((guard, shared, inner));
            answer.await
        }))
    }
}

/// Hands an allowed request on. A stream ends when the claims expire by which it was allowed.
#[inline]
fn forward<S, B, R>(
    shared: &Shared,
    inner: &mut S,
    request: Request<B>,
    Passage { read, stream_expires_at }: Passage,
) -> ResponseFuture<S::Future, R, S::Error>
where
    S: Service<Request<RequestBody<B>>, Response = Response<R>>,
    S::Future: Send + 'static,
{
    let deadline = stream_expires_at.zip(shared.stream_grace()).and_then(|(end, grace)| deadline(end, grace));
    let answer = inner.call(request.map(|body| RequestBody::new(body, read, deadline)));
    let Some(deadline) = deadline else { return ResponseFuture::allowed(answer) };
    ResponseFuture::waiting(Box::pin(async move {
        match timeout_at(deadline, answer).await {
            Ok(response) => Ok(response?.map(|body| ResponseBody::new(body, Some(deadline)))),
            Err(_) => Ok(status::expired_stream().into_http()),
        }
    }))
}

/// The whole answer: trailers-only, as gRPC has it.
fn refused(shared: &Shared, rejection: &Rejection) -> Response<()> {
    let expose_errors = shared.settings().expose_authorizer_errors();
    let mut response = status::of(&rejection.denial, shared.candour(), expose_errors).into_http();
    *response.status_mut() = rejection.http_status;
    response
}

fn deadline(end: SystemTime, grace: Duration) -> Option<Instant> {
    let end = end.checked_add(grace)?;
    let left = end.duration_since(SystemTime::now()).unwrap_or_default();
    Instant::now().checked_add(left)
}
