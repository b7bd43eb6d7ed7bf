//! The cache itself: moka, with a small table in front.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use foldhash::fast::RandomState;
use moka::{Expiry, future::Cache};
use temporal_authz::ClaimError;

use super::{front::Front, limits::CacheLimits, verified::Verified};
use crate::clock::{Clock, unix_seconds};

/// Longest time that an entry is kept; a token without `exp` is verified again then.
const MAX_AGE: Duration = Duration::from_secs(3600);

/// Verified tokens by their whole text. Bounded; what has expired goes by itself. Failures are not kept.
pub(crate) struct VerifiedCache {
    store: Cache<Arc<str>, Arc<Verified>, RandomState>,
    front: Arc<Front>,
}

impl VerifiedCache {
    pub(crate) fn new(limits: CacheLimits, clock: Arc<dyn Clock>) -> Self {
        let front = Arc::new(Front::new(limits.slots()));
        let evicted = Arc::clone(&front);
        let store = Cache::builder()
            .max_capacity(limits.capacity())
            .weigher(move |_, entry: &Arc<Verified>| limits.weight(entry.bytes()))
            .expire_after(UntilExpiry(clock))
            .eviction_listener(move |_, entry, _| evicted.forget(&entry))
            .build_with_hasher(RandomState::default());
        Self { store, front }
    }

    /// What `judge` says of the remembered token, without waiting.
    pub(crate) fn look<T>(&self, token: &[u8], judge: impl Fn(&Verified) -> Option<T>) -> Option<T> {
        if let Some(answer) = self.front.look(token, &judge) {
            return Some(answer);
        }
        let token = std::str::from_utf8(token).ok()?;
        let entry = at_once(self.store.get(token))??;
        let answer = judge(&entry)?;
        self.put_in_front(token, &entry);
        Some(answer)
    }

    fn put_in_front(&self, token: &str, entry: &Arc<Verified>) {
        // It may have left the store since it was there, and nobody would clear the slot again.
        if self.front.put(entry) && !self.store.contains_key(token) {
            self.front.forget(entry);
        }
    }

    /// The remembered token, or what `verify` makes of it; then the flag is true. Of simultaneous callers one verifies
    /// and the others wait; when that one is dropped, another takes over. Its failure is theirs, and is not kept.
    pub(crate) async fn get_or_verify(
        &self,
        token: &Arc<str>,
        verify: impl Future<Output = Result<Arc<Verified>, ClaimError>>,
    ) -> Result<(Arc<Verified>, bool), ClaimError> {
        match self.store.entry(Arc::clone(token)).or_try_insert_with(verify).await {
            Ok(entry) => {
                let fresh = entry.is_fresh();
                let entry = entry.into_value();
                if fresh {
                    self.put_in_front(token, &entry);
                }
                Ok((entry, fresh))
            }
            Err(error) => Err(ClaimError::clone(&error)),
        }
    }

    /// Drops a token.
    pub(crate) async fn forget(&self, token: &str) {
        self.store.invalidate(token).await;
    }
}

/// Entries expire with their tokens. That clock is monotonic: the wall clock is looked at on each use as well.
struct UntilExpiry(Arc<dyn Clock>);

impl UntilExpiry {
    fn left(&self, entry: &Verified) -> Duration {
        let now = unix_seconds(self.0.now());
        let left = entry.window.until.map(|until| u64::try_from(until.saturating_sub(now)).unwrap_or(0));
        left.map_or(MAX_AGE, |left| Duration::from_secs(left).min(MAX_AGE))
    }
}

impl Expiry<Arc<str>, Arc<Verified>> for UntilExpiry {
    fn expire_after_create(&self, _: &Arc<str>, entry: &Arc<Verified>, _: Instant) -> Option<Duration> {
        Some(self.left(entry))
    }

    /// The default would keep the time of the entry that is replaced.
    fn expire_after_update(
        &self,
        _: &Arc<str>,
        entry: &Arc<Verified>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(self.left(entry))
    }
}

/// The output of a future that is ready at once.
fn at_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "test code")]
mod tests {
    use std::sync::atomic::AtomicU64;

    use serde_json::{Map, json};
    use temporal_authz::{Claims, Reason};
    use temporal_key_provider::{Algorithm, JoseHeader, VerificationKey};

    use super::*;
    use crate::{
        clock::SystemClock,
        jwt::IssuerRules,
        token::{audience::TokenAudience, times::Window},
    };

    fn verified(token: &Arc<str>) -> Arc<Verified> {
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        });
        Arc::new(Verified {
            token: Arc::clone(token),
            claims: Claims::builder("jwt", "alice").build().unwrap(),
            window: Window { from: i64::MIN, until: None },
            audience: TokenAudience::read(&Map::new()),
            rules: Arc::new(IssuerRules { audiences: Vec::new(), algorithms: Vec::new() }),
            header: JoseHeader::new(Algorithm::EdDsa, None, None),
            key: VerificationKey::from_jwk(&jwk).unwrap(),
            generation: AtomicU64::new(0),
            claims_bytes: 0,
        })
    }

    /// Remembers a token and uses it, so that it is in the table in front as well.
    async fn remember(cache: &VerifiedCache, token: &Arc<str>) {
        let (_, fresh) = cache.get_or_verify(token, async { Ok(verified(token)) }).await.unwrap();
        assert!(fresh);
        cache.look(token.as_bytes(), |_| Some(()));
        cache.store.run_pending_tasks().await;
    }

    #[tokio::test]
    async fn what_the_limits_do_not_allow_is_dropped() {
        for (limits, most) in [
            (CacheLimits::new(10, 1 << 20), 10),
            (CacheLimits::new(1000, 20_000), 24),
            (CacheLimits::new(0, 1 << 20), 0),
            (CacheLimits::new(1000, 100), 0),
            (CacheLimits::default(), 100),
        ] {
            let cache = VerifiedCache::new(limits, Arc::new(SystemClock));
            let tokens: Vec<Arc<str>> = (0..100).map(|number| format!("token {number}").into()).collect();
            for token in &tokens {
                remember(&cache, token).await;
            }
            // Asked before the store is, which would fill it again.
            let in_front =
                tokens.iter().filter(|token| cache.front.look(token.as_bytes(), |_| Some(())).is_some()).count();
            let kept = tokens.iter().filter(|token| cache.look(token.as_bytes(), |_| Some(())).is_some()).count();
            assert!(in_front <= kept, "{in_front} of {kept} in front with {limits:?}");
            assert!(kept <= most, "{kept} kept with {limits:?}");
            assert!(kept >= most - most / 10, "{kept} kept with {limits:?}");
        }
    }

    #[tokio::test]
    async fn what_was_just_verified_is_in_both_places() {
        let cache = VerifiedCache::new(CacheLimits::default(), Arc::new(SystemClock));
        let token: Arc<str> = "token".into();
        cache.get_or_verify(&token, async { Ok(verified(&token)) }).await.unwrap();
        assert!(cache.front.look(b"token", |_| Some(())).is_some());
        assert!(cache.store.contains_key("token"));
    }

    #[tokio::test]
    async fn what_is_forgotten_is_in_neither_place() {
        let cache = VerifiedCache::new(CacheLimits::default(), Arc::new(SystemClock));
        let (one, other): (Arc<str>, Arc<str>) = ("one".into(), "other".into());
        remember(&cache, &one).await;
        remember(&cache, &other).await;
        assert!(cache.front.look(b"one", |_| Some(())).is_some());
        cache.forget(&one).await;
        assert!(cache.front.look(b"one", |_| Some(())).is_none());
        assert!(cache.look(b"one", |_| Some(())).is_none());
        assert!(cache.look(b"other", |_| Some(())).is_some());
    }

    #[test]
    fn a_slot_answers_for_exactly_its_token() {
        let front = Front::new(1);
        let (one, other) = (verified(&"one".into()), verified(&"other".into()));
        let held = |token: &str| front.look(token.as_bytes(), |entry| Some(entry.token.to_string()));
        assert!(front.put(&one));
        assert_eq!((held("one").as_deref(), held("other")), (Some("one"), None));
        assert_eq!((0..80).filter(|_| front.put(&one)).count(), 10, "a slot that is taken, once in a while");
        while !front.put(&other) {}
        assert_eq!((held("one"), held("other").as_deref()), (None, Some("other")));
        front.forget(&one);
        assert!(held("other").is_some(), "another entry's slot is left alone");
        front.forget(&other);
        assert!(held("other").is_none());
    }

    #[tokio::test]
    async fn entries_expire_with_their_tokens_and_failures_are_not_kept() {
        let cache = VerifiedCache::new(CacheLimits::default(), Arc::new(SystemClock));
        let token: Arc<str> = "token".into();
        for _ in 0..2 {
            let failed = cache.get_or_verify(&token, async { Err(ClaimError::rejected(Reason::UnknownKey)) }).await;
            assert_eq!(failed.err().map(|error| error.reason()), Some(Reason::UnknownKey));
        }
        let now = unix_seconds(SystemClock.now());
        let expiry = UntilExpiry(Arc::new(SystemClock));
        for (until, least, most) in [
            (None, MAX_AGE, MAX_AGE),
            (Some(now.saturating_add(60)), Duration::from_secs(58), Duration::from_secs(60)),
            (Some(i64::MAX), MAX_AGE, MAX_AGE),
            (Some(1), Duration::ZERO, Duration::ZERO),
        ] {
            let mut entry = verified(&token);
            Arc::get_mut(&mut entry).unwrap().window.until = until;
            let created = expiry.expire_after_create(&token, &entry, Instant::now()).unwrap();
            let updated = expiry.expire_after_update(&token, &entry, Instant::now(), Some(Duration::ZERO)).unwrap();
            for left in [created, updated] {
                assert!(least <= left && left <= most, "{left:?} for {until:?}");
            }
        }
    }
}
