//! What a thread has at hand: a few of the tokens that it sees most.
//!
//! A fleet of workers shares one token. Were its claims the same memory for all threads, they would take the count of the
//! holders from each other at each call; so each thread has a copy of its own, and writes to nothing that another reads.

use std::{cell::RefCell, sync::Arc};

use temporal_authz::Claims;
use thread_local::ThreadLocal;

use super::verified::Verified;

/// Tokens of a thread: a few, for these are copies that the limits of the cache do not count.
const TOKENS: usize = 8;

/// Of the times that a thread finds a place taken, the token gets it once in so many: were there many tokens, to copy each
/// would cost more than it saves.
const SELDOM: u32 = 64;

#[derive(Default)]
pub(super) struct Front(ThreadLocal<RefCell<Slots>>);

/// By itself in memory: processors fetch two lines of 64 bytes at a time, and to borrow it is to write.
#[derive(Default)]
#[repr(align(128))]
struct Slots {
    slots: [Option<Slot>; TOKENS],
    refused: u32,
}

struct Slot {
    hash: u64,
    entry: Arc<Verified>,
    claims: Claims,
}

impl Front {
    /// The claims of a token with this hash that this thread has, if it is still good.
    #[inline]
    pub(super) fn claims(&self, hash: u64, token: &[u8], good: impl FnOnce(&Verified) -> bool) -> Option<Claims> {
        let slots = self.0.get()?.try_borrow().ok()?;
        let slot = slots.slots.get(place(hash))?.as_ref().filter(|slot| slot.hash == hash)?;
        (slot.entry.token() == token && good(&slot.entry)).then(|| slot.claims.clone())
    }

    /// The claims of a token that is good and that this thread does not have, which it has from now on if there is room.
    pub(super) fn offer(&self, hash: u64, entry: &Arc<Verified>) -> Claims {
        let mine = self.0.get_or_default();
        // Taken only where `good` asks a key provider that asks this cache.
        let Ok(mut slots) = mine.try_borrow_mut() else { return entry.claims().clone() };
        let Slots { slots, refused } = &mut *slots;
        let Some(slot) = slots.get_mut(place(hash)) else { return entry.claims().clone() };
        if slot.is_some() {
            *refused = refused.wrapping_add(1);
            if *refused % SELDOM != 0 {
                return entry.claims().clone();
            }
        }
        let claims = entry.claims().deep_clone();
        *slot = Some(Slot { hash, entry: Arc::clone(entry), claims: claims.clone() });
        claims
    }
}

/// The table behind takes its place and tag from other bits.
#[inline]
fn place(hash: u64) -> usize {
    usize::try_from(hash >> 32).unwrap_or_default() % TOKENS
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::cache::testing::verified;

    /// Where claims lie in memory.
    fn place_of(claims: &Claims) -> usize {
        claims.subject().as_ptr().addr()
    }

    fn known(front: &Front, hash: u64, entry: &Verified) -> Option<usize> {
        front.claims(hash, entry.token(), |_| true).as_ref().map(place_of)
    }

    #[test]
    fn each_thread_has_claims_of_its_own() {
        let (front, entry) = (Front::default(), verified("token", None));
        assert_eq!(known(&front, 7, &entry), None);
        let here = place_of(&front.offer(7, &entry));
        let there = thread::scope(|scope| {
            let other = scope.spawn(|| {
                assert_eq!(known(&front, 7, &entry), None, "nothing of another thread's is at hand");
                let there = place_of(&front.offer(7, &entry));
                assert_eq!(known(&front, 7, &entry), Some(there));
                there
            });
            other.join().unwrap()
        });
        assert_eq!(known(&front, 7, &entry), Some(here));
        assert!(here != there && ![here, there].contains(&place_of(entry.claims())));
    }

    #[test]
    fn a_token_is_known_by_all_of_it_and_as_long_as_it_is_good() {
        let (front, entry) = (Front::default(), verified("token", None));
        front.offer(7, &entry);
        for (hash, token, good, expected) in [
            (7, "token", true, true),
            (7, "token", false, false),
            (7, "other", true, false),
            (7, "token ", true, false),
            (8, "token", true, false),
            (7 + (1 << 35), "token", true, false),
        ] {
            let found = front.claims(hash, token.as_bytes(), |_| good).is_some();
            assert_eq!(found, expected, "{hash} {token:?} {good}");
        }
    }

    #[test]
    fn a_token_whose_place_is_taken_gets_it_in_the_end() {
        let (front, old, new) = (Front::default(), verified("old", None), verified("new", None));
        front.offer(7, &old);
        for offered in 1..SELDOM {
            front.offer(7, &new);
            assert_eq!(known(&front, 7, &new), None, "offered {offered} times");
        }
        front.offer(7, &new);
        assert!(known(&front, 7, &new).is_some() && known(&front, 7, &old).is_none());
    }

    #[test]
    fn a_key_provider_may_ask_the_cache_that_asks_it() {
        let (front, entry) = (Front::default(), verified("token", None));
        front.offer(7, &entry);
        let claims = front.claims(7, b"token", |_| {
            assert!(known(&front, 7, &entry).is_some());
            assert_eq!(place_of(&front.offer(7, &entry)), place_of(entry.claims()), "no place is taken meanwhile");
            true
        });
        assert!(claims.is_some());
    }
}
