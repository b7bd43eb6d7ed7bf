//! What a source may answer instead of keys, and what becomes of the keys it had.

use std::time::Duration;

use serde_json::json;
use temporal_key_provider::KeyError;

use crate::support::server::{Behaviour, Server};
use crate::support::signer::{jwk, jwks};
use crate::support::{eager, keys, knows, reload};

/// Every wrong answer, with a part of the error it is reported by.
fn wrong_answers(elsewhere: &str) -> Vec<(&'static str, Behaviour, &'static str)> {
    let good = jwks(&[jwk("new")]);
    let truncated = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{}", good.len(), &good[..good.len() / 2]);
    vec![
        ("HTML", Behaviour::ok("<html>Sign in</html>"), "malformed JSON at line 1"),
        ("error object", Behaviour::ok(r#"{"error":"x"}"#), "not a JWK Set"),
        ("empty object", Behaviour::ok("{}"), "not a JWK Set"),
        ("no keys", Behaviour::ok(r#"{"keys":[]}"#), "no usable key"),
        ("only unusable keys", Behaviour::ok(jwks(&[json!({"kty": "oct", "k": "AA"})])), "no usable key"),
        ("empty body", Behaviour::ok(""), "truncated JSON"),
        ("half a document", Behaviour::ok(&good[..good.len() / 2]), "truncated JSON"),
        ("half an answer", Behaviour::Raw(truncated), "request failed"),
        ("no HTTP", Behaviour::Raw("SSH-2.0-OpenSSH_9.9\r\n".to_owned()), "request failed"),
        ("repeated member", Behaviour::ok(good.replacen('{', r#"{"keys":[],"#, 1)), "repeated member"),
        ("500 with keys", Behaviour::status("500 Internal Server Error", &good), "status 500"),
        ("404", Behaviour::status("404 Not Found", ""), "status 404"),
        ("204", Behaviour::Raw("HTTP/1.1 204 No Content\r\n\r\n".to_owned()), "status 204"),
        ("203 with keys", Behaviour::status("203 Non-Authoritative Information", &good), "status 203"),
        ("304 that nobody asked for", Behaviour::Raw("HTTP/1.1 304 Not Modified\r\n\r\n".to_owned()), "status 304"),
        ("redirect to good keys", Behaviour::redirect(elsewhere), "status 302"),
        ("redirect to metadata", Behaviour::redirect("http://169.254.169.254/"), "status 302"),
        ("redirect to a file", Behaviour::redirect("file:///etc/passwd"), "status 302"),
        ("redirect in a circle", Behaviour::redirect("/jwks"), "status 302"),
        ("gzip that nobody asked for", Behaviour::ok("\u{1f}\u{8b}\u{8}"), "malformed JSON"),
        ("1 GiB declared", Behaviour::Declare(1 << 30), "longer than 65536 bytes"),
        ("declared and stalled", Behaviour::Declare(1000), "timed out"),
        ("endless", Behaviour::Endless, "longer than 65536 bytes"),
        ("dripping", Behaviour::Drip(good, Duration::from_millis(100)), "timed out"),
        ("silent", Behaviour::Hang, "timed out"),
    ]
}

#[tokio::test]
async fn no_wrong_answer_replaces_good_keys() {
    let elsewhere = Server::with(jwks(&[jwk("new")])).await;
    let server = Server::with(jwks(&[jwk("good")])).await;
    let builder = eager().max_document_bytes(1 << 16);
    let provider = builder.source(server.source()).build().await.unwrap();
    let generation = provider.generation();
    for (name, behaviour, error) in wrong_answers(&elsewhere.url()) {
        let requests = server.requests();
        server.behave(behaviour);
        reload(&provider).await;
        assert_eq!(server.requests(), requests + 1, "{name}");
        let status = provider.status().remove(0);
        let last_error = status.last_error.unwrap_or_default();
        assert!(last_error.contains(error), "{name}: {last_error}");
        assert_eq!((status.keys, provider.generation()), (1, generation), "{name}");
        assert!(knows(&provider, "good") && !knows(&provider, "new"), "{name}");
        assert!(
            keys(&provider, "new").await.unwrap_err().is_unavailable(),
            "{name}: nobody can tell whether it is new"
        );
    }
    assert_eq!(elsewhere.requests(), 0, "a redirect was followed");

    server.behave(Behaviour::ok(jwks(&[jwk("new")])));
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(keys(&provider, "new").await.is_ok());
    assert_eq!(provider.status()[0].last_error, None);
    assert_eq!(keys(&provider, "nobody").await.unwrap_err(), KeyError::UnknownKey);
}

#[tokio::test]
async fn a_refused_connection_keeps_the_keys_and_its_error_shows_no_query() {
    let server = Server::with(jwks(&[jwk("good")])).await;
    let url = format!("{}?api-key=hunter2", server.url());
    let provider = eager().source(url.parse().unwrap()).build().await.unwrap();
    server.behave(Behaviour::Raw(String::new()));
    reload(&provider).await;
    assert!(knows(&provider, "good"));
    let shown = format!("{:?} {provider:?}", provider.status());
    assert!(shown.contains("request failed") && !shown.contains("hunter2"), "{shown}");
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let document = jwks(&[jwk("a")]);
    let server = Server::with(document.clone()).await;
    let builder = |limit| eager().max_document_bytes(limit).source(server.source());
    assert!(builder(document.len()).build().await.is_ok());
    let error = builder(document.len() - 1).build().await.unwrap_err();
    assert!(error.to_string().ends_with(&format!("document is longer than {} bytes", document.len() - 1)), "{error}");
}

#[tokio::test]
async fn an_unchanged_document_is_not_sent_again_and_counts_as_success() {
    let server = Server::start().await;
    server.behave(Behaviour::Tagged { body: jwks(&[jwk("a")]), etag: "\"one\"" });
    let provider = eager().source(server.source()).build().await.unwrap();
    assert!(!server.last_request().contains("if-none-match"));
    server.behave(Behaviour::ok("broken"));
    reload(&provider).await;
    assert!(provider.status()[0].last_error.is_some());
    let before = provider.status()[0].last_success;

    server.behave(Behaviour::Tagged { body: "not sent".to_owned(), etag: "\"one\"" });
    reload(&provider).await;
    assert!(server.last_request().contains("if-none-match: \"one\""));
    let status = provider.status().remove(0);
    assert_eq!((status.last_error, status.keys), (None, 1));
    assert!(status.last_success > before);
}

#[tokio::test]
async fn the_tag_of_a_document_without_usable_keys_is_not_kept() {
    let server = Server::with(jwks(&[jwk("a")])).await;
    let provider = eager().source(server.source()).build().await.unwrap();
    server.behave(Behaviour::Tagged { body: r#"{"keys":[]}"#.to_owned(), etag: "\"empty\"" });
    for _ in 0..2 {
        reload(&provider).await;
        assert!(!server.last_request().contains("if-none-match"));
        assert!(provider.status()[0].last_error.is_some(), "an empty document counted as unchanged");
    }
}

#[tokio::test]
async fn cache_control_decides_nothing() {
    let document = jwks(&[jwk("a")]);
    let server = Server::start().await;
    for value in ["max-age=0", "max-age=1000000000000", "no-store", "\u{7f}"] {
        let text = format!(
            "HTTP/1.1 200 OK\r\ncache-control: {value}\r\ncontent-length: {}\r\n\r\n{document}",
            document.len()
        );
        server.behave(Behaviour::Raw(text));
        let requests = server.requests();
        let provider = eager().refresh_interval(Some(Duration::from_millis(20))).source(server.source()).build().await;
        if value == "\u{7f}" {
            assert!(provider.is_err(), "not a legal header");
            continue;
        }
        crate::support::until("the refreshes of the interval", || server.requests() >= requests + 3).await;
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    const URL: &str = "KEY_URL_OF_THE_CHILD";
    // The environment cannot be changed safely in a process with threads: the test runs itself in another one.
    if let Ok(url) = std::env::var(URL) {
        let provider = eager().source(url.parse().unwrap()).build().await.unwrap();
        assert!(knows(&provider, "a"));
        return;
    }
    let (server, proxy) = (Server::with(jwks(&[jwk("a")])).await, Server::start().await);
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "answers::a_proxy_of_the_environment_is_not_used"]).env(URL, server.url());
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, format!("http://{}", proxy.address));
    }
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((server.requests(), proxy.requests()), (1, 0));
}
