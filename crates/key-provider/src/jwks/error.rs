//! What can go wrong when keys are loaded.

use crate::SkipReason;
use crate::strict_json::StrictJsonError;

/// Why one attempt to load a source failed. The keys it had before stay. The messages quote neither the document nor a URL's secrets.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The attempt, all its requests together, took longer than `fetch_timeout`.
    #[error("timed out")]
    TimedOut,
    /// No connection, no TLS, or the answer broke off.
    #[error("request failed: {0}")]
    Request(String),
    /// The answer's status is not 200; a redirect counts as such, because redirects are not followed.
    #[error("answered with status {0}")]
    Status(u16),
    /// The document is longer than `max_document_bytes`.
    #[error("document is longer than {0} bytes")]
    TooLong(usize),
    /// The work on the document broke off: the process is shutting down, or there is a defect in this crate.
    #[error("interrupted")]
    Interrupted,
    /// The file cannot be read.
    #[error("cannot read the file: {0}")]
    File(String),
    /// The path leads to something that is no regular file.
    #[error("not a regular file")]
    NotAFile,
    /// The document is not JSON, or not strictly.
    #[error("document is not strict JSON: {0}")]
    Json(#[from] StrictJsonError),
    /// The document is not a JWK Set (RFC 7517 section 5): no object with an array `keys`.
    #[error("document is not a JWK Set")]
    NotAKeySet,
    /// The document has more keys than `max_keys`.
    #[error("document has more than {0} keys")]
    TooManyKeys(usize),
    /// The document has no key, or none that can be used; [`SourceStatus::skipped`](crate::SourceStatus) tells why.
    #[error("document has no usable key")]
    NoUsableKey,
    /// The one key of this source cannot be used.
    #[error("unusable key: {0}")]
    UnusableKey(#[from] SkipReason),
    /// The `issuer` of the discovery document is missing or another one. Holds what stands there, escaped.
    #[error("discovery document is of issuer \"{0}\"")]
    IssuerMismatch(String),
    /// The discovery document has no `jwks_uri`, or one that must not be followed.
    #[error("jwks_uri of the discovery document is refused: {0}")]
    JwksUri(&'static str),
}

/// Why a provider could not be built.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No source was given.
    #[error("no key source is configured")]
    NoSource,
    /// The list of algorithms is empty: no token could ever be accepted.
    #[error("the list of supported algorithms is empty")]
    NoAlgorithm,
    /// A limit or a time that must not be zero is.
    #[error("{0} must not be zero")]
    Zero(&'static str),
    /// A discovery source was bound to an issuer other than its own.
    #[error("key source {name} discovers issuer \"{discovered}\" and cannot be bound to issuer \"{bound}\"")]
    IssuerConflict {
        /// The source.
        name: String,
        /// The issuer whose discovery document it reads.
        discovered: String,
        /// The issuer it was bound to.
        bound: String,
    },
    /// `ca_pem` holds no certificate, or one that does not parse.
    #[error("ca_pem is not a list of PEM certificates")]
    CaPem,
    /// The HTTP client could not be set up, for instance because the system has no CA certificates.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
    /// The first attempt at this source failed, and the provider was to [fail](crate::Start::Fail) then. Inline keys always fail here.
    #[error("key source {name}: {source}")]
    Source {
        /// The source, without the secrets of its URL.
        name: String,
        /// What went wrong.
        source: LoadError,
    },
}
