//! All sources together: who serves whom, and how a set is published.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::document::KeySet;
use super::source_state::{SourceState, Sources, lock};
use crate::{KeyError, Keys};

#[derive(Debug)]
pub(super) struct Registry {
    pub(super) sources: Sources,
    /// The sources that are trusted for one issuer only.
    bound: HashMap<String, Sources>,
    /// The sources for every other issuer.
    unbound: Sources,
    generation: AtomicU64,
    /// Taken for every change of a set, so that a set that was read before a revocation is not published after it.
    revoked: Mutex<HashSet<String>>,
    /// Counts the attempts of all sources that have ended; who waits for one looks at its own when it moves.
    pub(super) progress: watch::Sender<u64>,
}

impl Registry {
    pub(super) fn new(sources: Sources) -> Self {
        let mut bound: HashMap<String, Sources> = HashMap::new();
        let mut unbound = Sources::new();
        for source in &sources {
            match &source.issuer {
                Some(issuer) => bound.entry(issuer.clone()).or_default().push(Arc::clone(source)),
                None => unbound.push(Arc::clone(source)),
            }
        }
        Self {
            sources,
            bound,
            unbound,
            generation: AtomicU64::new(0),
            revoked: Mutex::default(),
            progress: watch::Sender::new(0),
        }
    }

    /// The sources whose keys may have signed tokens of this issuer.
    pub(super) fn serving(&self, issuer: Option<&str>) -> &[Arc<SourceState>] {
        issuer.and_then(|issuer| self.bound.get(issuer)).unwrap_or(&self.unbound)
    }

    /// Publishes a good set. True when it differs from the one before.
    pub(super) fn publish(&self, source: &SourceState, mut set: KeySet) -> bool {
        let revoked = lock(&self.revoked);
        for kid in revoked.iter() {
            set.remove(kid);
        }
        let set = Arc::new(set);
        let before = source.set.swap(Some(Arc::clone(&set)));
        let Some(before) = before else { return true };
        let kept = before.is_within(&set);
        if !kept {
            self.next_generation();
        }
        !kept || before.len() != set.len()
    }

    /// Drops the keys with this id, now and whenever they are published again.
    pub(super) fn revoke(&self, kid: &str) {
        let mut revoked = lock(&self.revoked);
        revoked.insert(kid.to_owned());
        let mut dropped = false;
        for source in &self.sources {
            let without = source.set.load().as_ref().and_then(|set| set.without(kid));
            if let Some(set) = without {
                source.set.store(Some(Arc::new(set)));
                dropped = true;
            }
        }
        if dropped {
            self.next_generation();
        }
    }

    pub(super) fn is_revoked(&self, kid: &str) -> bool {
        lock(&self.revoked).contains(kid)
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// After the swap, never before: who reads the new number finds the new set.
    fn next_generation(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}

/// The candidates of these sources.
pub(super) fn find(sources: &[Arc<SourceState>], kid: &str) -> Option<Keys> {
    let keys: Keys = sources.iter().filter_map(|source| source.find(kid)).collect();
    (!keys.is_empty()).then_some(keys)
}

/// Why these sources have no such key: none of them has, or one of them cannot tell, because it was not loaded when last tried.
pub(super) fn missing(sources: &[Arc<SourceState>]) -> KeyError {
    for source in sources {
        if let Some(error) = source.last_error() {
            return KeyError::unavailable(format!("{}: {error}", source.name));
        }
        if !source.is_loaded() {
            return KeyError::unavailable(format!("{}: not loaded yet", source.name));
        }
    }
    KeyError::UnknownKey
}
