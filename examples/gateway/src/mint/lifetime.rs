//! How long a token lives, as people write it: `90s`, `15m`, `1h30m`, `30d`.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// Ten years. A token cannot be called back, so none lives longer.
const MAX_SECONDS: u64 = 3_650 * 86_400;

/// A time between one second and ten years, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(u64);

/// A text that is no lifetime.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum LifetimeError {
    /// Not a sequence of numbers, each followed by a unit.
    #[error("expected numbers with units, as in 90s, 15m, 1h30m or 30d")]
    Malformed,
    /// Zero, or more than ten years.
    #[error("must be between 1s and 3650d")]
    OutOfRange,
}

impl Lifetime {
    /// The time in seconds.
    pub fn as_secs(self) -> u64 {
        self.0
    }
}

impl FromStr for Lifetime {
    type Err = LifetimeError;

    fn from_str(text: &str) -> Result<Self, LifetimeError> {
        let mut total: u64 = 0;
        let mut rest = text;
        while let Some(end) = rest.find(|c: char| !c.is_ascii_digit()) {
            let (digits, tail) = rest.split_at_checked(end).ok_or(LifetimeError::Malformed)?;
            if digits.is_empty() {
                return Err(LifetimeError::Malformed);
            }
            let amount: u64 = digits.parse().map_err(|_| LifetimeError::OutOfRange)?;
            let mut units = tail.chars();
            let seconds = match units.next() {
                Some('s') => 1,
                Some('m') => 60,
                Some('h') => 3_600,
                Some('d') => 86_400,
                _ => return Err(LifetimeError::Malformed),
            };
            total = total.saturating_add(amount.saturating_mul(seconds));
            rest = units.as_str();
        }
        match (rest.is_empty() && !text.is_empty(), total) {
            (false, _) => Err(LifetimeError::Malformed),
            (true, 1..=MAX_SECONDS) => Ok(Self(total)),
            (true, _) => Err(LifetimeError::OutOfRange),
        }
    }
}

/// In seconds: `5400s`.
impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units_add_up_and_nothing_else_passes() {
        let cases = [
            ("90s", Ok(90)),
            ("15m", Ok(900)),
            ("1h", Ok(3_600)),
            ("1h30m", Ok(5_400)),
            ("30d", Ok(2_592_000)),
            ("3650d", Ok(MAX_SECONDS)),
            ("3650d1s", Err(LifetimeError::OutOfRange)),
            ("0s", Err(LifetimeError::OutOfRange)),
            ("18446744073709551615d", Err(LifetimeError::OutOfRange)),
            ("99999999999999999999s", Err(LifetimeError::OutOfRange)),
            ("", Err(LifetimeError::Malformed)),
            ("60", Err(LifetimeError::Malformed)),
            ("1h30", Err(LifetimeError::Malformed)),
            ("h", Err(LifetimeError::Malformed)),
            ("1 h", Err(LifetimeError::Malformed)),
            ("-1h", Err(LifetimeError::Malformed)),
            ("1.5h", Err(LifetimeError::Malformed)),
            ("1w", Err(LifetimeError::Malformed)),
            ("1é", Err(LifetimeError::Malformed)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Lifetime>().map(Lifetime::as_secs), expected, "{text:?}");
        }
    }
}
