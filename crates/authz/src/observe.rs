//! Every event that this crate logs.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{SystemTime, UNIX_EPOCH},
};

use tracing::level_filters::LevelFilter;

use crate::{DecisionEvent, Escaped};

/// Refusals logged at `info` within one second; the rest of that second goes to `debug`.
const REFUSALS_PER_SECOND: u64 = 100;

static REFUSALS: Sampler = Sampler { second: AtomicU64::new(0), seen: AtomicU64::new(0) };

pub(crate) fn everyone_is_let_in(part: &str) {
    tracing::warn!(part, "authorization is off: this {part} lets everybody in");
}

/// One verdict, and the fields of the span around it.
pub(crate) fn decided(event: &DecisionEvent<'_>) {
    // Most calls are allowed, and what is said of them is for debugging, as their span is.
    if event.denied.is_none() && LevelFilter::current() < LevelFilter::DEBUG {
        return;
    }
    let method = Escaped(event.api_name);
    let namespace = Escaped(event.namespace.unwrap_or_default());
    let subject = Escaped(event.subject.unwrap_or_default());
    let detail = Escaped(event.detail.unwrap_or_default());
    let span = tracing::Span::current();
    span.record("namespace", tracing::field::display(namespace));
    span.record("subject", tracing::field::display(subject));
    let Some(reason) = event.denied else {
        tracing::debug!(%method, %namespace, %subject, "allowed");
        return;
    };
    span.record("reason", reason.as_str());
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    match REFUSALS.take(seconds) {
        Some(suppressed) => {
            tracing::info!(reason = reason.as_str(), %method, %namespace, %subject, %detail, suppressed, "denied");
        }
        None => tracing::debug!(reason = reason.as_str(), %method, %namespace, %subject, %detail, "denied"),
    }
}

/// Lets through the first few of each second. Counts may be off by a few when threads meet at the turn of a second.
struct Sampler {
    second: AtomicU64,
    seen: AtomicU64,
}

impl Sampler {
    /// `None` to suppress, else how many were suppressed in the last busy second when this is the first of a new one.
    fn take(&self, now: u64) -> Option<u64> {
        if self.second.swap(now, Relaxed) != now {
            let seen = self.seen.swap(1, Relaxed);
            return Some(seen.saturating_sub(REFUSALS_PER_SECOND));
        }
        (self.seen.fetch_add(1, Relaxed) < REFUSALS_PER_SECOND).then_some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_beyond_a_hundred_a_second_are_counted_instead() {
        let sampler = Sampler { second: AtomicU64::new(0), seen: AtomicU64::new(0) };
        let shown = (0..250).filter(|_| sampler.take(7).is_some()).count();
        assert_eq!(shown, 100);
        assert_eq!(sampler.take(8), Some(150));
        assert_eq!(sampler.take(8), Some(0));
    }
}
