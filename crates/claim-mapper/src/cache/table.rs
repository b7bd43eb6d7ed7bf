//! Where verified tokens lie.
//!
//! A table of small sets, each as large as a line of the processor's cache. The end of a token tells its set, and a hit is
//! two or three atomic loads and one comparison: nothing is written that threads share, and nothing waits. Only a new
//! token takes the lock, after a signature has been verified, which takes a hundred times as long.

use std::{
    hash::BuildHasher as _,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use foldhash::fast::RandomState;

use super::{
    limits::CacheLimits,
    verified::{LEAST_BYTES, Verified},
};

/// The tag of an empty slot.
const EMPTY: u8 = 0;

/// Slots of a set: with their tags they fill 64 bytes.
const WAYS: usize = 7;

/// How many bytes of a token tell its set: 96 bits of base64, a part of its signature, by which tokens differ. Those that
/// share a set, by chance or by design, are told apart by all of their bytes.
const END: usize = size_of::<u128>();

/// How many sets are looked through for tokens that have expired whenever a new one comes.
const SWEPT: usize = 2;

#[derive(Default)]
#[repr(align(64))]
struct Set {
    slots: [ArcSwapOption<Verified>; WAYS],
    /// Of each slot, eight bits of the hash of its token: seldom is a slot looked at in vain. None of an empty one.
    tags: [AtomicU8; WAYS],
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Set>() == 64);

/// Verified tokens by their whole text. Bounded; what has expired goes while others come.
pub(super) struct Table {
    sets: Box<[Set]>,
    hasher: RandomState,
    limits: CacheLimits,
    room: Mutex<Room>,
}

/// What is in the table.
#[derive(Default)]
struct Room {
    entries: u64,
    bytes: u64,
    /// The set that is looked through next.
    hand: usize,
}

impl Table {
    pub(super) fn new(limits: CacheLimits) -> Self {
        /// 64 MiB of sets.
        const MOST: u64 = 1 << 20;
        // Twice as many slots as tokens, so that few sets are full before the table is.
        let tokens = limits.entries.min(limits.bytes.div_ceil(LEAST_BYTES));
        let sets = tokens.saturating_mul(2).div_ceil(WAYS as u64).clamp(1, MOST).next_power_of_two();
        let sets = (0..sets).map(|_| Set::default()).collect();
        Self { sets, hasher: RandomState::default(), limits, room: Mutex::default() }
    }

    /// The hash of a token, by its end.
    #[inline]
    pub(super) fn hash(&self, token: &[u8]) -> u64 {
        match token.last_chunk::<END>() {
            Some(end) => self.hasher.hash_one(u128::from_le_bytes(*end)),
            None => self.hasher.hash_one(token),
        }
    }

    /// What `judge` says of the entry for exactly this token, which has this hash.
    #[inline]
    pub(super) fn look<T>(
        &self,
        hash: u64,
        token: &[u8],
        judge: impl FnOnce(&Arc<Verified>) -> Option<T>,
    ) -> Option<T> {
        let (set, tag) = self.place(hash)?;
        for (slot, known) in set.slots() {
            if known.load(Ordering::Relaxed) == tag {
                let entry = slot.load();
                if let Some(entry) = entry.as_ref().filter(|entry| entry.token() == token) {
                    return judge(entry);
                }
            }
        }
        None
    }

    /// Keeps a token, in the place of an older entry for it if there is one, and takes out what is then too much.
    pub(super) fn put(&self, entry: &Arc<Verified>, now: i64) {
        let Some((set, tag)) = self.place(self.hash(entry.token())) else { return };
        if self.limits.entries == 0 || entry.bytes() > self.limits.bytes {
            return;
        }
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((slot, known)) = set.choose(entry.token(), tag, now) else { return };
        known.store(tag, Ordering::Relaxed);
        room.add(entry);
        if let Some(left) = slot.swap(Some(Arc::clone(entry))) {
            room.subtract(&left);
        }
        for _ in 0..SWEPT {
            self.take_out(&mut room, |_, old| old.is_over(now));
        }
        // A first round takes what is unused, a second whatever is there.
        let (limits, sets) = (self.limits, self.sets.len());
        for step in 0..sets.saturating_mul(2) {
            if !room.is_over(limits) {
                break;
            }
            self.take_out(&mut room, |room, old| {
                let goes = |old: &Verified| step >= sets || old.is_over(now) || !old.was_used();
                room.is_over(limits) && !Arc::ptr_eq(old, entry) && goes(old)
            });
        }
    }

    /// Takes what is to go out of the next set.
    fn take_out(&self, room: &mut Room, goes: impl Fn(&Room, &Arc<Verified>) -> bool) {
        let Some(set) = self.sets.get(room.hand) else { return };
        room.hand = room.hand.wrapping_add(1) & self.mask();
        for (slot, tag) in set.filled() {
            if let Some(entry) = slot.load().as_ref().filter(|entry| goes(room, entry)) {
                room.subtract(entry);
                slot.store(None);
                tag.store(EMPTY, Ordering::Relaxed);
            }
        }
    }

    /// The set of a token with this hash, and its tag there.
    #[inline]
    fn place(&self, hash: u64) -> Option<(&Set, u8)> {
        let [tag, ..] = hash.to_be_bytes();
        let set = usize::try_from(hash & 0xffff_ffff).ok()? & self.mask();
        Some((self.sets.get(set)?, tag.max(EMPTY.saturating_add(1))))
    }

    /// There are as many sets as a power of two.
    fn mask(&self) -> usize {
        self.sets.len().saturating_sub(1)
    }
}

impl Set {
    #[inline]
    fn slots(&self) -> impl Iterator<Item = (&ArcSwapOption<Verified>, &AtomicU8)> {
        self.slots.iter().zip(&self.tags)
    }

    fn filled(&self) -> impl Iterator<Item = (&ArcSwapOption<Verified>, &AtomicU8)> {
        self.slots().filter(|(_, tag)| tag.load(Ordering::Relaxed) != EMPTY)
    }

    /// The slot for a token with this tag: its own, else an empty one, else that of a token that has expired or was not used.
    fn choose(&self, token: &[u8], tag: u8, now: i64) -> Option<(&ArcSwapOption<Verified>, &AtomicU8)> {
        let find = |goes: &dyn Fn(&Verified) -> bool| {
            self.filled().find(|(slot, _)| slot.load().as_ref().is_some_and(|entry| goes(entry)))
        };
        let alike = || self.slots().filter(|(_, known)| known.load(Ordering::Relaxed) == tag);
        alike()
            .find(|(slot, _)| slot.load().as_ref().is_some_and(|entry| entry.token() == token))
            .or_else(|| self.slots().find(|(_, tag)| tag.load(Ordering::Relaxed) == EMPTY))
            .or_else(|| find(&|entry| entry.is_over(now)))
            .or_else(|| find(&|entry| !entry.was_used()))
            // All were used since: now none has been.
            .or_else(|| self.slots().next())
    }
}

impl Room {
    fn add(&mut self, entry: &Verified) {
        self.entries = self.entries.saturating_add(1);
        self.bytes = self.bytes.saturating_add(entry.bytes());
    }

    fn subtract(&mut self, entry: &Verified) {
        self.entries = self.entries.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(entry.bytes());
    }

    fn is_over(&self, limits: CacheLimits) -> bool {
        self.entries > limits.entries || self.bytes > limits.bytes
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "test code")]
mod tests {
    use super::*;
    use crate::cache::testing::verified;

    const NOW: i64 = 1_000;

    fn put(table: &Table, tokens: impl IntoIterator<Item = u64>) {
        for token in tokens {
            table.put(&verified(&format!("token {token}"), None), NOW);
        }
    }

    fn text(token: u64) -> Vec<u8> {
        format!("token {token}").into_bytes()
    }

    fn look<T>(table: &Table, token: &[u8], judge: impl FnOnce(&Arc<Verified>) -> Option<T>) -> Option<T> {
        table.look(table.hash(token), token, judge)
    }

    fn has(table: &Table, token: u64) -> bool {
        look(table, &text(token), |entry| Some(entry.bytes())).is_some()
    }

    fn use_token(table: &Table, token: u64) -> bool {
        let used = look(table, &text(token), |entry| {
            entry.use_now();
            Some(())
        });
        used.is_some()
    }

    fn kept(table: &Table, tokens: u64) -> u64 {
        let kept = (0..tokens).filter(|token| has(table, *token)).count() as u64;
        let room = table.room.lock().unwrap();
        assert_eq!(room.entries, kept, "what is counted is there");
        assert_eq!(room.bytes, kept * verified("token 10", None).bytes());
        kept
    }

    #[test]
    fn as_many_tokens_are_kept_as_both_bounds_allow() {
        let size = verified("token 10", None).bytes();
        for (entries, bytes, least, most) in [
            (10, 1 << 20, 10, 10),
            (1000, 20 * size, 20, 20),
            (1, 1 << 20, 1, 1),
            (0, 1 << 20, 0, 0),
            (1000, size - 1, 0, 0),
            (1000, 0, 0, 0),
            (2, u64::MAX, 2, 2),
            (1 << 20, u64::MAX, 90, 90),
            (90, 1 << 20, 80, 90),
        ] {
            // Whether nothing that is remembered is used, or everything.
            for used in [false, true] {
                let table = Table::new(CacheLimits::new(entries, bytes));
                for token in 10..100 {
                    put(&table, [token]);
                    for token in (10..=token).filter(|_| used) {
                        use_token(&table, token);
                    }
                    assert!(kept(&table, 100) <= most, "after {token} with {entries} entries, {bytes} bytes");
                }
                let kept = kept(&table, 100);
                assert!(least <= kept, "{kept} of 90 with {entries} entries, {bytes} bytes");
            }
        }
    }

    #[test]
    fn no_token_has_the_tag_of_an_empty_slot() {
        let table = Table::new(CacheLimits::default());
        for hash in [0, 1, u64::MAX >> 8, u64::MAX] {
            assert_ne!(table.place(hash).unwrap().1, EMPTY, "{hash:x}");
        }
    }

    #[test]
    fn nearly_all_of_a_full_table_find_a_slot() {
        let table = Table::new(CacheLimits::new(10_000, 1 << 30));
        put(&table, 10..10_010);
        let kept = (10..10_010).filter(|token| has(&table, *token)).count();
        assert!(kept > 9_700, "{kept} of 10,000");
    }

    #[test]
    fn the_newest_stays_and_of_the_others_what_was_used() {
        let table = Table::new(CacheLimits::new(100, 1 << 20));
        put(&table, [10]);
        for newest in 11..1_000 {
            assert!(use_token(&table, 10), "before {newest}");
            put(&table, [newest]);
            assert!(has(&table, newest));
        }
    }

    #[test]
    fn a_token_has_one_entry_and_the_latest() {
        let table = Table::new(CacheLimits::default());
        let (old, new) = (verified("token", None), verified("token", None));
        table.put(&old, NOW);
        table.put(&new, NOW);
        assert!(look(&table, b"token", |entry| Some(Arc::ptr_eq(entry, &new))).unwrap());
        assert_eq!(table.room.lock().unwrap().entries, 1);
        for other in ["token ", "toke", "", "Token"] {
            assert!(look(&table, other.as_bytes(), |_| Some(())).is_none(), "{other:?}");
        }
    }

    #[test]
    fn tokens_with_the_same_end_are_told_apart_by_all_of_their_bytes() {
        let table = Table::new(CacheLimits::default());
        let end = "e".repeat(END);
        for front in 0..WAYS {
            table.put(&verified(&format!("{front}{end}"), None), NOW);
        }
        let found = (0..10).filter(|front| {
            let token = format!("{front}{end}");
            look(&table, token.as_bytes(), |entry| Some(entry.token() == token.as_bytes())) == Some(true)
        });
        assert_eq!(found.count(), WAYS);
        // One more takes the place of one of them.
        table.put(&verified(&format!("9{end}"), None), NOW);
        assert!(look(&table, format!("9{end}").as_bytes(), |_| Some(())).is_some());
        assert_eq!(table.room.lock().unwrap().entries, WAYS as u64);
    }

    #[test]
    fn what_has_expired_goes_while_others_come() {
        let table = Table::new(CacheLimits::new(1_000, 1 << 30));
        for token in 0..500 {
            table.put(&verified(&format!("short {token}"), Some(NOW + 1)), NOW);
        }
        assert_eq!(table.room.lock().unwrap().entries, 500);
        for token in 10..410 {
            table.put(&verified(&format!("token {token}"), Some(NOW + 100)), NOW + 1);
        }
        assert_eq!(table.room.lock().unwrap().entries, 400, "the new ones");
    }
}
