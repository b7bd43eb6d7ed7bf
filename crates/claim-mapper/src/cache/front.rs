//! A small table in front of the store.
//!
//! A hit in moka writes to queues that all threads share, which costs more than everything else about a remembered
//! token. Most calls come with one of few tokens, and this table answers them with one atomic load and one comparison.
//! It holds nothing that the store does not: what leaves the store leaves the table.

use std::{hash::BuildHasher as _, sync::Arc};

use arc_swap::ArcSwapOption;
use foldhash::fast::RandomState;

use super::verified::Verified;

/// One slot for each hash; the last token wins it.
pub(super) struct Front {
    slots: Box<[ArcSwapOption<Verified>]>,
    hasher: RandomState,
}

impl Front {
    pub(super) fn new(slots: usize) -> Self {
        Self { slots: (0..slots).map(|_| ArcSwapOption::empty()).collect(), hasher: RandomState::default() }
    }

    /// What `judge` says of the entry for exactly this token.
    pub(super) fn look<T>(&self, token: &str, judge: impl FnOnce(&Verified) -> Option<T>) -> Option<T> {
        let entry = self.slot(token)?.load();
        entry.as_deref().filter(|entry| *entry.token == *token).and_then(judge)
    }

    pub(super) fn put(&self, entry: &Arc<Verified>) {
        if let Some(slot) = self.slot(&entry.token) {
            slot.store(Some(Arc::clone(entry)));
        }
    }

    /// Empties the slot, if it still holds this entry.
    pub(super) fn forget(&self, entry: &Arc<Verified>) {
        if let Some(slot) = self.slot(&entry.token) {
            slot.compare_and_swap(entry, None);
        }
    }

    fn slot(&self, token: &str) -> Option<&ArcSwapOption<Verified>> {
        let hash = usize::try_from(self.hasher.hash_one(token) & 0xffff_ffff).ok()?;
        self.slots.get(hash.checked_rem(self.slots.len())?)
    }
}
