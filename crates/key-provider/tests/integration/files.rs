//! Keys in files, with the clock held still: a refresh comes when the test says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use temporal_key_provider::{JwksKeyProvider, Source, Start};

use crate::support::signer::{jwk, jwks};
use crate::support::{keys, knows};

const INTERVAL: Duration = Duration::from_secs(60);

/// A directory of its own, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("temporal-key-provider-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.0.join("jwks.json");
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn build(path: &Path) -> JwksKeyProvider {
    let source = format!("file://{}", path.display()).parse().unwrap();
    JwksKeyProvider::builder().refresh_interval(Some(INTERVAL)).source(source).build().await.unwrap()
}

/// Lets the next refresh come and end.
async fn refresh() {
    tokio::time::sleep(INTERVAL + Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_file_is_read_again_and_a_half_written_one_keeps_the_old_keys() {
    let folder = Folder::new("rewritten");
    let path = folder.file(&jwks(&[jwk("a")]));
    let provider = build(&path).await;
    assert!(knows(&provider, "a"));
    let next = jwks(&[jwk("b")]);
    folder.file(&next[..next.len() / 2]);
    refresh().await;
    assert!(knows(&provider, "a"));
    assert!(provider.status()[0].last_error.as_deref().unwrap().contains("truncated JSON"));
    folder.file(&next);
    refresh().await;
    assert!(!knows(&provider, "a") && knows(&provider, "b"));
    assert_eq!((provider.generation(), &provider.status()[0].last_error), (1, &None));
}

#[tokio::test(start_paused = true)]
async fn what_a_file_may_turn_into_keeps_the_old_keys() {
    let folder = Folder::new("replaced");
    let path = folder.file(&jwks(&[jwk("a")]));
    let source = Source::file(&path);
    let builder = JwksKeyProvider::builder().refresh_interval(Some(INTERVAL)).max_document_bytes(100_000);
    let provider = builder.source(source).build().await.unwrap();
    let long = folder.0.join("long.json");
    fs::write(&long, " ".repeat(100_001)).unwrap();
    let cases = [
        ("/proc/self/environ", "JSON"),
        ("/dev/zero", "not a regular file"),
        ("/", "not a regular file"),
        ("/nonexistent/jwks.json", "cannot read the file"),
        (long.to_str().unwrap(), "longer than 100000 bytes"),
    ];
    for (target, error) in cases {
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(target, &path).unwrap();
        refresh().await;
        let last_error = provider.status()[0].last_error.clone().unwrap();
        assert!(last_error.contains(error), "{target}: {last_error}");
        assert!(knows(&provider, "a"), "{target}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_id_makes_a_file_be_read_again() {
    let folder = Folder::new("unknown");
    let path = folder.file(&jwks(&[jwk("a")]));
    let provider = JwksKeyProvider::builder().source(Source::file(&path)).build().await.unwrap();
    folder.file(&jwks(&[jwk("b")]));
    assert!(keys(&provider, "b").await.is_err(), "the cool-down of 5 seconds has not passed");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(keys(&provider, "b").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn three_missed_refreshes_end_readiness_and_one_good_one_brings_it_back() {
    let folder = Folder::new("readiness");
    let document = jwks(&[jwk("a")]);
    let path = folder.file(&document);
    let provider = build(&path).await;
    assert!(provider.ready());
    folder.file("broken");
    tokio::time::sleep(INTERVAL * 3).await;
    assert!(provider.ready(), "the third refresh may still come");
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert!(!provider.ready() && !provider.status()[0].ready);
    assert!(keys(&provider, "a").await.is_ok(), "known keys are served all the same");
    folder.file(&document);
    refresh().await;
    assert!(provider.ready());
}

#[tokio::test(start_paused = true)]
async fn without_an_interval_a_loaded_file_is_never_read_again() {
    let folder = Folder::new("once");
    let path = folder.file(&jwks(&[jwk("a")]));
    let provider = JwksKeyProvider::builder().source(Source::file(&path)).build().await.unwrap();
    folder.file(&jwks(&[jwk("b")]));
    tokio::time::sleep(Duration::from_secs(1_000_000)).await;
    assert!(knows(&provider, "a") && !knows(&provider, "b") && provider.ready());
}

#[tokio::test(start_paused = true)]
async fn a_file_that_comes_later_is_found_by_a_provider_that_started_not_ready() {
    let folder = Folder::new("later");
    let path = folder.0.join("jwks.json");
    let builder = JwksKeyProvider::builder().on_start(Start::NotReady).source(Source::file(&path));
    let provider = builder.build().await.unwrap();
    assert!(keys(&provider, "a").await.unwrap_err().is_unavailable());
    folder.file(&jwks(&[jwk("a")]));
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert!(provider.ready() && knows(&provider, "a"));
}

#[tokio::test(start_paused = true)]
async fn a_pem_file_is_one_key_under_the_id_it_is_given() {
    let folder = Folder::new("pem");
    let key = rcgen::KeyPair::generate().unwrap();
    let path = folder.file(&key.public_key_pem());
    let builder = JwksKeyProvider::builder().refresh_interval(Some(INTERVAL)).source(Source::pem_file("p", &path));
    let provider = builder.build().await.unwrap();
    assert!(knows(&provider, "p"));
    folder.file(&key.serialize_pem());
    refresh().await;
    assert!(knows(&provider, "p"));
    assert_eq!(provider.status()[0].last_error.as_deref(), Some("unusable key: the private key is published with it"));
}
