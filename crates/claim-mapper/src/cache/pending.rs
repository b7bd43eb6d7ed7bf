//! Verifications that are under way.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use foldhash::fast::RandomState;
use temporal_authz::ClaimError;
use tokio::sync::OnceCell;

use super::verified::Verified;

type Answer = Result<Arc<Verified>, ClaimError>;

/// Of simultaneous callers with one token, one verifies and the others wait. Those tokens are kept by their hashes: one whose
/// place another has taken is verified beside it, by each of its callers.
#[derive(Default)]
pub(super) struct Pending(Mutex<HashMap<u64, Waiting, RandomState>>);

/// Those who wait for one verification.
struct Waiting {
    token: Box<[u8]>,
    cell: Arc<OnceCell<Answer>>,
    callers: usize,
}

impl Pending {
    /// What `verify` makes of the token with this hash, here or at another caller who came first. When that one goes away, the next of
    /// those who wait takes over. An answer is for those who wait for it, and for nobody who comes later.
    pub(super) async fn answer(&self, hash: u64, token: &[u8], verify: impl Future<Output = Answer>) -> Answer {
        let part = self.part(hash, token);
        part.cell.get_or_init(|| verify).await.clone()
    }

    fn part(&self, hash: u64, token: &[u8]) -> Part<'_> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = match list.get_mut(&hash).filter(|waiting| !waiting.cell.initialized()) {
            Some(waiting) if *waiting.token == *token => {
                waiting.callers = waiting.callers.saturating_add(1);
                Arc::clone(&waiting.cell)
            }
            Some(_) => Arc::default(),
            None => {
                let cell = Arc::default();
                list.insert(hash, Waiting { token: token.into(), cell: Arc::clone(&cell), callers: 1 });
                cell
            }
        };
        Part { pending: self, hash, cell }
    }
}

/// One caller's part in a verification.
struct Part<'p> {
    pending: &'p Pending,
    hash: u64,
    cell: Arc<OnceCell<Answer>>,
}

impl Drop for Part<'_> {
    /// Whoever leaves first with an answer, or last without one, ends it.
    fn drop(&mut self) {
        let mut list = self.pending.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = list.get_mut(&self.hash).filter(|waiting| Arc::ptr_eq(&waiting.cell, &self.cell));
        let Some(waiting) = own else { return };
        waiting.callers = waiting.callers.saturating_sub(1);
        if waiting.callers == 0 || waiting.cell.initialized() {
            list.remove(&self.hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{panic::AssertUnwindSafe, sync::Barrier, thread};

    use futures_util::FutureExt as _;
    use temporal_authz::Reason;
    use tokio::sync::oneshot;

    use super::*;
    use crate::cache::testing::verified;

    fn refused() -> Answer {
        Err(ClaimError::rejected(Reason::BadSignature))
    }

    #[tokio::test]
    async fn a_failure_is_for_those_who_wait_and_nobody_else() {
        let (pending, token) = (Pending::default(), b"token");
        let (tell, told) = oneshot::channel();
        let mut first = Box::pin(pending.answer(7, token, async { told.await.unwrap() }));
        let mut second = Box::pin(pending.answer(7, token, std::future::pending()));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        tell.send(refused()).ok().unwrap();
        assert!(first.await.is_err());
        // The second has not looked at its answer yet, and a third is not given it.
        let third = pending.answer(7, token, async { Ok(verified("token", None)) });
        assert!(third.now_or_never().unwrap().is_ok());
        assert!(second.now_or_never().unwrap().is_err());
        assert!(pending.0.lock().unwrap().is_empty());
        // Nor is one that comes before anybody has left.
        let (old, new) = (pending.part(7, token), pending.part(7, token));
        assert!(Arc::ptr_eq(&old.cell, &new.cell));
        old.cell.set(refused()).ok().unwrap();
        assert!(!Arc::ptr_eq(&old.cell, &pending.part(7, token).cell));
    }

    #[tokio::test]
    async fn tokens_with_one_hash_are_verified_beside_each_other() {
        let (pending, one, other) = (Pending::default(), b"one", b"other");
        let mut first = Box::pin(pending.answer(7, one, std::future::pending()));
        assert!(first.as_mut().now_or_never().is_none());
        for _ in 0..2 {
            let second = pending.answer(7, other, async { Ok(verified("other", None)) });
            assert_eq!(second.now_or_never().unwrap().unwrap().token(), other);
            assert_eq!(pending.0.lock().unwrap().len(), 1, "the first still waits");
        }
        drop(first);
        assert!(pending.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn whoever_waits_takes_over_from_one_that_goes_away() {
        let (pending, token) = (Pending::default(), b"token");
        let mut first = Box::pin(pending.answer(7, token, std::future::pending()));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(pending.answer(7, token, async { Ok(verified("token", None)) }));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert!(second.now_or_never().unwrap().is_ok());
        assert!(pending.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn whoever_waits_takes_over_from_one_that_panics() {
        let (pending, token) = (Pending::default(), b"token");
        let (tell, told) = oneshot::channel::<()>();
        let mut first = Box::pin(pending.answer(7, token, async {
            let _ = told.await;
            panic!("on purpose")
        }));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(pending.answer(7, token, async { Ok(verified("token", None)) }));
        assert!(second.as_mut().now_or_never().is_none());
        drop(tell);
        assert!(AssertUnwindSafe(&mut first).catch_unwind().await.is_err());
        drop(first);
        assert!(second.now_or_never().unwrap().is_ok());
        assert!(pending.0.lock().unwrap().is_empty());
    }

    #[test]
    fn nothing_is_left_of_callers_that_go_away_at_once() {
        let (pending, token) = (Pending::default(), b"token");
        for _ in 0..2_000 {
            let gate = Barrier::new(4);
            thread::scope(|scope| {
                for _ in 0..4 {
                    let (part, gate) = (pending.part(7, token), &gate);
                    scope.spawn(move || {
                        gate.wait();
                        drop(part);
                    });
                }
            });
            assert!(pending.0.lock().unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn nothing_is_left_of_callers_that_all_go_away() {
        let pending = Pending::default();
        let tokens: Vec<_> = (0..3).map(|number| (number, format!("token {number}").into_bytes())).collect();
        let mut waiting = Vec::new();
        for (hash, token) in tokens.iter().chain(&tokens) {
            waiting.push(Box::pin(pending.answer(*hash, token, std::future::pending())));
        }
        for answer in &mut waiting {
            assert!(answer.as_mut().now_or_never().is_none());
        }
        assert_eq!(pending.0.lock().unwrap().len(), 3);
        drop(waiting);
        assert!(pending.0.lock().unwrap().is_empty());
    }
}
