//! A plug-in's future, held to its time and kept from unwinding into the server.

use std::{
    fmt,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

/// Waits for a time to pass, on whatever runtime there is. This crate has none of its own.
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// A future that ends after `duration`.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Why a plug-in gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupted {
    Panicked,
    TimedOut,
}

impl Interrupted {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Panicked => "it panicked",
            Self::TimedOut => "it took too long",
        }
    }
}

/// What `future` answers, unless it panics or takes longer than `limit`. A future that is ready at once costs no timer.
pub(crate) async fn bounded<T>(
    future: impl Future<Output = T>,
    timer: Option<&dyn Timer>,
    limit: Duration,
) -> Result<T, Interrupted> {
    let mut future = pin!(future);
    let mut sleep = None;
    poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Err(_) => return Poll::Ready(Err(Interrupted::Panicked)),
            Ok(Poll::Ready(answer)) => return Poll::Ready(Ok(answer)),
            Ok(Poll::Pending) => {}
        }
        let Some(timer) = timer else { return Poll::Pending };
        let sleep = sleep.get_or_insert_with(|| timer.sleep(limit));
        sleep.as_mut().poll(context).map(|()| Err(Interrupted::TimedOut))
    })
    .await
}

/// What `question` answers, unless it panics.
#[inline]
pub(crate) fn caught<T>(question: impl FnOnce() -> T) -> Result<T, Interrupted> {
    catch_unwind(AssertUnwindSafe(question)).map_err(|_| Interrupted::Panicked)
}
