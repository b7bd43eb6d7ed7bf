//! What the tests share.

pub mod server;
pub mod signer;

use std::time::Duration;

use temporal_key_provider::{
    Algorithm, JoseHeader, JwksKeyProvider, JwksKeyProviderBuilder, KeyError, KeyQuery, Keys, TokenKeyProvider,
};

/// Long against anything that must not be waited for, short against a developer's patience.
pub const SOON: Duration = Duration::from_secs(5);

pub fn header(kid: &str) -> JoseHeader {
    JoseHeader::new(Algorithm::Es256, Some(kid.to_owned()), None)
}

/// The keys for a token with this key id, of no particular issuer.
pub async fn keys(provider: &JwksKeyProvider, kid: &str) -> Result<Keys, KeyError> {
    provider.keys(&KeyQuery::new(&header(kid))).await
}

/// The keys for a token of this issuer.
pub async fn keys_of(provider: &JwksKeyProvider, issuer: &str, kid: &str) -> Result<Keys, KeyError> {
    provider.keys(&KeyQuery::new(&header(kid)).with_issuer(issuer)).await
}

pub fn knows(provider: &JwksKeyProvider, kid: &str) -> bool {
    provider.known_keys(&KeyQuery::new(&header(kid))).is_some()
}

/// A provider whose cool-down is over as soon as it begins.
pub fn eager() -> JwksKeyProviderBuilder {
    JwksKeyProvider::builder()
        .unknown_kid_cooldown(Duration::from_nanos(1))
        .fetch_timeout(Duration::from_secs(2))
        .retry_backoff(Duration::from_millis(5), Duration::from_millis(20))
}

/// Waits until the condition holds; fails when it does not soon.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(SOON, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    assert!(waited.await.is_ok(), "still not: {what}");
}

/// Makes the sources load again, by asking for a key id that nobody has asked for.
pub async fn reload(provider: &JwksKeyProvider) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let kid = format!("unknown-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(keys(provider, &kid).await.is_err());
}
