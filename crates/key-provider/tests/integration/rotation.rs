//! Keys that come, change and leave, and the generation that tells.

use std::time::Duration;

use serde_json::Value;
use temporal_key_provider::Source;

use crate::support::server::{Behaviour, Server};
use crate::support::signer::{jwk, jwks};
use crate::support::{eager, keys, knows, reload, until};

#[tokio::test]
async fn the_generation_changes_when_a_key_leaves_or_changes_and_only_then() {
    let (a, b, mut changed) = (jwk("a"), jwk("b"), jwk("a"));
    let mut bound = a.clone();
    bound["alg"] = "ES256".into();
    changed["use"] = "sig".into();
    let mut decorated = a.clone();
    decorated["x5t"] = "abc".into();
    let steps: [(&str, Vec<Value>, bool); 8] = [
        ("nothing new", vec![a.clone()], false),
        ("a member that does not matter", vec![decorated], false),
        ("a key was added", vec![a.clone(), b.clone()], false),
        ("in another order", vec![b.clone(), a.clone()], false),
        ("the key has an algorithm of its own now", vec![bound, b.clone()], true),
        ("another key under the same id", vec![changed.clone(), b], true),
        ("a key left", vec![changed.clone()], true),
        ("nothing new again", vec![changed], false),
    ];
    let server = Server::with(jwks(&[a])).await;
    let provider = eager().source(server.source()).build().await.unwrap();
    assert_eq!(provider.generation(), 0);
    for (name, document, changes) in steps {
        let before = provider.generation();
        server.behave(Behaviour::ok(jwks(&document)));
        reload(&provider).await;
        assert_eq!(provider.generation() != before, changes, "{name}");
        assert_eq!(provider.status()[0].keys, document.len(), "{name}");
    }
}

#[tokio::test]
async fn old_and_new_keys_overlap_for_as_long_as_both_are_published() {
    let (old, new) = (jwk("old"), jwk("new"));
    let server = Server::with(jwks(std::slice::from_ref(&old))).await;
    let provider =
        eager().refresh_interval(Some(Duration::from_millis(20))).source(server.source()).build().await.unwrap();
    server.behave(Behaviour::ok(jwks(&[old, new.clone()])));
    until("both keys", || knows(&provider, "old") && knows(&provider, "new")).await;
    server.behave(Behaviour::ok(jwks(&[new])));
    until("the old key gone", || !knows(&provider, "old")).await;
    assert!(knows(&provider, "new"));
}

#[tokio::test]
async fn a_revoked_key_is_gone_at_once_and_stays_away() {
    let server = Server::with(jwks(&[jwk("a"), jwk("b")])).await;
    let provider = eager().source(server.source()).build().await.unwrap();
    provider.revoke("nobody");
    assert_eq!(provider.generation(), 0);
    provider.revoke("a");
    assert_eq!(provider.generation(), 1);
    assert!(!knows(&provider, "a") && knows(&provider, "b"));
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(!keys(&provider, "a").await.unwrap_err().is_unavailable());
    assert_eq!(server.requests(), 1, "a revoked id is no reason to load");
    reload(&provider).await;
    assert_eq!(server.requests(), 2);
    assert!(!knows(&provider, "a"));
    assert_eq!((provider.generation(), provider.status()[0].keys), (1, 1));
    let clone = provider.clone();
    provider.revoke("b");
    assert!(!knows(&clone, "b"));
    reload(&provider).await;
    assert_eq!((provider.status()[0].keys, &provider.status()[0].last_error), (0, &None));
}

#[tokio::test]
async fn two_sources_with_the_same_id_are_both_candidates_in_their_order() {
    let (one, two) = (jwk("same"), jwk("same"));
    let source = |key: &Value| Source::inline_jwks(jwks(std::slice::from_ref(key)));
    let provider = eager().source(source(&one)).source(source(&two)).build().await.unwrap();
    let found = keys(&provider, "same").await.unwrap();
    let expected = [one, two].map(|jwk| temporal_key_provider::VerificationKey::from_jwk(&jwk).unwrap());
    assert_eq!(found.len(), 2);
    assert!(found.iter().zip(&expected).all(|(found, expected)| found.same_material(expected)));
}

#[tokio::test]
async fn one_source_that_is_down_stops_no_other() {
    let servers = [
        Server::with(jwks(&[jwk("a")])).await,
        Server::with(jwks(&[jwk("b")])).await,
        Server::with(jwks(&[jwk("c")])).await,
    ];
    let builder = servers.iter().fold(eager(), |builder, server| builder.source(server.source()));
    let provider = builder.refresh_interval(Some(Duration::from_millis(20))).build().await.unwrap();
    servers[1].behave(Behaviour::Hang);
    servers[0].behave(Behaviour::ok(jwks(&[jwk("a2")])));
    servers[2].behave(Behaviour::ok(jwks(&[jwk("c2")])));
    until("the refresh of the others", || knows(&provider, "a2") && knows(&provider, "c2")).await;
    assert!(knows(&provider, "b"));
    until("the error of the one", || provider.status()[1].last_error.is_some()).await;
    assert_eq!((&provider.status()[0].last_error, &provider.status()[2].last_error), (&None, &None));
}
