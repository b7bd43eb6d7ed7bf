//! One source at work: its keys, its attempts, its report.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::document::KeySet;
use super::error::LoadError;
use super::gate::{Admission, Gate, Ticket};
use super::source::Source;
use super::status::SourceStatus;
use crate::{SkippedKey, VerificationKey};

/// Shared by the requests, which read its keys, and the task that loads them.
#[derive(Debug)]
pub(super) struct SourceState {
    pub(super) name: String,
    pub(super) issuer: Option<String>,
    /// The last good set. Swapped as a whole.
    pub(super) set: ArcSwapOption<KeySet>,
    /// Wakes the task when an attempt is asked for.
    pub(super) wake: Notify,
    gate: Mutex<Gate>,
    report: Mutex<Report>,
    /// Whether there is anything to load again.
    is_inline: bool,
    /// A set older than this is not ready: three refreshes were missed.
    ready_for: Option<Duration>,
}

#[derive(Debug, Default)]
struct Report {
    last_error: Option<LoadError>,
    last_success: Option<SystemTime>,
    fresh_at: Option<Instant>,
    skipped: Vec<SkippedKey>,
}

impl SourceState {
    pub(super) fn new(source: &Source, cooldown: Duration, ready_for: Option<Duration>) -> Self {
        Self {
            name: source.to_string(),
            issuer: source.issuer().map(str::to_owned),
            set: ArcSwapOption::empty(),
            wake: Notify::new(),
            gate: Mutex::new(Gate::new(cooldown)),
            report: Mutex::default(),
            is_inline: source.is_inline(),
            ready_for: ready_for.filter(|_| !source.is_inline()),
        }
    }

    /// The key with this id, from the last good set.
    pub(super) fn find(&self, kid: &str) -> Option<VerificationKey> {
        self.set.load().as_ref()?.get(kid).cloned()
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.set.load().is_some()
    }

    /// How many keys are in use.
    pub(super) fn len(&self) -> usize {
        self.set.load().as_ref().map_or(0, |set| set.len())
    }

    /// Asks for an attempt because of an id that is not in the set. `None`: none is due.
    pub(super) fn ask(&self, kid: &str) -> Option<Ticket> {
        if self.is_inline {
            return None;
        }
        let admission = self.gate().ask(kid, Instant::now());
        match admission {
            Admission::Start(ticket) => {
                self.wake.notify_one();
                Some(ticket)
            }
            Admission::Join(ticket) => Some(ticket),
            Admission::Refused => None,
        }
    }

    pub(super) fn gate(&self) -> MutexGuard<'_, Gate> {
        lock(&self.gate)
    }

    /// Notes a good attempt.
    pub(super) fn succeeded(&self) {
        let mut report = lock(&self.report);
        report.last_error = None;
        report.last_success = Some(SystemTime::now());
        report.fresh_at = Some(Instant::now());
    }

    pub(super) fn failed(&self, error: LoadError) {
        lock(&self.report).last_error = Some(error);
    }

    /// Replaces the list of skipped keys, and tells whether it has changed.
    pub(super) fn skipped(&self, skipped: &[SkippedKey]) -> bool {
        let mut report = lock(&self.report);
        let changed = report.skipped != skipped;
        if changed {
            report.skipped = skipped.to_vec();
        }
        changed
    }

    pub(super) fn last_error(&self) -> Option<LoadError> {
        lock(&self.report).last_error.clone()
    }

    /// Whether the set is there and was found good recently enough.
    pub(super) fn is_ready(&self) -> bool {
        let fresh_at = lock(&self.report).fresh_at;
        match (fresh_at, self.ready_for) {
            (Some(fresh_at), Some(limit)) => self.is_loaded() && fresh_at.elapsed() <= limit,
            _ => self.is_loaded(),
        }
    }

    pub(super) fn status(&self) -> SourceStatus {
        let ready = self.is_ready();
        let report = lock(&self.report);
        SourceStatus {
            source: self.name.clone(),
            issuer: self.issuer.clone(),
            ready,
            keys: self.len(),
            skipped: report.skipped.clone(),
            last_error: report.last_error.as_ref().map(ToString::to_string),
            last_success: report.last_success,
        }
    }
}

/// No code panics while it holds one of these locks; if it did, the state is as good as it was.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sources in the order in which they were given.
pub(super) type Sources = Vec<Arc<SourceState>>;
