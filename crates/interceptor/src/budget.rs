//! How many bytes of request bodies are held at one time.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Counts bytes that have arrived, never bytes that were announced: a thousand callers that declare much and stall
/// take nothing from a good one.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    held: Arc<AtomicUsize>,
    limit: usize,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self { held: Arc::default(), limit }
    }

    pub(crate) fn hold(&self) -> Held {
        Held { budget: self.clone(), bytes: 0 }
    }

    #[cfg(test)]
    fn held(&self) -> usize {
        self.held.load(Relaxed)
    }
}

/// What one call holds, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    budget: Budget,
    bytes: usize,
}

impl Held {
    /// Takes more; false when there is none left, and then nothing was taken.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        let limit = self.budget.limit;
        let fits = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= limit);
        let taken = self.budget.held.fetch_update(Relaxed, Relaxed, fits).is_ok();
        if taken {
            self.bytes = self.bytes.saturating_add(bytes);
        }
        taken
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.bytes, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_bounded_and_given_back() {
        let budget = Budget::new(10);
        let mut first = budget.hold();
        let mut second = budget.hold();
        assert!(first.take(6) && second.take(4));
        assert!(!second.take(1) && !second.take(usize::MAX));
        drop(first);
        assert!(second.take(6));
        drop(second);
        assert_eq!(budget.held(), 0);
    }
}
