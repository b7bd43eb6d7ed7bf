//! Durations as Go writes them.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error as _};
use temporal_authz::Escaped;

/// A duration as Go's `time.ParseDuration` reads it (`1h30m`, `1.5h`, `250ms`), or a bare whole number of nanoseconds,
/// which is what an integer in YAML is to Go's `time.Duration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct GoDuration(pub(super) Duration);

/// Why a text is no duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum DurationError {
    #[error("not a duration such as `90s`, `1m` or `1h30m`")]
    Malformed,
    #[error("a duration must not be negative")]
    Negative,
    #[error("a duration of more than 292 years is too long")]
    TooLong,
}

// Go's units, in nanoseconds; the micro sign and the Greek letter are both taken.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

impl std::str::FromStr for GoDuration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        if let Some(rest) = text.strip_prefix('-') {
            return rest.parse::<Self>().and(Err(DurationError::Negative));
        }
        let text = text.strip_prefix('+').unwrap_or(text);
        if text.is_empty() {
            return Err(DurationError::Malformed);
        }
        let nanos = if text.bytes().all(|b| b.is_ascii_digit()) {
            text.parse::<u64>().map_err(|_| DurationError::TooLong)?
        } else {
            total(text)?
        };
        match i64::try_from(nanos) {
            Ok(_) => Ok(Self(Duration::from_nanos(nanos))),
            Err(_) => Err(DurationError::TooLong),
        }
    }
}

fn total(mut rest: &str) -> Result<u64, DurationError> {
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (whole, after) = split_at_end(rest, |c| c.is_ascii_digit());
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => split_at_end(after, |c| c.is_ascii_digit()),
            None => ("", after),
        };
        let (unit, after) = split_at_end(after, |c| c != '.' && !c.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() {
            return Err(DurationError::Malformed);
        }
        let Some((_, nanos)) = UNITS.into_iter().find(|(name, _)| *name == unit) else {
            return Err(DurationError::Malformed);
        };
        let part = part(whole, fraction, nanos).ok_or(DurationError::TooLong)?;
        total = total.checked_add(part).ok_or(DurationError::TooLong)?;
        rest = after;
    }
    Ok(total)
}

fn part(whole: &str, fraction: &str, unit: u64) -> Option<u64> {
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let (mut digits, mut scale) = (0_u128, 1_u128);
    // Digits beyond the 18th are less than a nanosecond even of an hour.
    for digit in fraction.chars().filter_map(|c| c.to_digit(10)).take(18) {
        digits = digits.checked_mul(10)?.checked_add(u128::from(digit))?;
        scale = scale.checked_mul(10)?;
    }
    let fraction = digits.checked_mul(u128::from(unit))?.checked_div(scale)?;
    whole.checked_mul(unit)?.checked_add(u64::try_from(fraction).ok()?)
}

fn split_at_end(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

impl<'de> Deserialize<'de> for GoDuration {
    fn deserialize<D: Deserializer<'de>>(yaml: D) -> Result<Self, D::Error> {
        let text = String::deserialize(yaml)?;
        text.parse().map_err(|error| D::Error::custom(format_args!("`{}`: {error}", Escaped(&text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_in_go() {
        for (text, nanos) in [
            ("0", 0),
            ("0s", 0),
            ("15", 15),
            ("1m", 60_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1.5h", 5_400_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("+3s", 3_000_000_000),
            ("1m0.000000001s", 60_000_000_001),
            ("2us3µs4μs", 9_000),
            ("0.3333333333333333333h", 1_199_999_999_999),
            ("9223372036854775807", i64::MAX as u64),
        ] {
            assert_eq!(text.parse(), Ok(GoDuration(Duration::from_nanos(nanos))), "{text}");
        }
        for (text, error) in [
            ("", DurationError::Malformed),
            ("-", DurationError::Malformed),
            ("s", DurationError::Malformed),
            (".s", DurationError::Malformed),
            ("1.5", DurationError::Malformed),
            ("1 m", DurationError::Malformed),
            ("1d", DurationError::Malformed),
            ("1M", DurationError::Malformed),
            ("1e3s", DurationError::Malformed),
            ("hour", DurationError::Malformed),
            ("-1m", DurationError::Negative),
            ("-5", DurationError::Negative),
            ("9223372036854775808", DurationError::TooLong),
            ("99999999999999999999999s", DurationError::TooLong),
            ("2562048h", DurationError::TooLong),
            ("2562047h9999999h", DurationError::TooLong),
        ] {
            assert_eq!(text.parse::<GoDuration>(), Err(error), "{text}");
        }
    }
}
