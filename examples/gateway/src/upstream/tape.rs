//! The request body on its way out, and once more if it comes to that.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::Reason;
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;

type BoxError = Box<dyn Error + Send + Sync>;

/// Messages that are kept until the answer begins, in bytes of one call. A call with more is not sent again.
const KEPT: usize = 256 << 10;

/// A request body as hyper takes it. It ends at the last message: gRPC requests have no trailers, so none pass. An error (the caller
/// has gone, or what stands before the relay gave up) resets the upstream's stream with CANCEL.
pub(super) struct RequestBody {
    tape: Arc<Mutex<Tape<dyn Body<Data = Bytes, Error = BoxError> + Send + Unpin>>>,
    run: u32,
    /// Frames that this run has sent.
    sent: usize,
}

/// The means to send a body again from its beginning.
pub(super) struct Rewind(RequestBody);

struct Tape<B: ?Sized> {
    /// Only the body of this run reads on; hyper may still hold an earlier one.
    run: u32,
    /// What was read so far; `None` when that cannot be sent again.
    kept: Option<Vec<Bytes>>,
    bytes: usize,
    ended: bool,
    body: B,
}

impl RequestBody {
    pub(super) fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        let tape = Tape { run: 0, kept: Some(Vec::new()), bytes: 0, ended: false, body: body.map_err(Into::into) };
        Self { tape: Arc::new(Mutex::new(tape)), run: 0, sent: 0 }
    }

    pub(super) fn rewind(&self) -> Rewind {
        Rewind(Self { tape: Arc::clone(&self.tape), run: 0, sent: 0 })
    }

    fn tape(&self) -> MutexGuard<'_, Tape<dyn Body<Data = Bytes, Error = BoxError> + Send + Unpin>> {
        // A body that panicked is not read on: its caller has been told by then.
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rewind {
    /// The body from its beginning, if all that was sent of it is still here. The former one is dead from now on.
    pub(super) fn again(&self) -> Option<RequestBody> {
        let mut tape = self.0.tape();
        tape.kept.as_ref()?;
        tape.run = tape.run.wrapping_add(1);
        Some(RequestBody { tape: Arc::clone(&self.0.tape), run: tape.run, sent: 0 })
    }

    /// The answer has begun: nothing will be sent again.
    pub(super) fn forget(self) {
        self.0.tape().kept = None;
    }
}

impl<B: Body<Data = Bytes, Error = BoxError> + Unpin + ?Sized> Tape<B> {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Reason>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let data = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            Some(Ok(frame)) => frame.into_data().ok(),
            None => None,
            Some(Err(_)) => {
                self.kept = None;
                return Poll::Ready(Some(Err(Reason::CANCEL)));
            }
        };
        let Some(data) = data else {
            self.ended = true;
            return Poll::Ready(None);
        };
        self.bytes = self.bytes.saturating_add(data.len());
        match &mut self.kept {
            Some(kept) if self.bytes <= KEPT => kept.push(data.clone()),
            kept => *kept = None,
        }
        Poll::Ready(Some(Ok(data)))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    // hyper resets the stream with the reason that it finds in here.
    type Error = h2::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let mut tape = self.tape();
        if tape.run != self.run {
            return Poll::Ready(Some(Err(Reason::CANCEL.into())));
        }
        let kept = tape.kept.as_ref().and_then(|kept| kept.get(self.sent)).cloned();
        let next = match kept {
            Some(kept) => Some(Ok(kept)),
            None => ready!(tape.poll_next(cx)),
        };
        drop(tape);
        self.sent = self.sent.saturating_add(1);
        Poll::Ready(next.map(|data| data.map(Frame::data).map_err(h2::Error::from)))
    }

    fn is_end_stream(&self) -> bool {
        let tape = self.tape();
        let all = tape.kept.as_ref().is_none_or(|kept| self.sent >= kept.len());
        all && (tape.ended || tape.body.is_end_stream())
    }

    // No `size_hint`: hyper would make a content-length of an exact one, which gRPC does not send.
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").field("run", &self.run).field("sent", &self.sent).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::StreamBody;

    use super::*;

    fn body(chunks: &[&[u8]]) -> RequestBody {
        let frames: Vec<_> =
            chunks.iter().map(|chunk| Ok::<_, BoxError>(Frame::data(Bytes::copy_from_slice(chunk)))).collect();
        RequestBody::new(StreamBody::new(stream::iter(frames)))
    }

    async fn next(body: &mut RequestBody) -> Option<Result<Bytes, Option<Reason>>> {
        let frame = body.frame().await?;
        Some(frame.map(|frame| frame.into_data().unwrap()).map_err(|error| error.reason()))
    }

    #[tokio::test]
    async fn a_body_can_be_sent_again_from_any_point() {
        let mut first = body(&[b"a", b"b", b"c"]);
        let rewind = first.rewind();
        assert_eq!(next(&mut first).await, Some(Ok("a".into())));
        assert_eq!(next(&mut first).await, Some(Ok("b".into())));

        let mut second = rewind.again().unwrap();
        assert_eq!(next(&mut first).await, Some(Err(Some(Reason::CANCEL))), "the former one is dead");
        for expected in ["a", "b", "c"] {
            assert!(!second.is_end_stream());
            assert_eq!(next(&mut second).await, Some(Ok(expected.into())));
        }
        assert_eq!(next(&mut second).await, None);
        assert!(second.is_end_stream());

        let mut third = rewind.again().unwrap();
        assert!(!third.is_end_stream());
        assert_eq!(next(&mut third).await, Some(Ok("a".into())));
    }

    #[tokio::test]
    async fn what_is_too_long_or_broken_is_not_sent_again() {
        let mut long = body(&[&vec![0; KEPT], b"x"]);
        let rewind = long.rewind();
        assert!(next(&mut long).await.unwrap().is_ok());
        assert!(rewind.again().is_some());
        let mut long = rewind.again().unwrap();
        assert!(next(&mut long).await.unwrap().is_ok());
        assert!(next(&mut long).await.unwrap().is_ok());
        assert!(rewind.again().is_none());

        let frames = [Ok(Frame::data(Bytes::from_static(b"a"))), Err(BoxError::from("gone"))];
        let mut broken = RequestBody::new(StreamBody::new(stream::iter(frames)));
        let rewind = broken.rewind();
        assert!(next(&mut broken).await.unwrap().is_ok());
        assert_eq!(next(&mut broken).await, Some(Err(Some(Reason::CANCEL))));
        assert!(rewind.again().is_none(), "half a request must not pass for a whole one");
    }
}
