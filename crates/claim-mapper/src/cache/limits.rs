//! How much is remembered.

/// Bounds of the cache of verified tokens. Both hold at once; what is used least goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheLimits {
    entries: u64,
    bytes: u64,
}

impl CacheLimits {
    /// At most this many tokens, and about this many bytes for tokens and claims together. With 0 of either nothing is
    /// remembered.
    #[must_use]
    pub const fn new(entries: u64, bytes: u64) -> Self {
        Self { entries, bytes }
    }

    /// The capacity in bytes. An entry weighs at least its share of it, so that the number is bounded too.
    pub(super) fn capacity(self) -> u64 {
        self.bytes.min(self.entries.saturating_mul(u64::from(u32::MAX)))
    }

    /// Slots of the table in front, of eight bytes each: twice as many as tokens, so that few share one.
    pub(super) fn slots(self) -> usize {
        const MOST: u64 = 4 << 20;
        let slots = self.entries.saturating_mul(2).clamp(1, MOST).next_power_of_two();
        usize::try_from(slots).unwrap_or(1)
    }

    /// What an entry of this many bytes weighs.
    pub(super) fn weight(self, bytes: usize) -> u32 {
        let share = self.capacity().div_ceil(self.entries.max(1));
        u32::try_from(share.max(u64::try_from(bytes).unwrap_or(u64::MAX))).unwrap_or(u32::MAX)
    }
}

impl Default for CacheLimits {
    /// 50,000 tokens, 64 MiB.
    fn default() -> Self {
        Self::new(50_000, 64 << 20)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "test code")]
mod tests {
    use super::*;

    #[test]
    fn as_many_entries_fit_as_both_bounds_allow() {
        for (entries, bytes, size, fit) in [
            (10, 10_000, 100, 10),
            (10, 10_000, 5_000, 2),
            (3, 10, 1, 2),
            (1, 1 << 20, 1, 1),
            (0, 1 << 20, 1, 0),
            (5, 0, 1, 0),
            (2, u64::MAX, 1, 2),
        ] {
            let limits = CacheLimits::new(entries, bytes);
            assert_eq!(limits.capacity() / u64::from(limits.weight(size)), fit, "{limits:?} of {size}");
        }
    }
}
