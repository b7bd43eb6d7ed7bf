//! Connections that write less often.
//!
//! On tokio's threads a task that another one wakes runs next, before those that were ready earlier. A connection that is woken for
//! the frames of one call would write them at once, and again those of the next: a system call for each. One that lets
//! all others run first that are ready finds the frames of all of them, and writes them together.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use hyper::rt::Executor;

/// A future that runs after all that is ready when it is woken.
pub(crate) struct Last<F> {
    inner: F,
    has_waited: bool,
}

impl<F> Last<F> {
    pub(crate) fn new(inner: F) -> Self {
        Self { inner, has_waited: false }
    }
}

impl<F: Future + Unpin> Future for Last<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.has_waited = !self.has_waited;
        if self.has_waited {
            // A task that wakes itself goes to the end of the queue.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll(context)
    }
}

/// For a client connection of hyper, whose first task is the one that reads and writes; the others are of one call each.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionLast(Arc<AtomicBool>);

impl<F> Executor<F> for ConnectionLast
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, future: F) {
        if self.0.swap(true, Ordering::Relaxed) {
            tokio::spawn(future);
        } else {
            tokio::spawn(Last::new(Box::pin(future)));
        }
    }
}
