//! A client of `jwks_client_rs` as a key provider, against a real HTTP server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    dead_code,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "test code, which shares a server with the other tests and uses a part of it"
)]

#[path = "integration/support/server.rs"]
mod server;
#[path = "integration/support/signer.rs"]
mod signer;

use std::time::Duration;

use jwks_client_rs::JwksClient;
use jwks_client_rs::source::WebSource;
use serde_json::Value;
use temporal_key_provider::{
    Algorithm, JoseHeader, JwksClientKeyProvider, KeyError, KeyQuery, Keys, TokenKeyProvider, VerifyError,
};

use crate::server::{Behaviour, Server};
use crate::signer::{Signer, jwk, jwks};

fn provider(server: &Server, time_to_live: Duration) -> JwksClientKeyProvider<WebSource> {
    let source = WebSource::builder().with_timeout(Duration::from_secs(2)).build(server.url().parse().unwrap());
    JwksClientKeyProvider::new(JwksClient::builder().time_to_live(time_to_live).build(source.unwrap()))
}

async fn keys(provider: &impl TokenKeyProvider, kid: &str) -> Result<Keys, KeyError> {
    provider.keys(&KeyQuery::new(&JoseHeader::new(Algorithm::Es256, Some(kid.to_owned()), None))).await
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn keys_of_every_type_verify_what_their_owner_signed_and_nothing_else() {
    let signers = [
        ("rsa", Signer::rsa(), Algorithm::Ps384),
        ("p256", Signer::p256(), Algorithm::Es256),
        ("p384", Signer::p384(), Algorithm::Es384),
        ("ed25519", Signer::ed25519(), Algorithm::EdDsa),
    ];
    let set: Vec<Value> = signers.iter().map(|(kid, signer, _)| signer.jwk(kid)).collect();
    let server = Server::with(jwks(&set)).await;
    let provider = provider(&server, DAY);
    for (kid, signer, algorithm) in signers {
        let found = keys(&provider, kid).await.unwrap();
        let key = found.iter().next().unwrap();
        assert_eq!((found.len(), key.kid()), (1, Some(kid)));
        let signature = signer.sign(algorithm, b"message");
        assert_eq!(key.verify(algorithm, b"message", &signature), Ok(()), "{kid}");
        assert_eq!(key.verify(algorithm, b"another", &signature), Err(VerifyError::BadSignature), "{kid}");
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn keys_that_must_not_verify_are_unknown() {
    let (mut encrypts, mut other) = (Signer::rsa().jwk("enc"), jwk("hmac"));
    encrypts["use"] = "enc".into();
    other["alg"] = "HS256".into();
    let mut signs = Signer::rsa().jwk("sig");
    signs["use"] = "sig".into();
    let server = Server::with(jwks(&[encrypts, other, signs])).await;
    let provider = provider(&server, DAY);
    assert!(keys(&provider, "sig").await.is_ok());
    for kid in ["enc", "hmac", "nobody", &"k".repeat(1025)] {
        assert_eq!(keys(&provider, kid).await.unwrap_err(), KeyError::UnknownKey, "{kid}");
    }
    let without_kid = JoseHeader::new(Algorithm::Es256, None, None);
    assert_eq!(provider.keys(&KeyQuery::new(&without_kid)).await.unwrap_err(), KeyError::UnknownKey);
}

#[tokio::test]
async fn a_set_that_cannot_be_fetched_is_unavailable_and_a_known_key_stays() {
    let server = Server::with(jwks(&[jwk("a")])).await;
    let provider = provider(&server, DAY);
    assert!(keys(&provider, "a").await.is_ok());
    for (name, trouble) in [
        ("an error", Behaviour::status("500 Internal Server Error", "")),
        ("HTML", Behaviour::ok("<html>")),
        ("not a set", Behaviour::ok("{}")),
        ("a reset", Behaviour::Raw(String::new())),
    ] {
        server.behave(trouble);
        assert!(keys(&provider, "b").await.unwrap_err().is_unavailable(), "{name}");
        assert!(keys(&provider, "a").await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn a_key_that_left_goes_once_the_client_has_noticed_and_the_generation_makes_callers_ask_again() {
    let server = Server::with(jwks(&[jwk("old")])).await;
    let provider = provider(&server, Duration::from_millis(1)).with_recheck_interval(Duration::ZERO);
    assert!(keys(&provider, "old").await.is_ok());
    let generation = provider.generation();
    server.behave(Behaviour::ok(jwks(&[jwk("new")])));
    // The client's clock is the system's: it cannot be paused.
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(provider.generation() > generation);
    assert!(keys(&provider, "new").await.is_ok());
    assert_eq!(keys(&provider, "old").await.unwrap_err(), KeyError::UnknownKey);
    assert!(
        provider.known_keys(&KeyQuery::new(&JoseHeader::new(Algorithm::Es256, Some("new".into()), None))).is_none()
    );
}

#[tokio::test]
async fn only_the_named_algorithms_are_served() {
    let server = Server::with(jwks(&[])).await;
    let provider = provider(&server, DAY);
    assert_eq!(provider.supported_algorithms(), [Algorithm::Rs256, Algorithm::Es256]);
    let provider = provider.with_supported_algorithms([Algorithm::EdDsa]);
    assert_eq!(provider.supported_algorithms(), [Algorithm::EdDsa]);
}
