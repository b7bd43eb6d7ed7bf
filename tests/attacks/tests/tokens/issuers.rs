//! Whose keys serve whose tokens.

use attacks::{
    server::{Answer, JwksServer},
    signer::{FOREIGN_RSA, P256, RSA, Signer, jwks},
    token::{ISSUER, claims_with, header, issuer_jwks, signed, token},
};
use serde_json::json;
use temporal_authz::Reason::{BadSignature, Expired, MalformedCredentials, UnknownKey, WrongAudience, WrongIssuer};
use temporal_claim_mapper::{JwtClaimMapper, JwtClaimMapperBuilder};
use temporal_key_provider::{Algorithm, JoseHeader, KeyError, KeyQuery, Source, TokenKeyProvider as _};

use crate::support::{Served, Stand, eager, profile, reason, until};

const OTHER: &str = "https://other.example";

fn by(signer: &Signer, issuer: &str) -> String {
    signed(signer, Algorithm::Rs256, header(), claims_with(json!({"iss": issuer})).to_string())
}

#[tokio::test]
async fn case_041_one_issuer_does_not_speak_for_another() {
    // Both publish `rsa-1`.
    let (a, b) = (
        JwksServer::publishing(jwks(&[RSA.jwk("rsa-1")])).await,
        JwksServer::publishing(jwks(&[FOREIGN_RSA.jwk("rsa-1")])).await,
    );
    let builder = eager().source(a.source().bound_to_issuer(ISSUER)).source(b.source().bound_to_issuer(OTHER));
    let keys = builder.build().await.unwrap();
    let both = |strict| {
        let mapper = profile(strict, keys.clone()).issuer(OTHER);
        if strict { mapper } else { mapper.issuer(ISSUER) }
    };
    // In temporal no issuer need be listed: the keys are bound all the same.
    for (strict, mapper) in [(true, both(true)), (false, both(false)), (false, JwtClaimMapper::temporal(keys.clone()))]
    {
        let mapper = mapper.build().unwrap();
        let served = Served::new(strict, mapper.clone());
        for (case, value) in [
            ("case_041 the one by the other", by(&FOREIGN_RSA, ISSUER)),
            ("case_041 the other by the one", by(&RSA, OTHER)),
        ] {
            assert_eq!(reason(&mapper, &value).await, Some(BadSignature), "{case}");
            served.refuses(case, &value, BadSignature).await;
        }
        for value in [by(&RSA, ISSUER), by(&FOREIGN_RSA, OTHER)] {
            assert_eq!(reason(&mapper, &value).await, None, "case_041 by its own issuer");
        }
    }
    assert_eq!((a.requests(), b.requests()), (1, 1), "case_041: fetched for a known key id");
}

#[tokio::test]
async fn case_042_one_issuer_is_not_every_issuer() {
    let server = JwksServer::publishing(issuer_jwks()).await;
    let keys = eager().source(server.source().bound_to_issuer(ISSUER)).build().await.unwrap();
    let stranger = claims_with(json!({"iss": OTHER}));
    for strict in [true, false] {
        let listed = profile(strict, keys.clone());
        let listed = if strict { listed } else { listed.issuer(ISSUER) }.build().unwrap();
        let served = Served::new(strict, listed.clone());
        for (case, value) in [
            ("case_042 another issuer", token(&stranger)),
            ("case_042 no issuer", token(&claims_with(json!({"iss": null})))),
            ("case_042 an empty issuer", token(&claims_with(json!({"iss": ""})))),
            (
                "case_042 another issuer, unknown key",
                signed(&RSA, Algorithm::Rs256, r#"{"alg":"RS256","kid":"new"}"#, stranger.to_string()),
            ),
        ] {
            assert_eq!(reason(&listed, &value).await, Some(WrongIssuer), "{case}");
            served.refuses(case, &value, WrongIssuer).await;
            // Without a list of issuers it is the binding of the source that refuses.
            let unlisted = JwtClaimMapper::temporal(keys.clone()).build().unwrap();
            assert_eq!(reason(&unlisted, &value).await, Some(UnknownKey), "{case}, where no issuer is listed");
        }
        assert_eq!(reason(&listed, &by(&RSA, ISSUER)).await, None, "case_042 its own");
    }
    let asked = JoseHeader::new(Algorithm::Rs256, Some("rsa-1".to_owned()), None);
    for issuer in [None, Some(OTHER), Some(""), Some("https://issuer.example/")] {
        let query = KeyQuery::new(&asked);
        let query = issuer.map_or(query, |issuer| query.with_issuer(issuer));
        assert!(keys.known_keys(&query).is_none(), "case_042 {issuer:?}");
        assert_eq!(keys.keys(&query).await.unwrap_err(), KeyError::UnknownKey, "case_042 {issuer:?}");
    }
    assert_eq!(server.connections(), 1, "case_042: keys were fetched");
}

#[tokio::test]
async fn case_045_what_the_token_itself_tells_is_checked_before_keys_are_fetched() {
    let unheard = r#"{"alg":"RS256","kid":"unheard-of"}"#;
    let asked = |mapper: JwtClaimMapperBuilder| mapper.audience(attacks::token::AUDIENCE);
    let strict = Stand::new(true, issuer_jwks(), asked).await;
    let temporal = Stand::new(false, issuer_jwks(), |mapper| asked(mapper).issuer(ISSUER)).await;
    for stand in [strict, temporal] {
        for (case, change, expected) in [
            ("case_045 expired", json!({"exp": 1_000_000_000}), Expired),
            ("case_045 of another issuer", json!({"iss": OTHER}), WrongIssuer),
            ("case_045 for another audience", json!({"aud": "billing"}), WrongAudience),
        ] {
            let value = signed(&RSA, Algorithm::Rs256, unheard, claims_with(change).to_string());
            stand.refuses_without_io(case, &value, expected).await;
        }
        let malformed = signed(&RSA, Algorithm::Rs256, unheard, "{");
        stand.refuses_without_io("case_045 malformed", &malformed, MalformedCredentials).await;
        // And one that passes all of that does fetch, or the others would prove nothing.
        let connections = stand.server.connections();
        let value = signed(&RSA, Algorithm::Rs256, unheard, claims_with(json!({})).to_string());
        stand.refuses("case_045 only its key is unknown", &value, UnknownKey).await;
        assert!(stand.server.connections() > connections, "case_045: nothing was fetched");
    }
}

#[tokio::test]
async fn case_059_old_and_new_keys_overlap_and_a_kid_means_one_key_in_one_document() {
    let naming = |signer: &Signer, algorithm: Algorithm, kid: &str| {
        signed(
            signer,
            algorithm,
            json!({"alg": algorithm.as_str(), "kid": kid}).to_string(),
            claims_with(json!({})).to_string(),
        )
    };
    let (old, new) = (naming(&RSA, Algorithm::Rs256, "old"), naming(&P256, Algorithm::Es256, "new"));
    for stand in Stand::both_over(&jwks(&[RSA.jwk("old")])).await {
        stand.accepts("case_059 before", &old, "default").await;
        stand.refuses("case_059 not yet", &new, UnknownKey).await;
        stand.server.answer(Answer::ok(jwks(&[RSA.jwk("old"), P256.jwk("new")])));
        // The id was just told to be unknown, and is for a while, or until the set changes.
        let other = naming(&P256, Algorithm::Es256, "newer");
        stand.refuses("case_059 the fetch that brings it", &other, UnknownKey).await;
        stand.accepts("case_059 overlap, old", &old, "default").await;
        stand.accepts("case_059 overlap, new", &new, "default").await;
        stand.server.answer(Answer::ok(jwks(&[P256.jwk("new")])));
        stand.refuses("case_059 the fetch that takes it", &naming(&RSA, Algorithm::Rs256, "newest"), UnknownKey).await;
        stand.refuses("case_059 after, old", &old, UnknownKey).await;
        stand.accepts("case_059 after, new", &new, "default").await;
    }

    // One document, one id, two keys: neither, whichever stands first, and the others stay.
    for pair in [
        [RSA.jwk("twice"), P256.jwk("twice")],
        [P256.jwk("twice"), RSA.jwk("twice")],
        [RSA.jwk("twice"), FOREIGN_RSA.jwk("twice")],
    ] {
        let [first, second] = pair;
        for stand in Stand::both_over(&jwks(&[first, RSA.jwk("rsa-1"), second])).await {
            for (signer, algorithm) in [(&*RSA, Algorithm::Rs256), (&*P256, Algorithm::Es256)] {
                stand.refuses("case_059 twice", &naming(signer, algorithm, "twice"), UnknownKey).await;
            }
            stand.accepts("case_059 beside it", &token(&claims_with(json!({}))), "default").await;
            let skipped = &stand.keys.status()[0].skipped;
            assert!(skipped.len() == 1 && skipped[0].kid == "twice", "case_059: {skipped:?}");
        }
    }
    // The same key twice is one key.
    for stand in Stand::both_over(&jwks(&[RSA.jwk("rsa-1"), RSA.jwk("rsa-1")])).await {
        stand.accepts("case_059 the same twice", &token(&claims_with(json!({}))), "default").await;
    }
    // Two sources that nobody bound: both are candidates.
    let sources = [jwks(&[RSA.jwk("same")]), jwks(&[P256.jwk("same")]), jwks(&[FOREIGN_RSA.jwk("same")])];
    let builder = sources.into_iter().fold(eager(), |builder, text| builder.source(Source::inline_jwks(text)));
    let keys = builder.build().await.unwrap();
    for strict in [true, false] {
        let mapper = profile(strict, keys.clone()).build().unwrap();
        for (signer, algorithm) in
            [(&*RSA, Algorithm::Rs256), (&*P256, Algorithm::Es256), (&*FOREIGN_RSA, Algorithm::Rs256)]
        {
            assert_eq!(reason(&mapper, &naming(signer, algorithm, "same")).await, None, "case_059 across sources");
        }
        let stranger = Signer::rsa();
        assert_eq!(reason(&mapper, &naming(&stranger, Algorithm::Rs256, "same")).await, Some(BadSignature), "case_059");
    }
}

#[tokio::test]
async fn case_047_one_source_that_is_down_takes_nothing_from_the_others() {
    use std::time::Duration;
    let server = async |kid| JwksServer::publishing(jwks(&[RSA.jwk(kid)])).await;
    let (one, two, three) = (server("one").await, server("two").await, server("three").await);
    two.stop();
    tokio::task::yield_now().await;
    let builder =
        eager().refresh_interval(Some(Duration::from_millis(50))).on_start(temporal_key_provider::Start::NotReady);
    let keys = builder.source(one.source()).source(two.source()).source(three.source()).build().await.unwrap();
    assert!(!keys.ready(), "case_047: one has no keys");
    for server in [&one, &three] {
        server.answer(Answer::ok(jwks(&[P256.jwk("next")])));
    }
    let both = |keys: &temporal_key_provider::JwksKeyProvider| {
        let header = JoseHeader::new(Algorithm::Es256, Some("next".to_owned()), None);
        keys.known_keys(&KeyQuery::new(&header)).map_or(0, |found| found.len())
    };
    until("case_047 the other two refresh", || both(&keys) == 2).await;
    let status = keys.status();
    assert!(
        status[1].last_error.is_some() && status[0].last_error.is_none() && status[2].last_error.is_none(),
        "{status:?}"
    );
    for empty in ["", " ", "http://", "file://", "jwks.json"] {
        assert!(empty.parse::<Source>().is_err(), "case_047 an empty URL: {empty:?}");
    }
}
