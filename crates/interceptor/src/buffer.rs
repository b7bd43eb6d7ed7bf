//! Reading a request's body, bounded in size and time.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use temporal_authz::Reason;

use crate::{Limits, budget::Held, request::PREFIX_BYTES};

/// The whole body of a unary call. A body that came in one frame, as most do, is not copied.
pub(crate) async fn read<B>(body: &mut B, limits: &Limits, held: &mut Held) -> Result<Bytes, Reason>
where
    B: Body<Data = Bytes> + Unpin,
{
    let limit = limits.max_request_bytes.saturating_add(PREFIX_BYTES);
    let mut buffer = Buffer::default();
    let mut read = |context: &mut Context<'_>| buffer.poll(body, context, limit, held);
    // Most bodies are there already, and need no timer.
    if let Poll::Ready(whole) = poll_fn(|context| Poll::Ready(read(context))).await {
        return whole;
    }
    Box::pin(tokio::time::timeout(limits.request_timeout, poll_fn(read))).await.unwrap_or(Err(Reason::RequestTimeout))
}

/// What has arrived so far.
#[derive(Default)]
struct Buffer {
    first: Bytes,
    rest: BytesMut,
}

impl Buffer {
    /// Takes what there is. Ready at the end of the body, with all of it.
    fn poll<B>(
        &mut self,
        body: &mut B,
        cx: &mut Context<'_>,
        limit: usize,
        held: &mut Held,
    ) -> Poll<Result<Bytes, Reason>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        while let Some(frame) = ready!(Pin::new(&mut *body).poll_frame(cx)) {
            // An error here is a caller that went away in the middle of its request.
            let Ok(frame) = frame else { return Poll::Ready(Err(Reason::UndecodableRequest)) };
            let Ok(data) = frame.into_data() else { continue };
            if self.len().saturating_add(data.len()) > limit {
                return Poll::Ready(Err(Reason::RequestTooLarge));
            }
            if !held.take(data.len()) {
                return Poll::Ready(Err(Reason::Overloaded));
            }
            if self.first.is_empty() {
                self.first = data;
            } else {
                self.rest.extend_from_slice(&data);
            }
        }
        Poll::Ready(Ok(self.take()))
    }

    fn len(&self) -> usize {
        self.first.len().saturating_add(self.rest.len())
    }

    fn take(&mut self) -> Bytes {
        let first = std::mem::take(&mut self.first);
        if self.rest.is_empty() {
            return first;
        }
        let mut whole = BytesMut::with_capacity(first.len().saturating_add(self.rest.len()));
        whole.extend_from_slice(&first);
        whole.extend_from_slice(&self.rest);
        whole.freeze()
    }
}
