//! Reading a request's body, bounded in size and time.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use temporal_authz::Reason;

use crate::budget::Held;

/// The body of a unary call, as far as it has arrived. A body that came in one frame, as most do, is not copied.
#[derive(Debug)]
pub(crate) struct Arriving {
    first: Bytes,
    rest: BytesMut,
    is_whole: bool,
    held: Held,
    limit: usize,
}

impl Arriving {
    /// Nothing yet of at most so many bytes.
    pub(crate) fn new(held: Held, limit: usize) -> Self {
        Self { first: Bytes::new(), rest: BytesMut::new(), is_whole: false, held, limit }
    }

    /// Takes what has come. True when that is all, and little enough not to keep the connection's other calls waiting while
    /// it is judged: at most 64 KiB, not compressed.
    #[inline]
    pub(crate) fn is_here<B>(&mut self, body: &mut B) -> Result<bool, Reason>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        const LITTLE: usize = 64 << 10;
        match self.poll(body, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => Ok(self.first.first() == Some(&0) && self.len() <= LITTLE),
            Poll::Ready(Err(reason)) => Err(reason),
            Poll::Pending => Ok(false),
        }
    }

    /// Waits until all of it is here.
    pub(crate) async fn wait<B>(&mut self, body: &mut B, limit: Duration) -> Result<(), Reason>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let mut poll = |context: &mut Context<'_>| self.poll(body, context);
        // Most bodies are there already, and need no timer.
        if let Poll::Ready(here) = poll_fn(|context| Poll::Ready(poll(context))).await {
            return here;
        }
        tokio::time::timeout(limit, poll_fn(poll)).await.unwrap_or(Err(Reason::RequestTimeout))
    }

    #[inline]
    fn poll<B>(&mut self, body: &mut B, context: &mut Context<'_>) -> Poll<Result<(), Reason>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        while !self.is_whole {
            match ready!(Pin::new(&mut *body).poll_frame(context)) {
                Some(Ok(frame)) => frame.into_data().map_or(Ok(()), |data| self.add(data))?,
                // A caller that went away in the middle of its request.
                Some(Err(_)) => return Poll::Ready(Err(Reason::UndecodableRequest)),
                None => self.is_whole = true,
            }
        }
        Poll::Ready(Ok(()))
    }

    #[inline]
    fn add(&mut self, data: Bytes) -> Result<(), Reason> {
        if self.len().saturating_add(data.len()) > self.limit {
            return Err(Reason::RequestTooLarge);
        }
        if !self.held.take(data.len()) {
            return Err(Reason::Overloaded);
        }
        if self.first.is_empty() {
            self.first = data;
        } else {
            self.rest.extend_from_slice(&data);
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.first.len().saturating_add(self.rest.len())
    }

    /// All that has arrived, and the hold on it.
    #[inline]
    pub(crate) fn into_parts(self) -> (Bytes, Held) {
        if self.rest.is_empty() {
            return (self.first, self.held);
        }
        let mut whole = BytesMut::with_capacity(self.len());
        whole.extend_from_slice(&self.first);
        whole.extend_from_slice(&self.rest);
        (whole.freeze(), self.held)
    }
}
