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

use crate::{budget::Held, status};

/// The request body that the inner service gets: the very bytes that were judged, or a stream that was judged by its
/// headers.
#[derive(Debug)]
pub struct RequestBody<B>(Request<B>);

#[derive(Debug)]
enum Request<B> {
    Whole { bytes: Option<Bytes>, _held: Held },
    Stream { body: B, expiry: Option<Pin<Box<Sleep>>> },
    Ended,
}

impl<B> RequestBody<B> {
    pub(crate) fn whole(bytes: Bytes, held: Held) -> Self {
        let bytes = (!bytes.is_empty()).then_some(bytes);
        Self(Request::Whole { bytes, _held: held })
    }

    pub(crate) fn stream(body: B) -> Self {
        Self(Request::Stream { body, expiry: None })
    }

    /// Ends a stream at this time: what the caller sends later does not reach the inner service.
    pub(crate) fn end_at(&mut self, deadline: Instant) {
        if let Request::Stream { expiry, .. } = &mut self.0 {
            *expiry = Some(Box::pin(sleep_until(deadline)));
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match &mut self.0 {
            Request::Whole { bytes, .. } => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Request::Stream { body, expiry } => {
                let expired = expiry.as_mut().is_some_and(|expiry| expiry.as_mut().poll(context).is_ready());
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
            Request::Whole { bytes, .. } => bytes.is_none(),
            Request::Stream { body, .. } => body.is_end_stream(),
            Request::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Request::Whole { bytes, .. } => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX)))
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
    Inner { body: R, expiry: Option<Pin<Box<Sleep>>> },
    Ended,
}

impl<R> ResponseBody<R> {
    pub(crate) fn new(body: R, deadline: Option<Instant>) -> Self {
        let expiry = deadline.map(|deadline| Box::pin(sleep_until(deadline)));
        Self(Response::Inner { body, expiry })
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
        if expiry.as_mut().is_some_and(|expiry| expiry.as_mut().poll(context).is_ready()) {
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
