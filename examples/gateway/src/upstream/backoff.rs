//! How long to leave an upstream alone that cannot be reached.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::Duration,
};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// The pause after `failures` failed attempts in a row: none after the first (the next call may try at once, so a restart costs no
/// call more than it must), then 100 ms, doubled each time up to 5 s, each shortened by up to a fifth.
pub(super) fn pause(failures: u32) -> Duration {
    let Some(doublings) = failures.checked_sub(2) else {
        return Duration::ZERO;
    };
    let full = FIRST.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST);
    full.saturating_sub(jitter(full))
}

/// Up to a fifth of `full`; the seed of a new `RandomState` is all the randomness this needs.
fn jitter(full: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    let part = u32::try_from(random & 0xff).unwrap_or(0);
    full.saturating_mul(part).checked_div(5 * 256).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_seconds() {
        let bounds = [
            (0, 0, 0),
            (1, 0, 0),
            (2, 80, 100),
            (3, 160, 200),
            (5, 640, 800),
            (9, 4_000, 5_000),
            (u32::MAX, 4_000, 5_000),
        ];
        for (failures, least, most) in bounds {
            for _ in 0..50 {
                let millis = pause(failures).as_millis();
                assert!((least..=most).contains(&millis), "{failures} failures: {millis} ms");
            }
        }
    }
}
