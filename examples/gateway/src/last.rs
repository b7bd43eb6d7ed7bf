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

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc::unbounded_channel, oneshot};

    use super::*;

    /// On a thread of tokio's multi-threaded runtime: only those run a task that was woken before the others.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn what_is_ready_goes_before_a_connection_that_is_woken() {
        for (connection_is_last, expected) in
            [(false, ["connection", "one", "two"]), (true, ["one", "two", "connection"])]
        {
            let (said, mut order) = unbounded_channel();
            let (wake, woken) = oneshot::channel();
            let (sleeps, asleep) = oneshot::channel();
            let says = |name| {
                let said = said.clone();
                async move { said.send(name).unwrap() }
            };
            let spoken = says("connection");
            let connection = Box::pin(async move {
                sleeps.send(()).unwrap();
                woken.await.unwrap();
                spoken.await;
            });
            if connection_is_last {
                tokio::spawn(Last::new(connection));
            } else {
                tokio::spawn(connection);
            }
            asleep.await.unwrap();
            let (one, two) = (says("one"), says("two"));
            tokio::spawn(async move {
                tokio::spawn(one);
                tokio::spawn(two);
                wake.send(()).unwrap();
            });
            for name in expected {
                assert_eq!(order.recv().await, Some(name), "last: {connection_is_last}");
            }
        }
    }
}
