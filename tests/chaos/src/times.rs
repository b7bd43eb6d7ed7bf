//! Every time that matters. Machines are loaded, so bounds are multiples of what is configured.

use std::time::{Duration, Instant, SystemTime};

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
/// No call takes longer, whatever happens.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long a start of the gateway with a bad configuration may take to fail.
pub const REFUSED_START: Duration = Duration::from_secs(15);

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
