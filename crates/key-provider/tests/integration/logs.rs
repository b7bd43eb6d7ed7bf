//! What reaches the log: what an operator needs, and nothing that an outsider or a secret put there.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use temporal_key_provider::{Source, Start};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::server::{Behaviour, Server};
use crate::support::signer::{Signer, jwk, jwks};
use crate::support::{eager, keys, reload};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_tells_what_happened_without_secrets_and_control_characters() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let private = json!({"kty": "oct", "kid": "evil\n2026 INFO forged\u{1b}[2J", "k": "hunter2-secret"});
    let server = Server::with(jwks(&[jwk("good"), private, Signer::ed25519().jwk("ed")])).await;
    let url = format!("http://user:hunter2-password@{}/jwks?key=hunter2-query", server.address);
    let provider = eager().source(url.parse().unwrap()).build().await.unwrap();
    server.behave(Behaviour::ok(r#"{"keys": hunter2-document}"#));
    reload(&provider).await;
    server.behave(Behaviour::Raw("hunter2-answer".to_owned()));
    reload(&provider).await;
    provider.revoke("good\r\n");
    assert!(keys(&provider, "hunter2-kid\n").await.is_err());
    let discovered = Server::start().await;
    let document = json!({"issuer": "evil\n\u{1b}[2J", "jwks_uri": "http://hunter2-uri/"}).to_string();
    discovered.behave_at("/.well-known/openid-configuration", Behaviour::ok(document));
    let source = Source::discovery(&format!("http://{}", discovered.address)).unwrap();
    let other = eager().on_start(Start::NotReady).source(source).build().await.unwrap();

    let shown = format!("{}{provider:?}{other:?}", log.text());
    for expected in [
        "token keys loaded",
        "keys=1",
        "symmetric key",
        r"evil\\n2026 INFO forged",
        "no enabled algorithm",
        "malformed JSON",
        "revoked",
        "discovery document is of issuer",
    ] {
        assert!(shown.contains(expected), "missing {expected}: {shown}");
    }
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\r'), "{shown}");
    assert!(log.text().lines().all(|line| line.starts_with("20")), "a line of somebody else's making: {shown}");
}
