//! The bodies on both sides of a verdict.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{budget::Held, request::Framed, status};

/// When a stream ends. Its timer is made where it is first polled: a service may be called where no runtime is.
#[derive(Debug)]
struct Expiry {
    at: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Expiry {
    fn at(at: Instant) -> Self {
        Self { at, timer: None }
    }

    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(self.at)));
        timer.as_mut().poll(context).is_ready()
    }
}

/// A body that was read, and is forwarded as it was judged.
#[derive(Debug)]
pub(crate) struct Whole {
    /// Until it is taken.
    body: Option<Framed>,
    _held: Held,
}

impl Whole {
    pub(crate) fn new(body: Framed, held: Held) -> Self {
        Self { body: Some(body), _held: held }
    }

    pub(crate) fn message(&self) -> &[u8] {
        self.body.as_ref().map(Framed::message).unwrap_or_default()
    }
}

/// The request body that the inner service gets: the very bytes that were judged, or a stream that was judged by its
/// headers.
#[derive(Debug)]
pub struct RequestBody<B>(Request<B>);

#[derive(Debug)]
enum Request<B> {
    Whole(Whole),
    Stream { body: B, expiry: Option<Expiry> },
    Ended,
}

impl<B> RequestBody<B> {
    /// The body that was read, else the stream, which ends at the deadline: what the caller sends later does not reach the
    /// inner service.
    pub(crate) fn new(body: B, read: Option<Whole>, deadline: Option<Instant>) -> Self {
        let stream = || Request::Stream { body, expiry: deadline.map(Expiry::at) };
        Self(read.map_or_else(stream, Request::Whole))
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match &mut self.0 {
            Request::Whole(whole) => Poll::Ready(whole.body.take().map(|body| Ok(Frame::data(body.into_body())))),
            Request::Stream { body, expiry } => {
                let expired = expiry.as_mut().is_some_and(|expiry| expiry.is_over(context));
                let frame = if expired { None } else { ready!(Pin::new(body).poll_frame(context)) };
                // A gRPC request has no trailers; what a caller puts there was not judged.
                let data = frame.filter(|frame| frame.as_ref().map_or(true, Frame::is_data));
                if data.is_none() {
                    self.0 = Request::Ended;
                }
                Poll::Ready(data)
            }
            Request::Ended => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Request::Whole(whole) => whole.body.is_none(),
            Request::Stream { body, .. } => body.is_end_stream(),
            Request::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Request::Whole(whole) => {
                let bytes = whole.body.as_ref().map_or(0, |body| body.body().len());
                SizeHint::with_exact(u64::try_from(bytes).unwrap_or(u64::MAX))
            }
            Request::Stream { body, expiry: None } => body.size_hint(),
            Request::Stream { .. } => SizeHint::default(),
            Request::Ended => SizeHint::with_exact(0),
        }
    }
}

/// The response body that the caller gets: the inner service's, never buffered; a stream may be ended when the
/// caller's claims expire.
#[derive(Debug)]
pub struct ResponseBody<R>(Response<R>);

#[derive(Debug)]
enum Response<R> {
    Inner { body: R, expiry: Option<Expiry> },
    Ended,
}

impl<R> ResponseBody<R> {
    pub(crate) fn new(body: R, deadline: Option<Instant>) -> Self {
        Self(Response::Inner { body, expiry: deadline.map(Expiry::at) })
    }
}

/// An empty body: a denial has all it says in its headers.
impl<R> Default for ResponseBody<R> {
    fn default() -> Self {
        Self(Response::Ended)
    }
}

impl<R: Body<Data = Bytes> + Unpin> Body for ResponseBody<R> {
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        let Response::Inner { body, expiry } = &mut self.0 else { return Poll::Ready(None) };
        if expiry.as_mut().is_some_and(|expiry| expiry.is_over(context)) {
            self.0 = Response::Ended;
            return Poll::Ready(Some(Ok(Frame::trailers(expired()))));
        }
        Pin::new(body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Response::Inner { body, .. } => body.is_end_stream(),
            Response::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Response::Inner { body, expiry: None } => body.size_hint(),
            Response::Inner { .. } => SizeHint::default(),
            Response::Ended => SizeHint::with_exact(0),
        }
    }
}

fn expired() -> HeaderMap {
    let mut trailers = HeaderMap::new();
    // Writing a fixed ASCII message into a header map does not fail; without it the stream still ends.
    let _ = status::expired_stream().add_header(&mut trailers);
    trailers
}
