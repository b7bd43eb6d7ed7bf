//! The time that credentials are compared with.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Tells the time. Mappers ask at every call, also for credentials that they remember.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time now, by the clock that issuers set `exp` by.
    fn now(&self) -> SystemTime;

    /// The time now, or up to a second ago where that is cheaper to tell; never a later one. Asked at every call with a
    /// remembered token. One that is about to end, or by this has not begun, is compared with [`now`](Clock::now).
    fn about_now(&self) -> SystemTime {
        self.now()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }

    fn about_now(&self) -> SystemTime {
        (**self).about_now()
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// As of the last tick, some milliseconds ago, which Linux keeps at hand: to read the clock itself takes 30 ns more.
    #[cfg(target_os = "linux")]
    fn about_now(&self) -> SystemTime {
        use rustix::time::{ClockId, DynamicClockId, clock_gettime_dynamic};
        // A sandbox may lack this clock.
        let ticked = clock_gettime_dynamic(DynamicClockId::Known(ClockId::RealtimeCoarse)).ok();
        let since = ticked.and_then(|ticked| Duration::try_from(ticked).ok());
        since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since)).unwrap_or_else(|| self.now())
    }
}

/// Whole seconds since 1970, as the reference counts time; fractions are cut.
pub(crate) fn unix_seconds(at: SystemTime) -> i64 {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX).saturating_neg(),
    }
}

/// The time that lies this many seconds after 1970; `None` when the system cannot say it.
pub(crate) fn system_time(seconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_now_is_not_after_now_and_hardly_before() {
        let (before, about, now) = (SystemClock.now(), SystemClock.about_now(), SystemClock.now());
        assert!(about <= now, "{about:?} {now:?}");
        // However seldom a machine ticks.
        assert!(about + Duration::from_secs(2) > before, "{before:?} {about:?}");
    }

    #[test]
    fn seconds_and_times_are_each_others_inverse() {
        for seconds in [0, 1, 1_800_000_000, 1 << 53, -1, -1_000_000] {
            assert_eq!(unix_seconds(system_time(seconds).unwrap()), seconds);
        }
        assert_eq!(unix_seconds(system_time(7).unwrap() + Duration::from_millis(999)), 7);
    }
}
