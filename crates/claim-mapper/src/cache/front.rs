//! A small table in front of the store.
//!
//! A hit in moka writes to queues that all threads share, which costs more than everything else about a remembered
//! token. Most calls come with one of few tokens, and this table answers them with one atomic load and one comparison.
//! It holds nothing that the store does not: what leaves the store leaves the table.

use std::{cell::Cell, hash::BuildHasher as _, sync::Arc};

use arc_swap::ArcSwapOption;
use foldhash::fast::RandomState;

use super::verified::Verified;

/// Of so many tokens from the store or from a verification, one takes a slot that another token has. Tokens that share
/// a slot and are used in turn would else take it from each other at each use, which costs more than the hit.
const TAKEOVER: u32 = 8;

/// How many bytes of a token tell its slot: 144 bits of base64.
const END: usize = 24;

thread_local! {
    static TAKEOVERS: Cell<u32> = const { Cell::new(0) };
}

/// One slot for each hash.
pub(super) struct Front {
    slots: Box<[ArcSwapOption<Verified>]>,
    /// One less than there are slots.
    mask: usize,
    hasher: RandomState,
}

impl Front {
    /// `slots` is a power of two.
    pub(super) fn new(slots: usize) -> Self {
        let mask = slots.saturating_sub(1);
        Self { slots: (0..slots).map(|_| ArcSwapOption::empty()).collect(), mask, hasher: RandomState::default() }
    }

    /// What `judge` says of the entry for exactly this token.
    pub(super) fn look<T>(&self, token: &[u8], judge: impl FnOnce(&Verified) -> Option<T>) -> Option<T> {
        let entry = self.slot(token)?.load();
        entry.as_deref().filter(|entry| entry.token.as_bytes() == token).and_then(judge)
    }

    /// Gives the entry its slot, if that is free or it is its turn. False when it did not get it.
    pub(super) fn put(&self, entry: &Arc<Verified>) -> bool {
        let Some(slot) = self.slot(entry.token.as_bytes()) else { return false };
        if slot.load().is_some() {
            let turn = TAKEOVERS.get().wrapping_add(1);
            TAKEOVERS.set(turn);
            if !turn.is_multiple_of(TAKEOVER) {
                return false;
            }
        }
        slot.store(Some(Arc::clone(entry)));
        true
    }

    /// Empties the slot, if it still holds this entry.
    pub(super) fn forget(&self, entry: &Arc<Verified>) {
        if let Some(slot) = self.slot(entry.token.as_bytes()) {
            slot.compare_and_swap(entry, None);
        }
    }

    /// Where a token belongs by its end: a part of its signature, by which tokens differ. Those that share a slot, by chance or
    /// by design, are told apart by all of their bytes.
    fn slot(&self, token: &[u8]) -> Option<&ArcSwapOption<Verified>> {
        let end = token.get(token.len().saturating_sub(END)..)?;
        let hash = usize::try_from(self.hasher.hash_one(end) & 0xffff_ffff).ok()?;
        self.slots.get(hash & self.mask)
    }
}
