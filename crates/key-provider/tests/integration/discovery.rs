//! Issuers that name the URL of their keys themselves.

use std::time::Duration;

use serde_json::json;
use temporal_key_provider::{LoadError, Source};

use crate::support::server::{Behaviour, Server};
use crate::support::signer::{jwk, jwks};
use crate::support::{eager, keys, keys_of, reload};

const DOCUMENT: &str = "/.well-known/openid-configuration";

fn issuer(server: &Server) -> String {
    format!("http://{}", server.address)
}

fn announce(server: &Server, issuer: &str, jwks_uri: &str) {
    server.behave_at(DOCUMENT, Behaviour::ok(json!({"issuer": issuer, "jwks_uri": jwks_uri}).to_string()));
}

async fn failure(server: &Server) -> LoadError {
    match eager().source(Source::discovery(&issuer(server)).unwrap()).build().await {
        Err(temporal_key_provider::BuildError::Source { source, .. }) => source,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_keys_are_found_where_the_document_says_and_serve_that_issuer_only() {
    let server = Server::with(jwks(&[jwk("a")])).await;
    announce(&server, &issuer(&server), &server.url());
    let provider = eager().source(Source::discovery(&issuer(&server)).unwrap()).build().await.unwrap();
    assert!(keys_of(&provider, &issuer(&server), "a").await.is_ok());
    assert!(keys_of(&provider, "https://other.example", "a").await.is_err());
    assert!(keys(&provider, "a").await.is_err());
    assert_eq!(provider.status()[0].issuer.as_deref(), Some(&*issuer(&server)));
}

#[tokio::test]
async fn the_document_is_read_again_with_the_keys() {
    let server = Server::with(jwks(&[jwk("a")])).await;
    announce(&server, &issuer(&server), &server.url());
    let provider = eager().source(Source::discovery(&issuer(&server)).unwrap()).build().await.unwrap();
    server.behave_at("/moved", Behaviour::ok(jwks(&[jwk("b")])));
    announce(&server, &issuer(&server), &format!("{}/moved", issuer(&server)));
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(keys_of(&provider, &issuer(&server), "b").await.is_ok());

    announce(&server, "https://other.example", &server.url());
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(keys_of(&provider, &issuer(&server), "c").await.is_err());
    assert!(keys_of(&provider, &issuer(&server), "b").await.is_ok(), "the last good set was lost");
    assert_eq!(
        provider.status()[0].last_error.as_deref(),
        Some("discovery document is of issuer \"https://other.example\"")
    );
    reload(&provider).await;
}

#[tokio::test]
async fn a_document_of_another_issuer_is_refused_before_its_keys_are_asked_for() {
    let server = Server::with(jwks(&[jwk("a")])).await;
    announce(&server, &format!("{}/", issuer(&server)), &server.url());
    assert!(matches!(failure(&server).await, LoadError::IssuerMismatch(_)));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_learned_url_that_leads_to_a_private_address_is_refused() {
    let (server, private) = (Server::start().await, Server::with(jwks(&[jwk("a")])).await);
    let port = private.address.port();
    // The issuer's own host is 127.0.0.1; everything else has to be public, also what only resolves to a private address.
    for host in ["localhost", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"] {
        announce(&server, &issuer(&server), &format!("http://{host}:{port}/jwks"));
        let error = failure(&server).await;
        assert!(
            error.to_string().contains("not public") || error.to_string().contains("not a public address"),
            "{host}: {error}"
        );
    }
    for uri in ["file:///etc/passwd", "ftp://127.0.0.1/jwks", "/jwks"] {
        announce(&server, &issuer(&server), uri);
        assert!(matches!(failure(&server).await, LoadError::JwksUri(_)), "{uri}");
    }
    assert_eq!(private.requests(), 0);
}

#[tokio::test]
async fn a_redirect_is_not_followed_from_the_document_either() {
    let (server, elsewhere) = (Server::start().await, Server::start().await);
    announce(&elsewhere, &issuer(&server), &elsewhere.url());
    server.behave_at(DOCUMENT, Behaviour::redirect(&format!("{}{DOCUMENT}", issuer(&elsewhere))));
    assert!(matches!(failure(&server).await, LoadError::Status(302)));
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn both_requests_together_have_the_time_of_one_attempt() {
    let server = Server::start().await;
    let document = json!({"issuer": issuer(&server), "jwks_uri": server.url()}).to_string();
    let pause = Duration::from_millis(600) / u32::try_from(document.len()).unwrap();
    server.behave_at(DOCUMENT, Behaviour::Drip(document, pause));
    server.behave(Behaviour::Hang);
    let builder = eager().fetch_timeout(Duration::from_secs(1));
    let started = std::time::Instant::now();
    let error = builder.source(Source::discovery(&issuer(&server)).unwrap()).build().await.unwrap_err();
    assert!(error.to_string().ends_with("timed out"), "{error}");
    assert!(started.elapsed() < Duration::from_millis(1500), "{:?}", started.elapsed());
}
