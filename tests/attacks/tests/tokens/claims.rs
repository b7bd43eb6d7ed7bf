//! The registered claims: times, audience, issuer, subject.

use attacks::{
    log::Log,
    token::{AUDIENCE, ISSUER, claims, claims_with, header, now, token},
};
use http::HeaderMap;
use serde_json::{Value, json};
use temporal_authz::{
    AuthInfo, ClaimMapper as _,
    Reason::{self, Expired, InvalidClaims, InvalidSubject, WrongAudience, WrongIssuer},
};

use crate::support::{Stand, profile};

/// Good claims in which one has this value, null included; as text.
fn claim(name: &str, value: &Value) -> String {
    let mut claims = claims();
    claims[name] = value.clone();
    claims.to_string()
}

#[tokio::test]
async fn case_025_exp_is_a_time_or_the_token_is_refused() {
    let rows = [
        ("case_025 a text", json!("never"), InvalidClaims),
        ("case_025 a number in a text", json!("4102444800"), InvalidClaims),
        ("case_025 null", json!(null), InvalidClaims),
        ("case_025 a list", json!([]), InvalidClaims),
        ("case_025 a list with a time", json!([4_102_444_800_u64]), InvalidClaims),
        ("case_025 an object", json!({}), InvalidClaims),
        ("case_025 true", json!(true), InvalidClaims),
        ("case_025 0", json!(0), InvalidClaims),
        ("case_025 0.0", json!(0.0), InvalidClaims),
        ("case_025 -0.0", json!(-0.0), InvalidClaims),
        ("case_025 1e300", json!(1e300), InvalidClaims),
        ("case_025 2^53", json!(1_u64 << 53), InvalidClaims),
        ("case_025 2^53+1", json!((1_u64 << 53) + 1), InvalidClaims),
        ("case_025 2^64-1", json!(u64::MAX), InvalidClaims),
        ("case_025 -1", json!(-1), Expired),
        ("case_025 -1e300", json!(-1e300), Expired),
        ("case_025 a half", json!(0.5), Expired),
        ("case_025 a minute ago", json!(now() - 60), Expired),
    ];
    let lenient = |mapper: temporal_claim_mapper::JwtClaimMapperBuilder| mapper.allow_missing_exp();
    let stands = Stand::both().await.into_iter().chain(Stand::both_with(lenient).await);
    for (number, stand) in stands.enumerate() {
        for (case, exp, expected) in &rows {
            stand.refuses_text(case, header(), claim("exp", exp), *expected).await;
        }
        let far = token(&claims_with(json!({"exp": (1_u64 << 53) - 1})));
        stand.accepts("case_025 2^53-1", &far, "default").await;
        let absent = claims_with(json!({"exp": null})).to_string();
        // Only the strict profile, as it begins, asks for one.
        if number == 0 {
            stand.refuses_text("case_025 absent", header(), absent, InvalidClaims).await;
        } else {
            stand.accepts("case_025 absent", &token(&claims_with(json!({"exp": null}))), "default").await;
        }
    }
}

#[tokio::test]
async fn case_026_nbf_and_iat_are_numbers_or_the_token_is_refused() {
    for stand in Stand::both().await {
        for name in ["nbf", "iat"] {
            for value in [json!("99999999999"), json!("0"), json!(null), json!([]), json!({}), json!(false), json!([0])]
            {
                let case = format!("case_026 {name} {value}");
                stand.refuses_text(&case, header(), claim(name, &value), InvalidClaims).await;
            }
        }
    }
}

#[tokio::test]
async fn case_027_case_028_aud_names_the_audience_in_a_form_that_is_one() {
    let rows = [
        ("case_027 missing", None),
        ("case_028 a number", Some(json!(42))),
        ("case_028 an object", Some(json!({}))),
        ("case_028 an object with the name", Some(json!({AUDIENCE: AUDIENCE}))),
        ("case_028 a number beside it", Some(json!([1, AUDIENCE]))),
        ("case_028 a number behind it", Some(json!([AUDIENCE, null]))),
        ("case_028 a list in a list", Some(json!([[AUDIENCE]]))),
        ("case_028 an empty list", Some(json!([]))),
        ("case_028 an empty text", Some(json!(""))),
        ("case_028 a list of an empty text", Some(json!([""]))),
        ("case_028 null", Some(json!(null))),
        ("case_028 true", Some(json!(true))),
        ("case_028 another", Some(json!("billing"))),
        ("case_028 in other case", Some(json!("Temporal"))),
        ("case_028 a space behind", Some(json!("temporal "))),
        ("case_028 longer", Some(json!("temporal2"))),
        ("case_028 both in one text", Some(json!("billing temporal"))),
    ];
    let asked = |mapper: temporal_claim_mapper::JwtClaimMapperBuilder| mapper.audience(AUDIENCE);
    let [_, open] = Stand::both().await;
    for stand in Stand::both_with(asked).await {
        for (case, aud) in &rows {
            let payload = match aud {
                Some(aud) => claim("aud", aud),
                None => claims_with(json!({"aud": null})).to_string(),
            };
            stand.refuses_text(case, header(), &payload, WrongAudience).await;
            // Where no audience is configured, as in the reference; unless the call names its own.
            let value = token(&serde_json::from_str(&payload).unwrap());
            open.accepts(case, &value, "default").await;
            let headers = HeaderMap::new();
            let info = AuthInfo::new(&headers).with_auth_token(&value).with_audience(AUDIENCE);
            let error = open.mapper.get_claims(&info).await.unwrap_err();
            assert_eq!(error.reason(), WrongAudience, "{case}: the audience of the call");
        }
        let value = token(&claims_with(json!({"aud": ["billing", AUDIENCE]})));
        stand.accepts("case_028 in a list", &value, "default").await;
    }
}

#[tokio::test]
async fn case_029_case_030_iss_is_one_listed_text_byte_for_byte() {
    let rows = [
        ("case_029 missing", None),
        ("case_029 a list", Some(json!(["https://evil.example", ISSUER]))),
        ("case_029 a list of the right one", Some(json!([ISSUER]))),
        ("case_029 an object", Some(json!({ISSUER: ISSUER}))),
        ("case_029 null", Some(json!(null))),
        ("case_029 a number", Some(json!(1))),
        ("case_029 empty", Some(json!(""))),
        ("case_030 a slash behind", Some(json!(format!("{ISSUER}/")))),
        ("case_030 other case", Some(json!("https://Issuer.example"))),
        ("case_030 scheme in capitals", Some(json!("HTTPS://issuer.example"))),
        ("case_030 a space behind", Some(json!(format!("{ISSUER} ")))),
        ("case_030 a space in front", Some(json!(format!(" {ISSUER}")))),
        ("case_030 a longer host", Some(json!(format!("{ISSUER}.evil")))),
        ("case_030 percent-encoded", Some(json!("https://issuer%2Eexample"))),
        ("case_030 the default port", Some(json!(format!("{ISSUER}:443")))),
        ("case_030 a user", Some(json!("https://evil@issuer.example"))),
        ("case_030 a dot behind", Some(json!(format!("{ISSUER}.")))),
        ("case_030 a fragment", Some(json!(format!("{ISSUER}#")))),
        ("case_030 a NUL behind", Some(json!(format!("{ISSUER}\0")))),
        ("case_030 a zero-width space", Some(json!(format!("{ISSUER}\u{200b}")))),
        ("case_030 a Cyrillic letter", Some(json!("https://issuer.exаmple"))),
        ("case_030 http", Some(json!("http://issuer.example"))),
    ];
    let [_, open] = Stand::both().await;
    let listed = |mapper: temporal_claim_mapper::JwtClaimMapperBuilder| mapper.issuer("https://other.example");
    let strict = Stand::new(true, attacks::token::issuer_jwks(), listed).await;
    let temporal = Stand::new(false, attacks::token::issuer_jwks(), |mapper| listed(mapper).issuer(ISSUER)).await;
    for stand in [strict, temporal] {
        for (case, iss) in &rows {
            let payload = match iss {
                Some(iss) => claim("iss", iss),
                None => claims_with(json!({"iss": null})).to_string(),
            };
            stand.refuses_text(case, header(), &payload, WrongIssuer).await;
            // Where no issuer is configured, iss is not looked at, as in the reference.
            open.accepts(case, &token(&serde_json::from_str(&payload).unwrap()), "default").await;
        }
        for iss in [ISSUER, "https://other.example"] {
            stand.accepts("case_030 listed", &token(&claims_with(json!({"iss": iss}))), "default").await;
        }
    }
}

#[tokio::test]
async fn case_033_the_subject_is_text_and_names_nobody_inside() {
    let long = "x".repeat(10 << 10);
    let rows = [
        ("case_033 missing", None, false),
        ("case_033 a number", Some(json!(7)), false),
        ("case_033 null", Some(json!(null)), false),
        ("case_033 a list", Some(json!(["alice"])), false),
        ("case_033 an object", Some(json!({"name": "alice"})), false),
        // Taken by the reference, and shown escaped.
        ("case_033 empty", Some(json!("")), true),
        ("case_033 10 KiB", Some(json!(long)), true),
        ("case_033 1,025 bytes", Some(json!("y".repeat(1025))), true),
        ("case_033 a newline", Some(json!("c033-alice\nINFO allowed subject=forged")), true),
        ("case_033 an escape", Some(json!("c033-\u{1b}[31mred")), true),
        ("case_033 a NUL", Some(json!("c033-\0root")), true),
        ("case_033 a C1 control", Some(json!("c033-\u{85}next")), true),
        ("case_033 temporal", Some(json!("temporal")), true),
        ("case_033 internal", Some(json!("internal")), true),
    ];
    for stand in Stand::both().await {
        for (case, sub, text) in &rows {
            let payload = match sub {
                Some(sub) => claim("sub", sub),
                None => claims_with(json!({"sub": null})).to_string(),
            };
            if stand.strict || !text {
                stand.refuses_text(case, header(), payload, InvalidSubject).await;
                continue;
            }
            let log = Log::open();
            let value = token(&serde_json::from_str(&payload).unwrap());
            let claims = stand.accepts(case, &value, "default").await;
            // Whatever it is called, it is a caller from outside.
            assert_eq!(
                (claims.auth_type(), claims.principal().name()),
                ("jwt", sub.as_ref().unwrap().as_str().unwrap()),
                "{case}"
            );
            assert_ne!(
                format!("{:?}", claims.principal()),
                format!("{:?}", temporal_authz::Principal::new("temporal", claims.subject())),
                "{case}"
            );
            log.assert_escaped(case, "c033-");
            assert_eq!(log.containing(&long), Vec::<String>::new(), "{case}: the log shows 10 KiB");
            if payload.contains("c033-") {
                assert!(!log.containing("c033-").is_empty(), "{case}: who called is logged");
            }
        }
        let edge = token(&claims_with(json!({"sub": "z".repeat(1024)})));
        stand.accepts("case_033 1,024 bytes", &edge, "default").await;
    }
}

#[tokio::test]
async fn case_032_a_token_from_the_future_or_for_too_long_is_refused() {
    let limited = |mapper: temporal_claim_mapper::JwtClaimMapperBuilder| {
        mapper.max_lifetime(std::time::Duration::from_secs(3600))
    };
    let now = now();
    let future = [
        ("case_032 iat in an hour", json!({"iat": now + 3600})),
        ("case_032 iat at 1e300", json!({"iat": 1e300})),
        ("case_032 iat in milliseconds", json!({"iat": now * 1000})),
    ];
    let long = [
        ("case_032 a second too long", json!({"iat": now - 10, "exp": now + 3591})),
        ("case_032 iat missing", json!({"exp": now + 60})),
        ("case_032 iat 0", json!({"iat": 0, "exp": now + 60})),
        ("case_032 iat -1e300", json!({"iat": -1e300, "exp": now + 60})),
        ("case_032 exp missing", json!({"iat": now - 10, "exp": null})),
    ];
    let plain = Stand::both().await;
    for (stand, free) in Stand::both_with(limited).await.into_iter().zip(plain) {
        for (case, change) in &future {
            free.refuses_text(case, header(), claims_with(change.clone()).to_string(), Reason::IssuedInFuture).await;
        }
        for (case, change) in &long {
            stand.refuses_text(case, header(), claims_with(change.clone()).to_string(), InvalidClaims).await;
            if !(free.strict && change["exp"].is_null()) {
                free.accepts(case, &token(&claims_with(change.clone())), "default").await;
            }
        }
        let edge = token(&claims_with(json!({"iat": now - 10, "exp": now + 3590})));
        stand.accepts("case_032 an hour", &edge, "default").await;
    }
    let keys = Stand::both().await.into_iter().next().unwrap().keys;
    let zero = profile(true, keys).max_lifetime(std::time::Duration::ZERO).build();
    assert!(zero.is_err(), "case_032: no lifetime at all");
}
