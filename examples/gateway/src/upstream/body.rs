//! The body of an answer.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use hyper::body::Incoming;

use super::stall::{Readers, Reading};

/// The body of an answer: the upstream's messages and trailers as they come, or nothing. When the upstream breaks off, the body ends
/// with trailers that say so, never with an error: a caller gets a status whatever happens.
#[derive(Debug, Default)]
pub struct Body(Option<Reading>);

impl Body {
    pub(super) fn relay(incoming: Incoming, readers: &Arc<Readers>) -> Self {
        Self((!incoming.is_end_stream()).then(|| readers.read(incoming)))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(reading) = &self.0 else {
            return Poll::Ready(None);
        };
        let frame = match ready!(reading.poll_frame(cx)) {
            Some(Ok(frame)) if frame.is_data() => return Poll::Ready(Some(Ok(frame))),
            Some(Ok(trailers)) => Some(Ok(trailers)),
            Some(Err(failure)) => Some(Ok(Frame::trailers(failure.into_trailers()))),
            None => None,
        };
        self.0 = None;
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Reading::is_end_stream)
    }
}
