//! Who is calling: claims from bearer tokens and from client certificates.
//!
//! A [`ClaimMapper`](temporal_authz::ClaimMapper) turns the credentials of a call into
//! [`Claims`](temporal_authz::Claims). This crate has three: [`JwtClaimMapper`] for signed tokens,
//! [`CertificateClaimMapper`] for certificates that the handshake verified, and [`CombinedClaimMapper`] for both. Keys
//! come from a [`TokenKeyProvider`](temporal_key_provider::TokenKeyProvider).
//!
//! The words are those of RFC 7519: the *issuer* (`iss`) made the token, the *subject* (`sub`) is whom it speaks of, the
//! *audience* (`aud`) is whom it is for, the *key id* (`kid`) tells which key signed it. A *permission* is a text such as
//! `default:write`: a namespace and one of the roles read, write, worker, admin. The namespace `temporal-system` means
//! the whole system.
//!
//! The rules:
//!
//! 1. A credential is absent, good or bad. A bad one is refused with a [`Reason`](temporal_authz::Reason), and never made
//!    up for by another credential.
//! 2. A token is checked for what it says of itself before a key is looked up, and for its signature last: length,
//!    shape, header, algorithm, key id, type, payload, times, issuer, audience, subject, the signature's form; then key,
//!    signature, permissions.
//! 3. The algorithm must be on a list, and the key must be for it. What a token says about its own keys is not looked at.
//! 4. There are two profiles. [`JwtClaimMapper::builder`] is strict: `exp`, `aud`, `iss` and `sub` are required, and
//!    what is loosened is named (`allow_…`). [`JwtClaimMapper::temporal`] gives the answers of Temporal's own server.
//! 5. Permissions for one namespace add up. An entry that is no permission is ignored and counted; an unknown role names
//!    its namespace and grants nothing. [`JwtClaimMapper::explain`] tells which, and why a token was refused.
//! 6. A token that is good is remembered whole until it expires or its key goes. Times, audience and key are looked at
//!    again at each use; simultaneous first uses verify it once; failures are not remembered.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use temporal_authz::{AuthInfo, ClaimMapper as _, Reason, Role};
//! use temporal_claim_mapper::JwtClaimMapper;
//! use temporal_key_provider::{JwksKeyProvider, Source};
//!
//! let jwks = r#"{"keys":[{"kid":"k1","kty":"EC","crv":"P-256","x":"67RowuhJDyOGBT3rBH_SSH3d_e7UNfmEEnDSka3WaUY",
//!                         "y":"hcrb5n4HxN_yrkg218Ijlv-smzeXnD63352ELcfTwZo"}]}"#;
//! let keys = JwksKeyProvider::builder().source(Source::inline_jwks(jwks)).build().await?;
//! let mapper = JwtClaimMapper::builder(keys).issuer("https://issuer.example").audience("temporal").build()?;
//!
//! // {"iss":"https://issuer.example","aud":"temporal","sub":"alice","exp":4102444800,"permissions":["default:write"]}
//! let token = "Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjoidGVtcG9y\
//!              YWwiLCJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMCwicGVybWlzc2lvbnMiOlsiZGVmYXVsdDp3cml0ZSJdfQ.oA0IvFN9SejytA\
//!              YECQrPIXLlmCPO_m94C_gM0L25Vc51e96n757B5oumak0FmKC8qMLKLzPBscLBHB3pqL9ZcA";
//! let headers = http::HeaderMap::new();
//! let info = AuthInfo::new(&headers).with_auth_token(token);
//! let claims = mapper.get_claims(&info).await?.expect("a token");
//! assert_eq!((claims.subject(), claims.namespace("default")), ("alice", Role::WRITER));
//!
//! // The same token, for a call that another audience is meant by.
//! let refusal = mapper.get_claims(&info.with_audience("billing")).await.unwrap_err();
//! assert_eq!(refusal.reason(), Reason::WrongAudience);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cache;
mod certificate;
mod clock;
mod combined;
mod jwt;
mod observe;
mod permissions;
mod refusal;
mod token;

pub use cache::CacheLimits;
pub use certificate::{CertificateClaimMapper, CertificateClaimMapperBuilder, CertificateRule, CertificateRuleError};
pub use clock::{Clock, SystemClock};
pub use combined::{CombinedClaimMapper, CredentialMode};
pub use jwt::{
    BuildError, Explanation, JwtClaimMapper, JwtClaimMapperBuilder, Outcome, Step, TokenClaims, TrustedIssuer,
};
