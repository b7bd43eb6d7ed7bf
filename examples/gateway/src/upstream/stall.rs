//! Callers that stop reading.
//!
//! What the upstream sends and a caller does not take lies in the window of the connection that all calls share. hyper asks an answer
//! for its next frame only when the caller has room for it, so an answer that was not asked again for a while is stalled; it is
//! dropped, which frees its part of the window. An answer that waits for the upstream (a long poll) was asked, and is left alone.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as _, Frame};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::failure::Failure;

/// The answers that one connection is delivering.
#[derive(Debug, Default)]
pub(super) struct Readers {
    next: AtomicU64,
    answers: Mutex<HashMap<u64, Arc<Answer>>>,
}

/// One answer, as its caller holds it.
#[derive(Debug)]
pub(super) struct Reading {
    id: u64,
    answer: Arc<Answer>,
    readers: Arc<Readers>,
}

/// Empty when it was given up.
#[derive(Debug)]
struct Answer(Mutex<Option<Live>>);

#[derive(Debug)]
struct Live {
    incoming: Incoming,
    /// When a message was handed over and the next one not yet asked for.
    handed_over: Option<Instant>,
}

impl Readers {
    /// Takes an answer in; it is forgotten when the returned value is dropped.
    pub(super) fn read(self: &Arc<Self>, incoming: Incoming) -> Reading {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let live = Live { incoming, handed_over: None };
        let answer = Arc::new(Answer(Mutex::new(Some(live))));
        locked(&self.answers).insert(id, Arc::clone(&answer));
        Reading { id, answer, readers: Arc::clone(self) }
    }

    /// Gives up every answer that has lain unread for `limit`, and says how many.
    pub(super) fn give_up_stalled(&self, limit: Duration) -> usize {
        let stalled: Vec<Live> = locked(&self.answers)
            .values()
            .filter_map(|answer| {
                locked(&answer.0).take_if(|live| live.handed_over.is_some_and(|since| since.elapsed() >= limit))
            })
            .collect();
        stalled.len()
    }
}

impl Reading {
    /// The next frame of the answer, or why there is none.
    pub(super) fn poll_frame(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let mut answer = locked(&self.answer.0);
        let Some(live) = answer.as_mut() else {
            return Poll::Ready(Some(Err(Failure::Unread)));
        };
        let polled = Pin::new(&mut live.incoming).poll_frame(cx);
        live.handed_over = polled.is_ready().then(Instant::now);
        polled.map_err(|error| Failure::of(&error))
    }

    /// Whether the answer has been delivered whole.
    pub(super) fn is_end_stream(&self) -> bool {
        locked(&self.answer.0).as_ref().is_some_and(|live| live.incoming.is_end_stream())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        locked(&self.readers.answers).remove(&self.id);
    }
}

/// Nothing in this file leaves a value half changed, so a poisoned lock is as good as a whole one.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
