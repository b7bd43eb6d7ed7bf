//! A whole key document: one bad key spoils itself, a bad document spoils nothing that was there.

use serde_json::json;
use temporal_key_provider::{Algorithm, BuildError, JwksKeyProvider, LoadError, SkipReason, Source, Start};

use crate::support::signer::{Signer, jwk, jwks};
use crate::support::{keys, knows};

async fn build(text: impl Into<String>) -> Result<JwksKeyProvider, BuildError> {
    JwksKeyProvider::builder().source(Source::inline_jwks(text)).build().await
}

#[tokio::test]
async fn one_unusable_key_is_skipped_and_the_others_are_used() {
    let provider = build(jwks(&[
        jwk("a"),
        json!({"kty": "oct", "kid": "h\n", "k": "c2VjcmV0"}),
        Signer::rsa().jwk("b"),
        json!(7),
    ]))
    .await
    .unwrap();
    assert!(knows(&provider, "a") && knows(&provider, "b") && !knows(&provider, "h\n"));
    let status = provider.status().remove(0);
    let skipped: Vec<_> = status.skipped.iter().map(|key| (&*key.kid, &key.reason)).collect();
    assert_eq!(skipped, [(r"h\n", &SkipReason::SymmetricKey), ("", &SkipReason::Malformed)]);
    assert_eq!((status.keys, status.ready, status.last_error), (2, true, None));
}

#[tokio::test]
async fn a_kid_that_stands_for_different_keys_stands_for_none() {
    let once = jwk("twin");
    let provider = build(jwks(&[jwk("a"), once.clone(), Signer::rsa().jwk("twin"), once])).await.unwrap();
    assert!(knows(&provider, "a") && !knows(&provider, "twin"));
    assert_eq!(provider.status()[0].skipped.len(), 1);
    assert_eq!(provider.status()[0].skipped[0].reason, SkipReason::AmbiguousKid);
}

#[tokio::test]
async fn a_key_that_stands_there_twice_is_one_key() {
    let twice = jwk("twice");
    let provider = build(jwks(&[twice.clone(), twice])).await.unwrap();
    assert_eq!(keys(&provider, "twice").await.unwrap().len(), 1);
    assert!(provider.status()[0].skipped.is_empty());
}

#[tokio::test]
async fn a_key_without_id_has_the_empty_id() {
    let mut anonymous = jwk("");
    anonymous.as_object_mut().unwrap().remove("kid");
    let provider = build(jwks(&[anonymous])).await.unwrap();
    assert!(knows(&provider, ""));
}

#[tokio::test]
async fn a_key_for_algorithms_that_are_not_enabled_is_skipped() {
    let document = jwks(&[Signer::p256().jwk("ec"), Signer::ed25519().jwk("ed")]);
    let provider = build(&document).await.unwrap();
    assert!(knows(&provider, "ec") && !knows(&provider, "ed"));
    assert_eq!(provider.status()[0].skipped[0].reason, SkipReason::AlgorithmNotEnabled);
    let builder =
        JwksKeyProvider::builder().supported_algorithms([Algorithm::EdDsa]).source(Source::inline_jwks(document));
    let provider = builder.build().await.unwrap();
    assert!(!knows(&provider, "ec") && knows(&provider, "ed"));
}

#[tokio::test]
async fn inline_keys_that_cannot_be_used_fail_the_build_in_every_mode() {
    let doubled = format!(r#"{{"keys":[],"keys":[{}]}}"#, jwk("a"));
    type Expected = fn(&LoadError) -> bool;
    let cases: [(&str, Expected); 8] = [
        ("", |error| matches!(error, LoadError::Json(_))),
        ("<html>", |error| matches!(error, LoadError::Json(_))),
        (&doubled, |error| matches!(error, LoadError::Json(_))),
        ("[]", |error| matches!(error, LoadError::NotAKeySet)),
        (r#"{"error":"x"}"#, |error| matches!(error, LoadError::NotAKeySet)),
        (r#"{"keys":{}}"#, |error| matches!(error, LoadError::NotAKeySet)),
        (r#"{"keys":[]}"#, |error| matches!(error, LoadError::NoUsableKey)),
        (r#"{"keys":[{"kty":"oct","k":"AA"}]}"#, |error| matches!(error, LoadError::NoUsableKey)),
    ];
    for (text, expected) in cases {
        for mode in [Start::Fail, Start::Wait, Start::NotReady] {
            let built = JwksKeyProvider::builder().source(Source::inline_jwks(text)).on_start(mode).build().await;
            let Err(BuildError::Source { name, source }) = built else {
                panic!("{text}: {built:?}");
            };
            assert_eq!(name, "inline JWKS");
            assert!(expected(&source), "{text}: {source:?}");
        }
    }
}

#[tokio::test]
async fn a_document_has_at_most_so_many_keys() {
    let two = jwks(&[jwk("a"), jwk("b")]);
    let builder = |max| JwksKeyProvider::builder().source(Source::inline_jwks(two.clone())).max_keys(max);
    assert!(builder(2).build().await.is_ok());
    let error = builder(1).build().await.unwrap_err();
    assert_eq!(error.to_string(), "key source inline JWKS: document has more than 1 keys");
}

#[tokio::test]
async fn a_million_tiny_keys_are_refused_without_looking_at_them() {
    let many = format!(r#"{{"keys":[{}0]}}"#, "0,".repeat(1_000_000));
    let error = build(many).await.unwrap_err();
    assert!(matches!(error, BuildError::Source { source: LoadError::TooManyKeys(10_000), .. }), "{error}");
}

#[tokio::test]
async fn an_inline_pem_key_is_found_by_its_id_and_asks_nobody_for_others() {
    let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
    let builder = JwksKeyProvider::builder().supported_algorithms([Algorithm::EdDsa]);
    let provider = builder.source(Source::pem("rfc8032", pem)).build().await.unwrap();
    assert_eq!(keys(&provider, "rfc8032").await.unwrap().len(), 1);
    assert!(!keys(&provider, "other").await.unwrap_err().is_unavailable());
}

#[tokio::test]
async fn a_shared_provider_of_any_type_is_a_provider() {
    use std::sync::Arc;
    use temporal_key_provider::{JoseHeader, KeyQuery, TokenKeyProvider};
    let provider: Arc<dyn TokenKeyProvider> = Arc::new(build(jwks(&[jwk("a")])).await.unwrap());
    let shared: &dyn TokenKeyProvider = &Arc::clone(&provider);
    let header = JoseHeader::new(Algorithm::Es256, Some("a".to_owned()), None);
    let query = KeyQuery::new(&header);
    assert_eq!(shared.keys(&query).await.unwrap().len(), 1);
    assert_eq!(shared.known_keys(&query).unwrap().len(), 1);
    assert_eq!(shared.generation(), 0);
    assert_eq!(shared.supported_algorithms(), [Algorithm::Rs256, Algorithm::Es256]);
}

#[tokio::test]
async fn settings_that_make_no_sense_are_named() {
    use std::time::Duration;
    let builder = || JwksKeyProvider::builder().source(Source::inline_jwks(jwks(&[jwk("a")])));
    let cases = [
        (JwksKeyProvider::builder(), "no key source is configured"),
        (builder().supported_algorithms([]), "the list of supported algorithms is empty"),
        (builder().fetch_timeout(Duration::ZERO), "fetch_timeout must not be zero"),
        (builder().unknown_kid_cooldown(Duration::ZERO), "unknown_kid_cooldown must not be zero"),
        (builder().retry_backoff(Duration::ZERO, Duration::ZERO), "retry_backoff must not be zero"),
        (builder().max_keys(0), "max_keys must not be zero"),
        (builder().max_document_bytes(0), "max_document_bytes must not be zero"),
        (
            builder().source(Source::discovery("https://a.example").unwrap().bound_to_issuer("https://b.example")),
            "key source https://a.example/.well-known/openid-configuration discovers issuer \"https://a.example\" and cannot be bound to \
             issuer \"https://b.example\"",
        ),
        (
            builder().source("https://a.example/".parse().unwrap()).ca_pem("no certificate"),
            "ca_pem is not a list of PEM certificates",
        ),
    ];
    for (builder, message) in cases {
        assert_eq!(builder.build().await.unwrap_err().to_string(), message);
    }
}
