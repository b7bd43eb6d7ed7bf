//! The service of a connection, as hyper calls it: every call ends, at the latest, when the drain is over.

use std::{convert::Infallible, error::Error, future::poll_fn, pin::Pin};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;

use super::{
    body::DrainBody,
    phase::{Phase, Watch, shutting_down},
};

#[derive(Debug)]
pub(super) struct Draining<S> {
    pub(super) inner: S,
    pub(super) watch: Watch,
}

impl<S, R> hyper::service::Service<Request<Incoming>> for Draining<S>
where
    S: tower_service::Service<Request<Incoming>, Response = Response<R>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    R: Body<Data = Bytes> + Send + Unpin + 'static,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<DrainBody<R>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let mut inner = self.inner.clone();
        let watch = self.watch.clone();
        Box::pin(async move {
            if watch.is_expired() {
                return Ok(shutting_down().into_http());
            }
            let mut expired: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(watch.clone().reached(Phase::Expired));
            let answer = async {
                poll_fn(|cx| inner.poll_ready(cx)).await?;
                inner.call(request).await
            };
            let answer = tokio::select! {
                biased;
                answer = answer => answer,
                () = &mut expired => return Ok(shutting_down().into_http()),
            };
            answer.map(|response| response.map(|body| DrainBody::new(body, watch, expired)))
        })
    }
}
