//! The edges of time, by a clock that is set by hand.

use std::time::Duration;

use attacks::token::{claims_with, issuer_jwks, now, token};
use serde_json::json;
use temporal_authz::Reason::{self, Expired, IssuedInFuture, NotYetValid};

use crate::support::{Stand, StoppedClock, at_hand, profile, reason};

/// A stand in either profile whose clock stands.
async fn stand(strict: bool, clock: &StoppedClock, leeway: u64) -> Stand {
    let change = |mapper: temporal_claim_mapper::JwtClaimMapperBuilder| {
        mapper.clock(clock.clone()).leeway(Duration::from_secs(leeway))
    };
    Stand::new(strict, issuer_jwks(), change).await
}

#[tokio::test]
async fn case_031_the_edges_of_time_are_to_the_second() {
    let base = now();
    // Good from `nbf - leeway`, and before `exp + leeway`.
    let rows: [(&str, u64, serde_json::Value, i64, Option<Reason>); 16] = [
        ("case_031 a second before exp", 0, json!({"exp": base}), -1, None),
        ("case_031 exp is now", 0, json!({"exp": base}), 0, Some(Expired)),
        ("case_031 fractions are cut", 0, json!({"exp": (base as f64) + 0.9}), 0, Some(Expired)),
        ("case_031 exp + leeway - 1", 5, json!({"exp": base}), 4, None),
        ("case_031 exp + leeway", 5, json!({"exp": base}), 5, Some(Expired)),
        ("case_031 exp + leeway + 1", 5, json!({"exp": base}), 6, Some(Expired)),
        ("case_031 nbf is now", 0, json!({"nbf": base}), 0, None),
        ("case_031 a second before nbf", 0, json!({"nbf": base}), -1, Some(NotYetValid)),
        ("case_031 nbf - leeway", 5, json!({"nbf": base}), -5, None),
        ("case_031 nbf - leeway - 1", 5, json!({"nbf": base}), -6, Some(NotYetValid)),
        ("case_031 iat is now", 0, json!({"iat": base}), 0, None),
        ("case_031 a second before iat", 0, json!({"iat": base}), -1, Some(IssuedInFuture)),
        ("case_031 iat - leeway - 1", 300, json!({"iat": base}), -301, Some(IssuedInFuture)),
        ("case_031 nbf at 1e300", 300, json!({"nbf": 1e300}), 0, Some(NotYetValid)),
        ("case_031 nbf at -1e300", 300, json!({"nbf": -1e300, "iat": -1e300}), 0, None),
        ("case_031 the last exp", 300, json!({"exp": (1_u64 << 53) - 1}), 0, None),
    ];
    for strict in [true, false] {
        for (case, leeway, change, offset, expected) in &rows {
            let clock = StoppedClock::now();
            let stand = stand(strict, &clock, *leeway).await;
            let value = token(&claims_with(change.clone()));
            clock.set(base + offset);
            match expected {
                Some(expected) => stand.refuses_without_io(case, &value, *expected).await,
                None => drop(stand.accepts(case, &value, "default").await),
            }
        }
    }
}

#[tokio::test]
async fn case_031_a_clock_at_its_beginning_or_before_does_not_overflow() {
    for strict in [true, false] {
        let clock = StoppedClock::now();
        let stand = stand(strict, &clock, 300).await;
        let value = token(&claims_with(json!({"exp": 100, "nbf": 20})));
        for (case, seconds, expected) in [
            ("case_031 the leeway is longer than the clock has run", 10, None),
            ("case_031 at 0", 0, None),
            ("case_031 within the leeway, before 1970", -280, None),
            ("case_031 before the leeway", -281, Some(NotYetValid)),
            ("case_031 long before 1970", -4_000_000_000, Some(NotYetValid)),
            ("case_031 exp + leeway - 1", 399, None),
            ("case_031 exp + leeway", 400, Some(Expired)),
        ] {
            clock.set(seconds);
            assert_eq!(reason(&stand.mapper, &value).await, expected, "{case}");
        }
        let keys = stand.keys.clone();
        assert!(profile(strict, keys).leeway(Duration::from_secs(301)).build().is_err(), "case_031: a leeway of 301 s");
    }
}

#[tokio::test]
async fn case_031_case_053_a_remembered_token_is_good_by_the_wall_clock_of_each_call() {
    for (strict, leeway) in [(true, 0), (false, 0), (true, 7), (false, 7)] {
        let clock = StoppedClock::now();
        let base = now();
        clock.set(base);
        let stand = stand(strict, &clock, leeway).await;
        let value = token(&claims_with(json!({"exp": base + 100, "nbf": base - 5})));
        stand.accepts("case_053 at first", &value, "default").await;
        assert!(at_hand(&stand.mapper, &value), "case_053: it is remembered");
        let leeway = i64::try_from(leeway).unwrap();
        for (case, seconds, expected) in [
            ("case_053 the last second", base + 99 + leeway, None),
            ("case_053 exp + leeway", base + 100 + leeway, Some(Expired)),
            ("case_053 years later", base + 1_000_000_000, Some(Expired)),
            ("case_031 the clock is stepped back", base, None),
            ("case_031 the clock is stepped back before nbf", base - 6 - leeway, Some(NotYetValid)),
            ("case_031 the clock is stepped back to 1970", 0, Some(NotYetValid)),
            ("case_053 and right again", base + 1, None),
        ] {
            clock.set(seconds);
            assert_eq!(at_hand(&stand.mapper, &value), expected.is_none(), "{case}: at hand");
            match expected {
                Some(expected) => stand.refuses_without_io(case, &value, expected).await,
                None => drop(stand.accepts(case, &value, "default").await),
            }
        }
    }
}

#[tokio::test]
async fn case_053_a_token_ends_by_the_real_clock_too() {
    for stand in Stand::both().await {
        let value = token(&claims_with(json!({"exp": now() + 2})));
        stand.accepts("case_053 two seconds before", &value, "default").await;
        tokio::time::sleep(Duration::from_millis(2100)).await;
        assert!(!at_hand(&stand.mapper, &value), "case_053: at hand");
        stand.refuses_without_io("case_053 after", &value, Expired).await;
    }
}
