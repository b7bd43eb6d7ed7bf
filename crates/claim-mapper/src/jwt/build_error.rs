//! What is wrong with the settings of a mapper.

use temporal_key_provider::Algorithm;

/// Why a [`JwtClaimMapper`](crate::JwtClaimMapper) cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The strict profile was given no issuer.
    #[error("no issuer: name those that are trusted, or allow_any_issuer")]
    NoIssuer,
    /// The strict profile was given no audience, or an issuer is left without one.
    #[error("no audience: name what tokens must be for, or allow_any_audience")]
    NoAudience,
    /// A list of algorithms is empty, or none of the default ones is supported by the key provider.
    #[error("no algorithm is left that the key provider supports")]
    NoAlgorithm,
    /// An algorithm is listed that the key provider has no keys for.
    #[error("algorithm {0} is not supported by the key provider")]
    UnsupportedAlgorithm(Algorithm),
    /// An issuer is named twice.
    #[error("issuer \"{0}\" is named twice")]
    DuplicateIssuer(String),
    /// A setting is blank text.
    #[error("{0} is blank")]
    Blank(&'static str),
    /// A limit is zero.
    #[error("{0} is zero")]
    Zero(&'static str),
    /// The leeway is longer than five minutes.
    #[error("leeway of {0} seconds: at most 300 are allowed")]
    Leeway(u64),
    /// `permissionsRegex` does not compile, or uses what Go's and Rust's dialects do not share.
    #[error("permissionsRegex \"{pattern}\": {reason}")]
    #[non_exhaustive]
    PermissionsRegex {
        /// The expression.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}
