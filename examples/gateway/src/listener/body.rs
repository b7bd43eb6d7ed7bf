//! The body of an answer, cut short when the drain is over.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

use super::phase::{Watch, shutting_down};

pub(super) type Expired = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The body `B`, or as much of it as came before the drain was over, and then trailers that say UNAVAILABLE.
pub struct DrainBody<B> {
    running: Option<Running<B>>,
}

struct Running<B> {
    body: B,
    watch: Watch,
    expired: Expired,
}

impl<B> DrainBody<B> {
    pub(super) fn new(body: B, watch: Watch, expired: Expired) -> Self {
        let running = Some(Running { body, watch, expired });
        Self { running }
    }
}

impl<B> Default for DrainBody<B> {
    fn default() -> Self {
        Self { running: None }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for DrainBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Some(running) = &mut self.running else {
            return Poll::Ready(None);
        };
        // A body that always has a frame must end too, and one that has none must be woken.
        if !running.watch.is_expired() {
            let polled = Pin::new(&mut running.body).poll_frame(cx);
            if polled.is_ready() || running.expired.as_mut().poll(cx).is_pending() {
                return polled;
            }
        }
        self.running = None;
        let mut trailers = HeaderMap::with_capacity(2);
        // Fails for details that are no header value; there are none.
        let _ = shutting_down().add_header(&mut trailers);
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.running.as_ref().is_none_or(|running| running.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.running.as_ref().map_or_else(SizeHint::default, |running| running.body.size_hint())
    }
}

impl<B> fmt::Debug for DrainBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainBody").field("running", &self.running.is_some()).finish()
    }
}
