//! The keys that tokens are verified with: where they come from, how long they are trusted, and the verification itself.
//!
//! A caller of a Temporal service proves who it is with a signed token. The token names its key by id (`kid`); the issuer publishes the
//! public keys as a JWK Set (JWKS, RFC 7517). This crate fetches such sets, keeps them, and answers one question: *which keys may have
//! signed this token?* It reads no token and judges no claim; that is the claim mapper's part.
//!
//! # The words
//!
//! - A [`Source`] is one place that publishes keys: a URL, a file, a text, or an issuer whose discovery document names the URL.
//! - A [`KeyQuery`] holds what an unverified token says about its key. It only chooses; nothing in it is believed.
//! - [`Keys`] are the candidates, a [`VerificationKey`] each. [`KeyError`] tells a bad token from keys that are not there yet.
//! - [`TokenKeyProvider`] is the trait between the two crates; [`JwksKeyProvider`] is the implementation that is meant to be used.
//!   (Feature `jwks-client`: `JwksClientKeyProvider`, for a client of the crate `jwks_client_rs`, with the limits it names.)
//!
//! # The rules
//!
//! 1. **Every source stands for itself.** One that is down, slow or wrong takes nothing away from the others.
//! 2. **The last good set stays.** An attempt that fails, or brings a document without one usable key, changes nothing but the
//!    [status](JwksKeyProvider::status). There is no limit to its age; [`ready`](JwksKeyProvider::ready) tells that refreshes are missed.
//! 3. **A key is checked when it is loaded**: type, curve, size, exponent, `use`, `key_ops`, `alg`, and that its private half is not
//!    published along with it. One that fails is skipped with a [reason](SkipReason), and spoils no other.
//! 4. **A `kid` means one key in one document.** Twice with different keys: both are skipped. In two sources: both are candidates.
//! 5. **A source that is bound to an issuer** serves its tokens only, and that issuer's tokens are served by nothing else.
//! 6. **An unknown `kid`** makes its sources load again, once for all who wait, and not sooner than a cool-down after the last attempt. A
//!    known one never waits. Whoever goes away stops nothing.
//! 7. **A key that left or was [revoked](JwksKeyProvider::revoke) is gone at once**, and the [generation](JwksKeyProvider::generation)
//!    changes, so that remembered tokens are looked at again.
//! 8. **Everything that comes from outside is bounded**: bytes, keys, time, nesting, key ids. Redirects are not followed, proxies from
//!    the environment are not used, `Cache-Control` is ignored (the interval is the operator's), and `ETag` is honoured.
//!
//! # Example
//!
//! ```
//! use temporal_key_provider::{Algorithm, JoseHeader, JwksKeyProvider, KeyError, KeyQuery, Source, TokenKeyProvider, VerifyError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // RFC 7515 appendix A.3; in earnest: `"https://issuer.example/.well-known/jwks.json".parse()?`
//! let jwks = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"2026-11",
//!     "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
//! let provider = JwksKeyProvider::builder().source(Source::inline_jwks(jwks)).build().await?;
//!
//! let header = JoseHeader::new(Algorithm::Es256, Some("2026-11".to_owned()), None);
//! let keys = provider.keys(&KeyQuery::new(&header)).await?;
//! let key = keys.iter().next().ok_or("no key")?;
//! assert_eq!(key.verify(Algorithm::Es256, b"header.payload", &[0; 64]), Err(VerifyError::BadSignature));
//! assert_eq!(key.verify(Algorithm::Rs256, b"header.payload", &[0; 64]), Err(VerifyError::AlgorithmMismatch));
//!
//! let header = JoseHeader::new(Algorithm::Es256, Some("unheard-of".to_owned()), None);
//! assert_eq!(provider.keys(&KeyQuery::new(&header)).await.unwrap_err(), KeyError::UnknownKey);
//! # Ok(())
//! # }
//! ```
//!
//! # Cryptography
//!
//! Signatures are verified with aws-lc-rs, with keys that are parsed once. No type of it, of the HTTP client or of the JWK parser is part
//! of the public interface.

mod algorithm;
mod escape;
mod jwks;
#[cfg(feature = "jwks-client")]
mod jwks_client;
mod key;
mod keys;
mod observe;
mod provider;
mod query;
pub mod strict_json;

pub use algorithm::{Algorithm, UnsupportedAlgorithm};
pub use jwks::{
    BuildError, JwksKeyProvider, JwksKeyProviderBuilder, LoadError, Source, SourceError, SourceStatus, Start,
};
#[cfg(feature = "jwks-client")]
pub use jwks_client::JwksClientKeyProvider;
pub use key::{SkipReason, SkippedKey, VerificationKey, VerifyError};
pub use keys::{KeyError, Keys};
pub use provider::TokenKeyProvider;
pub use query::{JoseHeader, KeyQuery};

/// Longest key id that is kept or looked up, in bytes.
const MAX_KID_BYTES: usize = 1024;
