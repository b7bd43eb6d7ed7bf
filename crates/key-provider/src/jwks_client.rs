//! Keys from a client of the crate `jwks_client_rs`.

use std::error::Error as _;
use std::fmt;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jwks_client_rs::source::JwksSource;
use jwks_client_rs::{JsonWebKey, JwksClient, JwksClientError};
use serde_json::{Value, json};

use crate::{Algorithm, KeyError, KeyQuery, Keys, TokenKeyProvider, VerificationKey};

/// Serves the keys of a [`JwksClient`], for programs that have one already.
///
/// Each key passes the checks of [`VerificationKey::from_jwk`], and unknown keys are told from keys that could not be fetched.
/// What the client itself does stays as it is, and is less than [`JwksKeyProvider`](crate::JwksKeyProvider) promises:
///
/// - Every `kid` that is not there makes it fetch the set, without a cool-down; meanwhile nobody gets a key.
/// - One key of an unknown type, or without a `kid`, spoils the whole set. A good answer without keys replaces good keys.
/// - An answer may be of any size, redirects are followed, and proxies from the environment are used.
/// - `use` of keys other than RSA, `key_ops` and private members are not passed on, so they cannot be judged. Of two keys with one `kid`
///   the first counts.
/// - One set serves the tokens of every issuer.
/// - Nothing tells that a key has left. It is noticed when the client's own time to live (a day, unless it was built with another) has
///   passed, and after that remembered tokens of the key may go on for twice the [recheck interval](Self::with_recheck_interval).
pub struct JwksClientKeyProvider<S: JwksSource> {
    client: JwksClient<S>,
    algorithms: Vec<Algorithm>,
    recheck_interval: Duration,
    since: Instant,
}

impl<S: JwksSource + Send + Sync + 'static> JwksClientKeyProvider<S> {
    /// The keys of this client, for tokens signed with RS256 or ES256.
    #[must_use]
    pub fn new(client: JwksClient<S>) -> Self {
        Self {
            client,
            algorithms: vec![Algorithm::Rs256, Algorithm::Es256],
            recheck_interval: Duration::from_secs(60),
            since: Instant::now(),
        }
    }

    /// The algorithms that tokens may be signed with, instead of RS256 and ES256.
    #[must_use]
    pub fn with_supported_algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// How long a verified token may be remembered before its key is asked for again. Default: one minute. Zero is taken as one
    /// millisecond.
    #[must_use]
    pub fn with_recheck_interval(mut self, interval: Duration) -> Self {
        self.recheck_interval = interval.max(Duration::from_millis(1));
        self
    }
}

#[async_trait]
impl<S: JwksSource + Send + Sync + 'static> TokenKeyProvider for JwksClientKeyProvider<S> {
    async fn keys(&self, query: &KeyQuery<'_>) -> Result<Keys, KeyError> {
        let kid = query.header().kid().filter(|kid| kid.len() <= crate::MAX_KID_BYTES).ok_or(KeyError::UnknownKey)?;
        let jwk = self.client.get(kid).await.map_err(|error| missing(&error))?;
        match VerificationKey::from_jwk(&value(&jwk)) {
            Ok(key) => Ok(Keys::from_iter([key])),
            Err(reason) => {
                tracing::warn!(kid = %kid.escape_debug(), %reason, "a published key cannot be used");
                Err(KeyError::UnknownKey)
            }
        }
    }

    /// Counts recheck intervals: the client tells nobody that a key has left.
    fn generation(&self) -> u64 {
        let intervals = self.since.elapsed().as_nanos().checked_div(self.recheck_interval.as_nanos());
        intervals.and_then(|intervals| u64::try_from(intervals).ok()).unwrap_or(u64::MAX)
    }

    fn supported_algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }
}

impl<S: JwksSource> fmt::Debug for JwksClientKeyProvider<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksClientKeyProvider")
            .field("algorithms", &self.algorithms)
            .field("recheck_interval", &self.recheck_interval)
            .finish_non_exhaustive()
    }
}

/// The client's error type cannot be named from outside, but only a set that could not be fetched has a cause; an unknown key has none.
fn missing(error: &JwksClientError) -> KeyError {
    match error.source() {
        None => KeyError::UnknownKey,
        Some(_) => KeyError::unavailable(error.to_string()),
    }
}

/// The JWK again, as far as the client kept it.
fn value(jwk: &JsonWebKey) -> Value {
    let mut value = match jwk {
        JsonWebKey::Rsa(rsa) => json!({"kty": "RSA", "n": rsa.modulus(), "e": rsa.exponent()}),
        JsonWebKey::Ec(ec) => json!({"kty": "EC", "crv": ec.curve(), "x": ec.x(), "y": ec.y()}),
        JsonWebKey::Okp(okp) => json!({"kty": "OKP", "crv": okp.curve(), "x": okp.x()}),
    };
    let Some(members) = value.as_object_mut() else { return value };
    members.insert("kid".to_owned(), jwk.key_id().into());
    if let Some(alg) = jwk.alg() {
        members.insert("alg".to_owned(), alg.into());
    }
    // The type of `use` cannot be named either; its Debug is the word.
    if let JsonWebKey::Rsa(rsa) = jwk
        && let Some(purpose) = rsa.r#use()
    {
        members.insert("use".to_owned(), format!("{purpose:?}").to_lowercase().into());
    }
    value
}
