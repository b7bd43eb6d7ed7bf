//! The way into a connection.
//!
//! hyper passes requests to the task that drives a connection through a channel. A request that is put in while that task ends, too
//! late to be found when the channel is emptied and too early to be turned back, lies there until the last `SendRequest` is gone
//! (hyperium/hyper#4122, tokio-rs/tokio#7714), and its caller would wait for as long as anybody holds one. So a connection has one
//! `SendRequest`, used under a lock, and its driver takes that away before it lets go of the other end.

use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http2::SendRequest},
};

type One<B> = Mutex<Option<SendRequest<B>>>;

/// An answer, or why there is none: with the request, if it never left.
type Answer<B> = Result<Response<Incoming>, TrySendError<Request<B>>>;

/// Sends on a connection. It stays open while there is a clone, or a call on it.
#[derive(Debug)]
pub(super) struct Sender<B>(Arc<One<B>>);

impl<B: http_body::Body + 'static> Sender<B> {
    /// A sender on a connection with this `driver`, and the driver to run in its place.
    pub(super) fn new<D: Future>(
        one: SendRequest<B>,
        driver: D,
    ) -> (Self, impl Future<Output = D::Output> + use<B, D>) {
        let one = Arc::new(Mutex::new(Some(one)));
        let closer = Closer(Arc::downgrade(&one));
        let driver = async move {
            let mut driver = pin!(driver);
            let ended = driver.as_mut().await;
            // Before the driver goes, and with it the other end.
            drop(closer);
            ended
        };
        (Self(one), driver)
    }

    /// The answer to come, or the request if the connection is closed.
    #[allow(clippy::result_large_err, reason = "a request is handed back, as hyper does it")]
    pub(super) fn send(&self, request: Request<B>) -> Result<impl Future<Output = Answer<B>> + use<B>, Request<B>> {
        match locked(&self.0).as_mut() {
            Some(one) => Ok(one.try_send_request(request)),
            None => Err(request),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        locked(&self.0).as_ref().is_none_or(SendRequest::is_closed)
    }
}

impl<B> Clone for Sender<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// From its end on nothing is sent. (Should the driver panic, this goes after it, and what still lies in the channel with it.)
struct Closer<B>(Weak<One<B>>);

impl<B> Drop for Closer<B> {
    fn drop(&mut self) {
        if let Some(one) = self.0.upgrade() {
            locked(&one).take();
        }
    }
}

/// Nothing here leaves a value half changed.
fn locked<B>(one: &One<B>) -> MutexGuard<'_, Option<SendRequest<B>>> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use bytes::Bytes;
    use futures_util::future::join_all;
    use http_body_util::Empty;
    use hyper::client::conn::http2::handshake;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use tokio::time::timeout;

    use super::*;

    /// The moment is short: without the guard about one round in two hundred has a call that never ends.
    const ROUNDS: usize = 300;
    /// More than there are processors, so that some stand still half way.
    const THREADS: usize = 8;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_request_that_meets_the_end_of_its_connection_comes_back() {
        for round in 0..ROUNDS {
            let (io, upstream) = tokio::io::duplex(1 << 16);
            let (one, driver) = handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(io)).await.unwrap();
            let (sender, driver) = Sender::new(one, driver);
            let driven = tokio::spawn(driver);
            let callers: Vec<_> = (0..THREADS).map(|_| call_until_closed(sender.clone())).collect();
            tokio::task::yield_now().await;
            drop(upstream);
            let _ = driven.await.unwrap();
            for caller in callers {
                let answers = caller.join().unwrap();
                let sent = answers.len();
                let ends = timeout(Duration::from_secs(10), join_all(answers)).await;
                let ends = ends.unwrap_or_else(|_| panic!("round {round}: one of {sent} calls has no end"));
                assert!(ends.iter().all(Result::is_err));
            }
        }
    }

    fn call_until_closed<B: http_body::Body + Default + Send + 'static>(
        sender: Sender<B>,
    ) -> thread::JoinHandle<Vec<impl Future<Output = Answer<B>>>> {
        thread::spawn(move || {
            let mut answers = Vec::new();
            while !sender.is_closed() {
                let request = Request::post("http://upstream.example/").body(B::default()).unwrap();
                answers.extend(sender.send(request).ok());
            }
            answers
        })
    }
}
