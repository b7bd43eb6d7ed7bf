//! Every time that matters. Machines are loaded, so bounds are multiples of what is configured, and longer while this one is late.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant, SystemTime},
};

use tokio::sync::watch;

/// `refreshInterval` of the gateways; also the longest pause after an attempt that failed.
pub const REFRESH: Duration = Duration::from_millis(250);
/// `limits.jwksTimeout` of the gateways.
pub const FETCH_TIMEOUT: Duration = Duration::from_millis(500);
/// Within this time every gateway goes by what an issuer publishes: withdrawn keys are refused, new ones are taken, trouble is
/// known as such, and after it all is well. Five times the longest way, which is an attempt that hangs and the pause after it.
pub const KEYS_SETTLE: Duration = REFRESH.saturating_add(FETCH_TIMEOUT).saturating_mul(5);
/// Within this time after the upstream is back, calls are served: twice the longest pause between attempts to connect.
pub const UPSTREAM_SETTLE: Duration = Duration::from_secs(10);
/// A stream ends with its token, within this time.
pub const STREAM_END: Duration = Duration::from_secs(4);
/// No call takes longer, whatever happens. Longer than the gateway waits for a request, so that its answer to that is seen.
pub const PATIENCE: Duration = Duration::from_secs(45);
/// How long a start of the gateway with a bad configuration may take to fail.
pub const REFUSED_START: Duration = Duration::from_secs(15);

/// Between two looks at how late this machine is.
const LOOK: Duration = Duration::from_millis(20);
/// So long it is remembered: longer than any of the times above.
const REMEMBERED: Duration = Duration::from_secs(30);
/// One after the other so many things have to be given their turn until a gateway has loaded a document: connect, request,
/// answer, each on both sides, some more than once.
const TURNS: u32 = 20;

/// The longest that anybody had to wait for a turn of late, in microseconds.
static LATENESS: AtomicU64 = AtomicU64::new(0);
/// The longest of all.
static WORST: AtomicU64 = AtomicU64::new(0);

/// Looks all the time how long a task waits for its turn, until it is told to stop.
pub async fn watch_lateness(stop: watch::Receiver<bool>) {
    let mut seen: VecDeque<(Instant, u64)> = VecDeque::new();
    while !*stop.borrow() {
        let due = Instant::now() + LOOK;
        tokio::time::sleep(LOOK).await;
        let late = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
        seen.retain(|(at, before)| at.elapsed() < REMEMBERED && *before > late);
        seen.push_back((Instant::now(), late));
        LATENESS.store(seen.front().map_or(0, |(_, late)| *late), Relaxed);
        WORST.fetch_max(late, Relaxed);
    }
}

/// The longest that a task had to wait for its turn.
pub fn worst_lateness() -> Duration {
    Duration::from_micros(WORST.load(Relaxed))
}

fn while_late(limit: Duration) -> Duration {
    limit + Duration::from_micros(LATENESS.load(Relaxed)) * TURNS
}

/// [`KEYS_SETTLE`], on a machine that is as late as this one.
pub fn keys_settle() -> Duration {
    while_late(KEYS_SETTLE)
}

/// [`UPSTREAM_SETTLE`], likewise.
pub fn upstream_settle() -> Duration {
    while_late(UPSTREAM_SETTLE)
}

/// A moment on both clocks: the steady one, and the seconds since 1970 that tokens go by.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub steady: Instant,
    pub unix: u64,
}

impl Moment {
    pub fn now() -> Self {
        Self { steady: Instant::now(), unix: unix() }
    }
}

/// Seconds since 1970.
pub fn unix() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}
