//! How much is remembered.

/// Bounds of the cache of verified tokens. Both hold at once; what has expired and what is not used goes first. Up to eight
/// tokens that each thread has at hand come on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheLimits {
    pub(super) entries: u64,
    pub(super) bytes: u64,
}

impl CacheLimits {
    /// At most this many tokens, and about this many bytes for tokens and claims together. With 0 of either nothing is
    /// remembered.
    #[must_use]
    pub const fn new(entries: u64, bytes: u64) -> Self {
        Self { entries, bytes }
    }
}

impl Default for CacheLimits {
    /// 50,000 tokens, 64 MiB.
    fn default() -> Self {
        Self::new(50_000, 64 << 20)
    }
}
