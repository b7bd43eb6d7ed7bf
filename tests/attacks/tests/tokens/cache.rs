//! Tokens that are remembered, and what must not be remembered of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use attacks::{
    server::{Answer, JwksServer},
    signer::{FOREIGN_RSA, P256, RSA, base64url, jwks},
    token::{AUDIENCE, ISSUER, claims_with, header, issuer_jwks, parts, signed, token},
};
use http::HeaderMap;
use serde_json::json;
use temporal_authz::{
    AuthInfo, ClaimMapper as _,
    Reason::{BadSignature, Expired, UnknownKey, WrongAudience, WrongIssuer},
};
use temporal_claim_mapper::{CacheLimits, JwtClaimMapper};
use temporal_key_provider::{Algorithm, JwksKeyProvider, KeyError, KeyQuery, Keys, TokenKeyProvider};

use crate::support::{Served, Stand, at_hand, eager, profile, reason, until};

/// Keys that count how often a verification asks for them.
#[derive(Debug)]
struct Counted {
    keys: JwksKeyProvider,
    asked: AtomicUsize,
}

impl Counted {
    async fn new() -> Arc<Self> {
        let server = JwksServer::publishing(issuer_jwks()).await;
        let keys = eager().unknown_kid_cooldown(Duration::from_secs(60)).source(server.source()).build().await.unwrap();
        Arc::new(Self { keys, asked: AtomicUsize::new(0) })
    }

    fn asked(&self) -> usize {
        self.asked.load(SeqCst)
    }
}

#[async_trait]
impl TokenKeyProvider for Counted {
    async fn keys(&self, query: &KeyQuery<'_>) -> Result<Keys, KeyError> {
        self.asked.fetch_add(1, SeqCst);
        self.keys.keys(query).await
    }

    fn generation(&self) -> u64 {
        self.keys.generation()
    }

    fn supported_algorithms(&self) -> &[Algorithm] {
        self.keys.supported_algorithms()
    }

    fn known_keys(&self, query: &KeyQuery<'_>) -> Option<Keys> {
        self.keys.known_keys(query)
    }
}

#[tokio::test]
async fn case_052_a_remembered_token_goes_with_its_key() {
    let value = token(&claims_with(json!({})));
    let other = signed(&P256, Algorithm::Es256, r#"{"alg":"ES256","kid":"ec-1"}"#, claims_with(json!({})).to_string());
    let reload = parts(r#"{"alg":"RS256","kid":"reload"}"#, claims_with(json!({})).to_string(), [7; 256]);
    for (case, document, expected) in [
        ("case_052 withdrawn", jwks(&[P256.jwk("ec-1")]), UnknownKey),
        ("case_052 replaced", jwks(&[FOREIGN_RSA.jwk("rsa-1"), P256.jwk("ec-1")]), BadSignature),
    ] {
        for stand in Stand::both().await {
            stand.accepts(case, &value, "default").await;
            stand.accepts(case, &other, "default").await;
            assert!(at_hand(&stand.mapper, &value), "{case}: it is remembered");
            stand.server.answer(Answer::ok(&document));
            stand.refuses(&format!("{case}: the fetch that brings it"), &reload, UnknownKey).await;
            assert!(!at_hand(&stand.mapper, &value), "{case}: at hand");
            stand.refuses(case, &value, expected).await;
            assert!(at_hand(&stand.mapper, &other), "{case}: the other key's token stays");
            stand.accepts(case, &other, "default").await;
        }
    }
    for stand in Stand::both().await {
        stand.accepts("case_052 revoked", &value, "default").await;
        stand.keys.revoke("rsa-1");
        assert!(!at_hand(&stand.mapper, &value), "case_052 revoked: at hand");
        stand.refuses_without_io("case_052 revoked", &value, UnknownKey).await;
        stand.accepts("case_052 revoked, the other", &other, "default").await;
    }
}

#[tokio::test]
async fn case_052_the_refresh_interval_is_enough_to_forget_it() {
    let value = token(&claims_with(json!({})));
    for strict in [true, false] {
        let server = JwksServer::publishing(issuer_jwks()).await;
        let builder = eager().refresh_interval(Some(Duration::from_millis(50))).source(server.source());
        let mapper = profile(strict, builder.build().await.unwrap()).build().unwrap();
        assert_eq!(reason(&mapper, &value).await, None, "case_052");
        server.answer(Answer::ok(jwks(&[P256.jwk("ec-1")])));
        until("case_052 refreshed", || !at_hand(&mapper, &value)).await;
        Served::new(strict, mapper).refuses("case_052 refreshed", &value, UnknownKey).await;
    }
}

#[tokio::test]
async fn case_054_what_one_policy_remembers_is_nothing_to_another() {
    let keys = Counted::new().await;
    let value = token(&claims_with(json!({"aud": [AUDIENCE, "reports"]})));
    for strict in [true, false] {
        let first = profile(strict, Arc::clone(&keys)).build().unwrap();
        assert_eq!(reason(&first, &value).await, None, "case_054");
        let builder = |audience: &str, issuer: &str| {
            let mapper = Arc::clone(&keys);
            let mapper = if strict { JwtClaimMapper::builder(mapper) } else { JwtClaimMapper::temporal(mapper) };
            mapper.audience(audience).issuer(issuer).build().unwrap()
        };
        for (case, audience, issuer, expected) in [
            ("case_054 another audience", "billing", ISSUER, WrongAudience),
            ("case_054 another issuer", AUDIENCE, "https://other.example", WrongIssuer),
        ] {
            let other = builder(audience, issuer);
            assert!(!at_hand(&other, &value), "{case}: at hand");
            assert_eq!(reason(&other, &value).await, Some(expected), "{case}");
            Served::new(strict, other).refuses(case, &value, expected).await;
        }
        // The same mapper, in calls with audiences of their own.
        let headers = HeaderMap::new();
        for (audience, good) in
            [("reports", true), (AUDIENCE, true), ("billing", false), ("reports ", false), ("Reports", false)]
        {
            let info = AuthInfo::new(&headers).with_auth_token(&value).with_audience(audience);
            assert_eq!(first.claims_at_hand(&info).is_some(), good, "case_054 a call for {audience:?}, at hand");
            let answer = first.get_claims(&info).await.map_err(|error| error.reason());
            assert_eq!(answer.err(), (!good).then_some(WrongAudience), "case_054 a call for {audience:?}");
        }
    }
}

#[tokio::test]
async fn case_055_a_token_is_remembered_whole() {
    let good = token(&claims_with(json!({})));
    let cut: Vec<&str> = good["Bearer ".len()..].split('.').collect();
    let [h, p, s] = cut[..] else { panic!("three parts") };
    let admin = base64url(claims_with(json!({"permissions": ["temporal-system:admin"]})).to_string());
    let longer = base64url(claims_with(json!({"x": "y".repeat(4000)})).to_string());
    let mut bent = signed(&RSA, Algorithm::Rs256, header(), "{}").rsplit_once('.').unwrap().1.to_owned();
    bent.truncate(s.len());
    for stand in Stand::both().await {
        stand.accepts("case_055 the good one", &good, "default").await;
        for (case, value) in [
            ("case_055 another payload", format!("Bearer {h}.{admin}.{s}")),
            ("case_055 a longer payload", format!("Bearer {h}.{longer}.{s}")),
            ("case_055 another token's signature", format!("Bearer {h}.{p}.{bent}")),
            ("case_055 a signature of zeros", format!("Bearer {h}.{p}.{}", "A".repeat(s.len()))),
        ] {
            assert!(!at_hand(&stand.mapper, &value), "{case}: at hand");
            stand.refuses_without_io(case, &value, BadSignature).await;
        }
        // Other texts of its length, where there is so little room that a hundred of them fall where it lies.
        let small = profile(stand.strict, stand.keys.clone()).cache(CacheLimits::new(1, 1 << 20)).build().unwrap();
        assert_eq!(reason(&small, &good).await, None, "case_055");
        for number in 0..40_000_u32 {
            let tail = base64url(number.to_be_bytes());
            let value = format!("{}{tail}", &good[..good.len() - tail.len()]);
            assert!(value == good || !at_hand(&small, &value), "case_055: {tail} is taken for the good one");
        }
        // Same beginning, same end, same length: only the middle differs.
        let claims =
            |name: &str| claims_with(json!({"exp": 4_102_444_800_u64, "sub": format!("{}{name}", "s".repeat(3000))}));
        let (one, two) = (token(&claims("one")), token(&claims("two")));
        assert_eq!((one.len(), &one[..3000]), (two.len(), &two[..3000]), "the test's own tokens");
        assert!(!stand.strict || reason(&stand.mapper, &one).await.is_some(), "a subject of 3,003 bytes");
        if !stand.strict {
            assert!(stand.accepts("case_055 alike", &one, "default").await.subject().ends_with("one"));
            assert!(!at_hand(&stand.mapper, &two), "case_055 alike: at hand");
            assert!(stand.accepts("case_055 alike", &two, "default").await.subject().ends_with("two"));
        }
    }
}

#[tokio::test]
async fn case_056_a_flood_of_good_tokens_is_remembered_within_bounds() {
    let keys = Counted::new().await;
    let tokens: Vec<String> =
        (0..300).map(|number| token(&claims_with(json!({"sub": format!("c056-{number}")})))).collect();
    // Beside its text a token takes 300 bytes at least.
    let fit = (64 << 10) / (tokens[0].len() + 300);
    for (case, limits, most) in [
        ("case_056 entries", CacheLimits::new(20, 64 << 20), 20),
        ("case_056 bytes", CacheLimits::new(50_000, 64 << 10), fit),
        ("case_056 none", CacheLimits::new(0, 64 << 20), 0),
        ("case_056 no bytes", CacheLimits::new(50_000, 0), 0),
    ] {
        let mapper = profile(true, Arc::clone(&keys)).cache(limits).build().unwrap();
        let before = keys.asked();
        for value in &tokens {
            assert_eq!(reason(&mapper, value).await, None, "{case}");
        }
        assert_eq!(keys.asked() - before, tokens.len(), "{case}: each is verified once");
        let held = tokens.iter().filter(|value| at_hand(&mapper, value)).count();
        assert!(held <= most && (held > 0 || most == 0), "{case}: {held} are held");
    }
}

#[tokio::test]
async fn case_056_refusals_are_not_remembered_and_drive_nothing_out() {
    let keys = Counted::new().await;
    for strict in [true, false] {
        let mapper = profile(strict, Arc::clone(&keys)).cache(CacheLimits::new(10, 64 << 20)).build().unwrap();
        let good = token(&claims_with(json!({})));
        assert_eq!(reason(&mapper, &good).await, None, "case_056");
        let bad =
            |number: usize| parts(header(), claims_with(json!({"sub": format!("{number}")})).to_string(), [7; 256]);
        let before = keys.asked();
        for number in 0..1000 {
            let value = bad(number);
            assert_eq!(reason(&mapper, &value).await, Some(BadSignature), "case_056 {number}");
            assert!(!at_hand(&mapper, &value), "case_056 {number}: at hand");
        }
        assert_eq!(keys.asked() - before, 1000, "case_056: each is verified");
        assert!(at_hand(&mapper, &good), "case_056: the good one was driven out");
        let asked = keys.asked();
        for _ in 0..3 {
            assert_eq!(reason(&mapper, &bad(0)).await, Some(BadSignature), "case_056 again");
        }
        assert_eq!(keys.asked() - asked, 3, "case_056: a refusal was remembered");
        let expired = token(&claims_with(json!({"exp": 1_000_000_000})));
        assert_eq!(reason(&mapper, &expired).await, Some(Expired), "case_056");
        assert!(!at_hand(&mapper, &expired), "case_056: an expired one is at hand");
    }
}
