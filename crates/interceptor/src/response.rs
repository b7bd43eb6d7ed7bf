//! The answer to one call.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use pin_project_lite::pin_project;

use crate::body::ResponseBody;

type Boxed<R, E> = Pin<Box<dyn Future<Output = Result<Response<ResponseBody<R>>, E>> + Send>>;

pin_project! {
    /// The future of a call through [`Authorization`](crate::Authorization), around the inner service's future `F`.
    pub struct ResponseFuture<F, R, E> {
        #[pin]
        stage: Stage<F, R, E>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F, R, E> {
        Allowed { #[pin] answer: F },
        Refused { response: Option<Response<()>> },
        // What has to wait before the inner service is called, or may be ended after it was.
        Waiting { call: Boxed<R, E> },
    }
}

impl<F, R, E> ResponseFuture<F, R, E> {
    pub(crate) fn allowed(answer: F) -> Self {
        Self { stage: Stage::Allowed { answer } }
    }

    pub(crate) fn refused(response: Response<()>) -> Self {
        Self { stage: Stage::Refused { response: Some(response) } }
    }

    pub(crate) fn waiting(call: Boxed<R, E>) -> Self {
        Self { stage: Stage::Waiting { call } }
    }
}

impl<F, R, E> Future for ResponseFuture<F, R, E>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<ResponseBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().stage.project() {
            StageProjection::Allowed { answer } => Poll::Ready(
                ready!(answer.poll(context)).map(|response| response.map(|body| ResponseBody::new(body, None))),
            ),
            // A future may do anything but be unsound when it is polled after its answer: this one never ends.
            StageProjection::Refused { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response.map(|()| ResponseBody::default()))),
                None => Poll::Pending,
            },
            StageProjection::Waiting { call } => call.as_mut().poll(context),
        }
    }
}

impl<F, R, E> fmt::Debug for ResponseFuture<F, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
