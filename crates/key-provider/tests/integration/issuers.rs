//! Sources that are trusted for one issuer only.

use temporal_key_provider::{Source, Start, VerificationKey};

use crate::support::server::Server;
use crate::support::signer::{jwk, jwks};
use crate::support::{eager, keys, keys_of};

const A: &str = "https://a.example";
const B: &str = "https://b.example";

#[tokio::test]
async fn an_issuer_with_sources_of_its_own_is_served_by_nothing_else() {
    let (of_a, of_b, of_all) = (jwk("same"), jwk("same"), jwk("same"));
    let source =
        |key: &serde_json::Value| Source::inline_jwks(jwks(&[key.clone(), jwk(&key["x"].as_str().unwrap()[..8])]));
    let own = |key: &serde_json::Value| key["x"].as_str().unwrap()[..8].to_owned();
    let builder = eager()
        .source(source(&of_all))
        .source(source(&of_a).bound_to_issuer(A))
        .source(source(&of_b).bound_to_issuer(B));
    let provider = builder.build().await.unwrap();
    let same = |keys: temporal_key_provider::Keys, jwk: &serde_json::Value| {
        keys.len() == 1 && keys.iter().all(|key| key.same_material(&VerificationKey::from_jwk(jwk).unwrap()))
    };
    assert!(same(keys_of(&provider, A, "same").await.unwrap(), &of_a));
    assert!(same(keys_of(&provider, B, "same").await.unwrap(), &of_b));
    for other in ["https://c.example", "https://a.example/", "HTTPS://A.EXAMPLE", ""] {
        assert!(same(keys_of(&provider, other, "same").await.unwrap(), &of_all), "{other}");
    }
    assert!(same(keys(&provider, "same").await.unwrap(), &of_all));
    assert!(keys_of(&provider, A, &own(&of_b)).await.is_err(), "a key of another issuer");
    assert!(keys_of(&provider, A, &own(&of_all)).await.is_err(), "a key that is not the issuer's own");
    assert!(keys_of(&provider, "https://c.example", &own(&of_a)).await.is_err(), "an issuer's key for somebody else");
}

#[tokio::test]
async fn an_only_issuer_serves_no_stranger() {
    let server = Server::with(jwks(&[jwk("a")])).await;
    let provider = eager().source(server.source().bound_to_issuer(A)).build().await.unwrap();
    assert!(keys_of(&provider, A, "a").await.is_ok());
    assert!(!keys_of(&provider, B, "a").await.unwrap_err().is_unavailable());
    assert!(!keys(&provider, "a").await.unwrap_err().is_unavailable());
    assert_eq!(server.requests(), 1, "a stranger's token made the source load");
}

#[tokio::test]
async fn an_issuer_whose_source_is_down_is_unavailable_and_the_others_are_not() {
    let (up, down) = (Server::with(jwks(&[jwk("a")])).await, Server::start().await);
    let builder = eager()
        .on_start(Start::NotReady)
        .source(up.source().bound_to_issuer(A))
        .source(down.source().bound_to_issuer(B));
    let provider = builder.build().await.unwrap();
    assert!(keys_of(&provider, A, "a").await.is_ok());
    assert!(!keys_of(&provider, A, "x").await.unwrap_err().is_unavailable());
    let error = keys_of(&provider, B, "a").await.unwrap_err();
    assert!(error.is_unavailable());
    assert_eq!(error.to_string(), format!("keys are not available: {}: answered with status 404", down.url()));
    assert!(!provider.ready());
}
