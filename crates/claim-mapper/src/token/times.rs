//! The time claims `exp`, `nbf` and `iat` (RFC 7519 section 4.1).

use temporal_authz::{ClaimError, Reason};
use temporal_key_provider::strict_json::Members;

use crate::refusal::invalid;

/// From here on a JSON number no longer tells seconds apart.
const UNREAL: f64 = 9_007_199_254_740_992.0; // 2^53

/// What is asked of the time claims. All times are whole seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeRules {
    pub(crate) exp_required: bool,
    pub(crate) leeway: i64,
    pub(crate) max_lifetime: Option<i64>,
}

/// When a token is good, leeway included: `from <= now < until`, or from then on [for ever](Self::FOR_EVER).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl Window {
    /// The end of a token without `exp`, where that is allowed.
    pub(crate) const FOR_EVER: i64 = i64::MAX;

    pub(crate) fn contains(self, now: i64) -> bool {
        self.from <= now && now < self.until
    }

    /// When it ends, if ever.
    pub(crate) fn end(self) -> Option<i64> {
        Some(self.until).filter(|until| *until != Self::FOR_EVER)
    }
}

/// The window of a token that is good at `now`.
pub(crate) fn check(payload: &Members<'_>, rules: TimeRules, now: i64) -> Result<Window, ClaimError> {
    let exp = expiry(payload)?;
    let nbf = instant(payload, "nbf")?;
    let iat = instant(payload, "iat")?;
    if exp.is_none() && rules.exp_required {
        return Err(invalid("exp is missing"));
    }
    if let Some(max) = rules.max_lifetime {
        check_lifetime(exp, iat, max)?;
    }
    let until = exp.map(|exp| exp.saturating_add(rules.leeway));
    if until.is_some_and(|until| now >= until) {
        return Err(ClaimError::rejected_with(Reason::Expired, format!("exp is {}, now is {now}", exp.unwrap_or(0))));
    }
    let mut from = i64::MIN;
    for (name, at, reason) in [("nbf", nbf, Reason::NotYetValid), ("iat", iat, Reason::IssuedInFuture)] {
        let Some(at) = at else { continue };
        let earliest = at.saturating_sub(rules.leeway);
        if now < earliest {
            return Err(ClaimError::rejected_with(reason, format!("{name} is {at}, now is {now}")));
        }
        from = from.max(earliest);
    }
    Ok(Window { from, until: until.unwrap_or(Window::FOR_EVER) })
}

fn check_lifetime(exp: Option<i64>, iat: Option<i64>, max: i64) -> Result<(), ClaimError> {
    match (exp, iat) {
        (Some(exp), Some(iat)) if exp.saturating_sub(iat) <= max => Ok(()),
        (Some(exp), Some(iat)) => {
            Err(invalid(format!("a lifetime of {} seconds, {max} are allowed", exp.saturating_sub(iat))))
        }
        _ => Err(invalid("the lifetime is limited, and exp or iat is missing")),
    }
}

fn expiry(payload: &Members<'_>) -> Result<Option<i64>, ClaimError> {
    match number(payload, "exp")? {
        // The reference takes an exp of 0 for none, which is a token for ever.
        Some(exp) if exp == 0.0 || exp >= UNREAL => Err(invalid("exp is no time")),
        exp => Ok(exp.map(whole)),
    }
}

/// 0 counts as absent (golang-jwt's `MapClaims.VerifyNotBefore` and `VerifyIssuedAt`).
fn instant(payload: &Members<'_>, name: &str) -> Result<Option<i64>, ClaimError> {
    Ok(number(payload, name)?.filter(|at| *at != 0.0).map(whole))
}

fn number(payload: &Members<'_>, name: &str) -> Result<Option<f64>, ClaimError> {
    match payload.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or_else(|| invalid(format!("{name} is not a number"))),
    }
}

/// Cuts the fraction; what is too large becomes the largest number.
fn whole(seconds: f64) -> i64 {
    seconds as i64
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const RULES: TimeRules = TimeRules { exp_required: true, leeway: 5, max_lifetime: None };

    fn reason(payload: Value, rules: TimeRules, now: i64) -> Option<Reason> {
        check(&payload.as_object().unwrap().into(), rules, now).err().map(|error| error.reason())
    }

    #[test]
    fn the_edges_are_to_the_second() {
        for (now, expected) in [
            (94, Some(Reason::NotYetValid)),
            (95, None),
            (204, None),
            (205, Some(Reason::Expired)),
            (i64::MAX, Some(Reason::Expired)),
            (i64::MIN, Some(Reason::NotYetValid)),
        ] {
            assert_eq!(reason(json!({"nbf": 100, "exp": 200}), RULES, now), expected, "now {now}");
        }
        assert_eq!(reason(json!({"iat": 100, "exp": 200}), RULES, 94), Some(Reason::IssuedInFuture));
        let exact = TimeRules { leeway: 0, ..RULES };
        assert_eq!(reason(json!({"exp": 200}), exact, 199), None);
        assert_eq!(reason(json!({"exp": 200.9}), exact, 200), Some(Reason::Expired), "fractions are cut");
    }

    #[test]
    fn what_is_no_time_refuses_the_token() {
        let loose = TimeRules { exp_required: false, ..RULES };
        for exp in [json!("never"), json!(null), json!([]), json!(true), json!(0), json!(1e300), json!(1_u64 << 53)] {
            assert_eq!(reason(json!({"exp": exp}), loose, 1), Some(Reason::InvalidClaims), "exp {exp}");
        }
        assert_eq!(reason(json!({"exp": -1}), loose, 10), Some(Reason::Expired));
        assert_eq!(reason(json!({"exp": (1_u64 << 53) - 1}), RULES, 1), None);
        for name in ["nbf", "iat"] {
            for value in [json!("99999999999"), json!(null), json!([])] {
                assert_eq!(reason(json!({"exp": 99, name: value}), RULES, 1), Some(Reason::InvalidClaims), "{name}");
            }
            assert_eq!(reason(json!({"exp": 99, name: 0}), RULES, 1), None, "{name} of 0 is absent");
            assert!(reason(json!({"exp": 99, name: 1e300}), RULES, 1).is_some(), "{name} far ahead");
        }
        assert_eq!(reason(json!({}), RULES, 1), Some(Reason::InvalidClaims));
        assert_eq!(reason(json!({}), loose, 1), None);
    }

    #[test]
    fn the_lifetime_is_limited_when_asked() {
        let rules = TimeRules { max_lifetime: Some(100), ..RULES };
        for (payload, expected) in [
            (json!({"iat": 1000, "exp": 1100}), None),
            (json!({"iat": 1000, "exp": 1101}), Some(Reason::InvalidClaims)),
            (json!({"exp": 1100}), Some(Reason::InvalidClaims)),
            (json!({"iat": 1000}), Some(Reason::InvalidClaims)),
        ] {
            assert_eq!(reason(payload.clone(), rules, 1000), expected, "{payload}");
        }
    }
}
