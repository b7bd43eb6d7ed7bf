//! Verifications that are under way.

use std::{
    collections::HashMap,
    future::Future,
    hash::BuildHasher as _,
    sync::{Arc, Mutex, PoisonError},
};

use foldhash::fast::RandomState;
use temporal_authz::ClaimError;
use tokio::sync::OnceCell;

use super::verified::Verified;

type Answer = Result<Arc<Verified>, ClaimError>;

/// Of simultaneous callers with one token, one verifies and the others wait.
#[derive(Default)]
pub(super) struct Pending {
    hasher: RandomState,
    /// By the hash of the whole token, which is long, and hashed once for coming and going. Should two have the same, the second
    /// is verified beside the first, by each of its callers.
    list: Mutex<HashMap<u64, Waiting, RandomState>>,
}

/// Those who wait for one verification.
struct Waiting {
    token: Box<[u8]>,
    cell: Arc<OnceCell<Answer>>,
    callers: usize,
}

impl Pending {
    /// What `verify` makes of the token, here or at another caller who came first. When that one goes away, the next of
    /// those who wait takes over. An answer is for those who wait for it, and for nobody who comes later.
    pub(super) async fn answer(&self, token: &[u8], verify: impl Future<Output = Answer>) -> Answer {
        let part = self.part(self.hasher.hash_one(token), token);
        part.cell.get_or_init(|| verify).await.clone()
    }

    fn part(&self, hash: u64, token: &[u8]) -> Part<'_> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
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
        let mut list = self.pending.list.lock().unwrap_or_else(PoisonError::into_inner);
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
        let mut first = Box::pin(pending.answer(token, async { told.await.unwrap() }));
        let mut second = Box::pin(pending.answer(token, std::future::pending()));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        tell.send(refused()).ok().unwrap();
        assert!(first.await.is_err());
        // The second has not looked at its answer yet, and a third is not given it.
        let third = pending.answer(token, async { Ok(verified("token", None)) });
        assert!(third.now_or_never().unwrap().is_ok());
        assert!(second.now_or_never().unwrap().is_err());
        assert!(pending.list.lock().unwrap().is_empty());
        // Nor is one that comes before anybody has left.
        let (old, new) = (pending.part(7, token), pending.part(7, token));
        assert!(Arc::ptr_eq(&old.cell, &new.cell));
        old.cell.set(refused()).ok().unwrap();
        assert!(!Arc::ptr_eq(&old.cell, &pending.part(7, token).cell));
    }

    #[test]
    fn tokens_with_one_hash_are_verified_beside_each_other() {
        let pending = Pending::default();
        let (one, same) = (pending.part(7, b"one"), pending.part(7, b"one"));
        let (other, another) = (pending.part(7, b"other"), pending.part(7, b"other"));
        assert!(Arc::ptr_eq(&one.cell, &same.cell));
        for beside in [&other, &another] {
            assert!(!Arc::ptr_eq(&one.cell, &beside.cell), "no answer is another token's");
        }
        drop((other, another));
        assert_eq!(pending.list.lock().unwrap()[&7].callers, 2);
        drop((one, same));
        assert!(pending.list.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn whoever_waits_takes_over_from_one_that_goes_away() {
        let (pending, token) = (Pending::default(), b"token");
        let mut first = Box::pin(pending.answer(token, std::future::pending()));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(pending.answer(token, async { Ok(verified("token", None)) }));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert!(second.now_or_never().unwrap().is_ok());
        assert!(pending.list.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn whoever_waits_takes_over_from_one_that_panics() {
        let (pending, token) = (Pending::default(), b"token");
        let (tell, told) = oneshot::channel::<()>();
        let mut first = Box::pin(pending.answer(token, async {
            let _ = told.await;
            panic!("on purpose")
        }));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(pending.answer(token, async { Ok(verified("token", None)) }));
        assert!(second.as_mut().now_or_never().is_none());
        drop(tell);
        assert!(AssertUnwindSafe(&mut first).catch_unwind().await.is_err());
        drop(first);
        assert!(second.now_or_never().unwrap().is_ok());
        assert!(pending.list.lock().unwrap().is_empty());
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
            assert!(pending.list.lock().unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn nothing_is_left_of_callers_that_all_go_away() {
        let pending = Pending::default();
        let tokens: Vec<_> = (0..3).map(|number| format!("token {number}").into_bytes()).collect();
        let mut waiting: Vec<_> =
            tokens.iter().chain(&tokens).map(|token| Box::pin(pending.answer(token, std::future::pending()))).collect();
        for answer in &mut waiting {
            assert!(answer.as_mut().now_or_never().is_none());
        }
        assert_eq!(pending.list.lock().unwrap().len(), 3);
        drop(waiting);
        assert!(pending.list.lock().unwrap().is_empty());
    }
}
