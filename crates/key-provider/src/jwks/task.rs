//! The task of one source: it alone makes attempts, so two never overlap, and no caller that goes away stops one.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use super::builder::Settings;
use super::error::LoadError;
use super::fetch::{Fetched, Fetcher};
use super::registry::Registry;
use super::source_state::SourceState;
use crate::observe;

/// Loads the source for ever. Ends by being aborted.
pub(super) async fn keep_fresh(
    registry: Arc<Registry>,
    source: Arc<SourceState>,
    mut fetcher: Fetcher,
    settings: Arc<Settings>,
) {
    let mut failures = 0_u32;
    loop {
        source.gate().begin(Instant::now());
        let good = attempt(&registry, &source, &mut fetcher, settings.fetch_timeout).await;
        source.gate().end(good, Instant::now());
        registry.progress.send_modify(|ended| *ended = ended.wrapping_add(1));
        failures = if good { 0 } else { failures.saturating_add(1) };
        until_due(&source, next_wait(&settings, failures, source.is_loaded())).await;
    }
}

/// One attempt. A failure leaves everything as it was but the report.
async fn attempt(registry: &Registry, source: &SourceState, fetcher: &mut Fetcher, limit: Duration) -> bool {
    let fetched = timeout(limit, fetcher.fetch()).await.unwrap_or(Err(LoadError::TimedOut));
    let outcome = match fetched {
        Ok(Fetched::NotModified) => Ok(()),
        Ok(Fetched::Keys(set)) => {
            if source.skipped(&set.skipped) {
                observe::keys_skipped(&source.name, &set.skipped);
            }
            if set.is_empty() {
                Err(LoadError::NoUsableKey)
            } else {
                if registry.publish(source, set) {
                    source.gate().forget_unknown();
                    observe::keys_changed(&source.name, source.len());
                }
                Ok(())
            }
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => {
            source.succeeded();
            true
        }
        Err(error) => {
            observe::load_failed(&source.name, &error, source.len());
            source.failed(error);
            false
        }
    }
}

/// The time until the next attempt that nobody asks for; `None`: there is none.
fn next_wait(settings: &Settings, failures: u32, loaded: bool) -> Option<Duration> {
    if failures == 0 {
        return settings.refresh_interval.map(shortened);
    }
    let doublings = failures.saturating_sub(1).min(31);
    let backoff = settings.retry_first.saturating_mul(1 << doublings).min(settings.retry_max);
    match settings.refresh_interval {
        Some(interval) => Some(shortened(backoff.min(interval))),
        // Without an interval a source is loaded once, but that once it must be.
        None => (!loaded).then(|| shortened(backoff)),
    }
}

/// Takes a random part of up to 10 % off, so that many processes do not ask in step. Never adds: an interval is a promise.
fn shortened(wait: Duration) -> Duration {
    // A RandomState is seeded anew each time.
    let random = RandomState::new().build_hasher().finish() % 1024;
    let part = u32::try_from(random).unwrap_or(0);
    let off = wait.checked_div(10_240).unwrap_or_default().saturating_mul(part);
    wait.saturating_sub(off)
}

/// Returns when the wait is over, or earlier when an attempt is asked for.
async fn until_due(source: &SourceState, wait: Option<Duration>) {
    let deadline = wait.and_then(|wait| Instant::now().checked_add(wait));
    loop {
        let timer = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = timer => return,
            // A wake-up may be left over from an attempt that the timer started first.
            () = source.wake.notified() => if source.gate().is_asked() { return },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::JwksKeyProvider;

    fn settings(interval: Option<Duration>) -> Settings {
        JwksKeyProvider::builder()
            .refresh_interval(interval)
            .retry_backoff(Duration::from_secs(1), Duration::from_secs(60))
            .settings
    }

    #[test]
    fn the_wait_is_never_longer_than_asked_for_and_at_most_a_tenth_shorter() {
        let wait = Duration::from_secs(100);
        let waits: Vec<_> = (0..1000).map(|_| shortened(wait)).collect();
        assert!(waits.iter().all(|shorter| *shorter <= wait && *shorter >= wait * 9 / 10));
        assert!(waits.iter().any(|shorter| *shorter < waits[0]) || waits.iter().any(|shorter| *shorter > waits[0]));
    }

    #[test]
    fn the_wait_after_a_failure_doubles_up_to_its_limit_and_to_the_interval() {
        for (interval, failures, expected) in [
            (None, 1, 1),
            (None, 2, 2),
            (None, 6, 32),
            (None, 7, 60),
            (None, u32::MAX, 60),
            (Some(10), 3, 4),
            (Some(10), 9, 10),
            (Some(600), 9, 60),
            (Some(600), 0, 600),
        ] {
            let wait = next_wait(&settings(interval.map(Duration::from_secs)), failures, false).unwrap();
            let expected = Duration::from_secs(expected);
            assert!(wait <= expected && wait >= expected * 9 / 10, "{interval:?} {failures}: {wait:?}");
        }
    }

    #[test]
    fn without_an_interval_a_loaded_source_is_left_alone() {
        assert_eq!(next_wait(&settings(None), 0, true), None);
        assert_eq!(next_wait(&settings(None), 3, true), None);
        assert_eq!(next_wait(&settings(Some(Duration::ZERO)), 0, true), None);
        assert!(next_wait(&settings(None), 3, false).is_some());
    }
}
