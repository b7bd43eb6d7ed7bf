use std::time::Duration;

use http::HeaderMap;
use serde_json::{Value, json};
use temporal_authz::{AuthInfo, ClaimMapper as _, Reason};
use temporal_claim_mapper::{JwtClaimMapper, TokenClaims, TrustedIssuer};

use crate::support::*;

/// A payload with one claim set to a value, null included.
fn set(name: &str, value: Value) -> Value {
    let mut payload = good();
    payload[name] = value;
    payload
}

// 25, 26, 27, 28, 29, 30, 32, 33, 45
#[tokio::test]
async fn claims_are_judged_by_profile_and_before_a_key_is_looked_up() {
    use Reason::*;
    let keys = MemoryKeys::new();
    let strict = strict(&keys).build().unwrap();
    let temporal = temporal(&keys).build().unwrap();
    for (payload, of_strict, of_temporal) in [
        (payload(json!({"exp": null})), Some(InvalidClaims), None),
        (set("exp", json!("never")), Some(InvalidClaims), Some(InvalidClaims)),
        (set("exp", Value::Null), Some(InvalidClaims), Some(InvalidClaims)),
        (set("exp", json!([])), Some(InvalidClaims), Some(InvalidClaims)),
        (set("exp", json!(0)), Some(InvalidClaims), Some(InvalidClaims)),
        (set("exp", json!(1e300)), Some(InvalidClaims), Some(InvalidClaims)),
        (set("exp", json!((1_u64 << 53) + 1)), Some(InvalidClaims), Some(InvalidClaims)),
        (set("exp", json!(-1)), Some(Expired), Some(Expired)),
        (set("exp", json!(NOW)), Some(Expired), Some(Expired)),
        (set("exp", json!(NOW + 1)), None, None),
        (set("nbf", json!("99999999999")), Some(InvalidClaims), Some(InvalidClaims)),
        (set("nbf", json!(NOW)), None, None),
        (set("nbf", json!(NOW + 1)), Some(NotYetValid), Some(NotYetValid)),
        (set("iat", json!(NOW)), None, None),
        (set("iat", json!(NOW + 1)), Some(IssuedInFuture), Some(IssuedInFuture)),
        (payload(json!({"aud": null})), Some(WrongAudience), None),
        (set("aud", json!(42)), Some(WrongAudience), None),
        (set("aud", json!({})), Some(WrongAudience), None),
        (set("aud", json!([1, AUDIENCE])), Some(WrongAudience), None),
        (set("aud", json!([])), Some(WrongAudience), None),
        (set("aud", json!(["x", AUDIENCE])), None, None),
        (set("aud", json!("Temporal")), Some(WrongAudience), None),
        (payload(json!({"iss": null})), Some(WrongIssuer), None),
        (set("iss", json!(["https://evil.example", ISSUER])), Some(WrongIssuer), None),
        (set("iss", json!(format!("{ISSUER}/"))), Some(WrongIssuer), None),
        (set("iss", json!(format!("{ISSUER} "))), Some(WrongIssuer), None),
        (set("iss", json!("https://issuer.example.evil")), Some(WrongIssuer), None),
        (set("iss", json!("https://ISSUER.example")), Some(WrongIssuer), None),
        (set("iss", json!("https://issuer%2Eexample")), Some(WrongIssuer), None),
        (payload(json!({"sub": null})), Some(InvalidSubject), Some(InvalidSubject)),
        (set("sub", json!(7)), Some(InvalidSubject), Some(InvalidSubject)),
        (set("sub", json!("")), Some(InvalidSubject), None),
        (set("sub", json!("a\nb")), Some(InvalidSubject), None),
        (set("sub", json!("temporal")), Some(InvalidSubject), None),
        (set("sub", json!("internal")), Some(InvalidSubject), None),
        (set("sub", json!("x".repeat(5000))), Some(InvalidSubject), None),
    ] {
        for (mapper, expected) in [(&strict, of_strict), (&temporal, of_temporal)] {
            let asked = keys.asked();
            assert_eq!(reason(mapper, &token(&payload)).await, expected, "{payload}");
            assert_eq!(keys.asked() > asked, expected.is_none(), "{payload}");
        }
    }
}

// 31
#[tokio::test]
async fn leeway_moves_the_edges_by_its_seconds() {
    let keys = MemoryKeys::new();
    for (now, expected) in [
        (NOW - 11, Some(Reason::NotYetValid)),
        (NOW - 10, None),
        (NOW + 609, None),
        (NOW + 610, Some(Reason::Expired)),
        (1, Some(Reason::NotYetValid)),
    ] {
        let mapper = strict(&keys).leeway(Duration::from_millis(10_999)).clock(FakeClock::at(now)).build().unwrap();
        let token = token(&payload(json!({"nbf": NOW})));
        assert_eq!(reason(&mapper, &token).await, expected, "{}", now - NOW);
        if expected.is_none() {
            let claims = claims_of(&mapper, &token).await.unwrap().unwrap();
            assert_eq!(claims.expires_at(), Some(time(NOW + 610)));
        }
    }
}

// 32
#[tokio::test]
async fn the_lifetime_is_limited_when_asked() {
    let mapper = strict(&MemoryKeys::new()).max_lifetime(Duration::from_secs(700)).build().unwrap();
    for (iat, expected) in [
        (json!(NOW - 100), None),
        (json!(NOW - 101), Some(Reason::InvalidClaims)),
        (Value::Null, Some(Reason::InvalidClaims)),
    ] {
        assert_eq!(reason(&mapper, &token(&payload(json!({"iat": iat})))).await, expected, "{iat}");
    }
}

async fn for_audience(mapper: &JwtClaimMapper, token: &str, audience: &str) -> Option<Reason> {
    let headers = HeaderMap::new();
    let info = AuthInfo::new(&headers).with_auth_token(token).with_audience(audience);
    mapper.get_claims(&info).await.err().map(|error| error.reason())
}

// 27, 28
#[tokio::test]
async fn the_audience_of_a_call_wins_in_both_profiles() {
    let keys = MemoryKeys::new();
    let mine = token(&good());
    let theirs = token(&payload(json!({"aud": "billing"})));
    let none = token(&payload(json!({"aud": null})));
    for mapper in [strict(&keys).build().unwrap(), temporal(&keys).audience(AUDIENCE).build().unwrap()] {
        for (token, call, expected) in [
            (&mine, "", None),
            (&mine, "  ", None),
            (&mine, "billing", Some(Reason::WrongAudience)),
            (&mine, " temporal ", Some(Reason::WrongAudience)),
            (&theirs, "billing", None),
            (&theirs, "", Some(Reason::WrongAudience)),
            (&none, "billing", Some(Reason::WrongAudience)),
            (&none, "", Some(Reason::WrongAudience)),
        ] {
            assert_eq!(for_audience(&mapper, token, call).await, expected, "{call:?}");
        }
    }
    // A blank audience is none in the reference.
    for mapper in [temporal(&keys).audience(" ").build().unwrap(), temporal(&keys).build().unwrap()] {
        assert_eq!(for_audience(&mapper, &none, "").await, None);
        assert_eq!(for_audience(&mapper, &none, "billing").await, Some(Reason::WrongAudience));
    }
}

// 42
#[tokio::test]
async fn issuers_have_audiences_of_their_own() {
    let keys = MemoryKeys::new();
    let other = TrustedIssuer::new("https://other.example").audiences(["x", "y"]);
    let strict = strict(&keys).trusted_issuer(other.clone()).build().unwrap();
    let temporal = temporal(&keys).issuer(ISSUER).audience(AUDIENCE).trusted_issuer(other).build().unwrap();
    for mapper in [strict, temporal] {
        for (iss, aud, expected) in [
            (ISSUER, AUDIENCE, None),
            (ISSUER, "x", Some(Reason::WrongAudience)),
            ("https://other.example", "x", None),
            ("https://other.example", "y", None),
            ("https://other.example", AUDIENCE, Some(Reason::WrongAudience)),
            ("https://third.example", AUDIENCE, Some(Reason::WrongIssuer)),
        ] {
            let token = token(&payload(json!({"iss": iss, "aud": aud})));
            assert_eq!(reason(&mapper, &token).await, expected, "{iss} {aud}");
        }
    }
}

#[tokio::test]
async fn what_is_loosened_is_loosened_alone() {
    let keys = MemoryKeys::new();
    let builder = || JwtClaimMapper::builder(std::sync::Arc::clone(&keys)).clock(FakeClock::at(NOW));
    let any_issuer = builder().audience(AUDIENCE).allow_any_issuer().build().unwrap();
    let any_audience = builder().issuer(ISSUER).allow_any_audience().build().unwrap();
    let no_exp = strict(&keys).allow_missing_exp().build().unwrap();
    let without = |name: &str| token(&payload(json!({ name: null })));
    for (mapper, claim) in [(&any_issuer, "iss"), (&any_audience, "aud"), (&no_exp, "exp")] {
        for name in ["iss", "aud", "exp", "sub"] {
            assert_eq!(reason(mapper, &without(name)).await.is_none(), name == claim, "{name} without {claim}");
        }
    }
    assert_eq!(claims_of(&no_exp, &without("exp")).await.unwrap().unwrap().expires_at(), None);
}

#[tokio::test]
async fn unavailable_keys_are_not_the_tokens_fault() {
    let keys = MemoryKeys::new();
    *keys.down.lock().unwrap() = Some("issuer is down".to_owned());
    let mapper = strict(&keys).build().unwrap();
    assert_eq!(reason(&mapper, &token(&good())).await, Some(Reason::KeysUnavailable));
    // Not remembered.
    *keys.down.lock().unwrap() = None;
    assert_eq!(reason(&mapper, &token(&good())).await, None);
}

#[tokio::test]
async fn token_claims_are_attached_when_asked() {
    let keys = MemoryKeys::new();
    let token = token(&payload(json!({"email": "alice@example.com", "groups": ["a", "b"]})));
    let claims = claims_of(&strict(&keys).build().unwrap(), &token).await.unwrap().unwrap();
    assert!(claims.extension::<TokenClaims>().is_none());
    let mapper = strict(&keys).keep_token_claims(true).build().unwrap();
    let claims = claims_of(&mapper, &token).await.unwrap().unwrap();
    let raw = claims.extension::<TokenClaims>().unwrap();
    assert_eq!(raw.text("email"), Some("alice@example.com"));
    assert_eq!(raw.texts("groups").collect::<Vec<_>>(), ["a", "b"]);
    assert!(!format!("{claims:?} {mapper:?} {raw:?}").contains("alice@"));
}
