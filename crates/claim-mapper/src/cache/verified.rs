//! One verified token.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use temporal_authz::Claims;
use temporal_key_provider::TokenKeyProvider;

use crate::{
    clock::{Clock, unix_seconds},
    jwt::Origin,
    token::times::Window,
};

/// What any entry takes in memory, about: see the bench `memory`.
const LEAST: usize = 300;
pub(super) const LEAST_BYTES: u64 = LEAST as u64;

/// So many seconds before its end a token is compared with the exact clock: the other one is behind by less.
const BEHIND: i64 = 2;

/// What is remembered of a token: its claims, and what has to be asked again at each use.
pub(crate) struct Verified {
    token: Box<[u8]>,
    claims: Claims,
    window: Window,
    origin: Arc<Origin>,
    /// What it takes in memory, about.
    bytes: u32,
    /// Whether it was used since somebody last looked for room.
    used: AtomicBool,
}

impl Verified {
    /// A token with its claims. `more_bytes` is what they hold beside names and roles, about.
    pub(crate) fn new(token: &[u8], claims: Claims, window: Window, origin: Arc<Origin>, more_bytes: usize) -> Self {
        let parts = [token.len(), claims_bytes(&claims), origin.bytes(), more_bytes];
        let bytes = parts.into_iter().fold(LEAST, usize::saturating_add);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Self { token: token.into(), claims, window, origin, bytes, used: false.into() }
    }

    pub(crate) fn token(&self) -> &[u8] {
        &self.token
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Whether the token is good for a call with this audience, now. Then it counts as used.
    #[inline]
    pub(super) fn is_good_for(&self, call_audience: &str, clock: &dyn Clock, keys: &dyn TokenKeyProvider) -> bool {
        let good = self.is_in_time(clock) && self.origin.is_for(call_audience) && self.is_current(keys);
        if good {
            self.use_now();
        }
        good
    }

    #[inline]
    fn is_in_time(&self, clock: &dyn Clock) -> bool {
        let about_now = unix_seconds(clock.about_now());
        let ends_soon = about_now.saturating_add(BEHIND) >= self.window.until;
        self.window.contains(if ends_soon { unix_seconds(clock.now()) } else { about_now })
    }

    /// Written once and not at each use: threads would take the memory from each other.
    pub(super) fn use_now(&self) {
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    /// Whether its key is still among the keys.
    pub(crate) fn is_current(&self, keys: &dyn TokenKeyProvider) -> bool {
        self.origin.is_current(keys)
    }

    pub(super) fn is_over(&self, now: i64) -> bool {
        self.window.until <= now
    }

    /// Whether it was used since this was last asked.
    pub(super) fn was_used(&self) -> bool {
        self.used.swap(false, Ordering::Relaxed)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.into()
    }
}

/// What names and roles take, about.
fn claims_bytes(claims: &Claims) -> usize {
    const ENTRY: usize = 32;
    let names = claims.namespaces().map(|(name, _)| name.len().saturating_add(ENTRY));
    names.fold(claims.subject().len(), usize::saturating_add)
}
