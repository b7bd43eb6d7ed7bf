//! What `jwt-authorizer` needs of a service: an answer that a refusal can become.

use std::task::{Context, Poll};

use futures_util::{TryFutureExt as _, future::MapOk};
use http::Request;
use jwt_authorizer::AuthError;
use tower_service::Service;

/// The answer of a service, or nothing when the call was refused.
pub struct Answer<R>(pub Option<R>);

impl<R> From<AuthError> for Answer<R> {
    fn from(_: AuthError) -> Self {
        Self(None)
    }
}

/// A service whose answers are [`Answer`]s.
#[derive(Clone)]
pub struct Refusable<S>(pub S);

impl<S, B> Service<Request<B>> for Refusable<S>
where
    S: Service<Request<B>>,
{
    type Response = Answer<S::Response>;
    type Error = S::Error;
    type Future = MapOk<S::Future, fn(S::Response) -> Answer<S::Response>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.0.call(request).map_ok(|response| Answer(Some(response)))
    }
}
