//! Why a published key is not used.

/// A key of a source that is not used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedKey {
    /// Its `kid`, escaped and cut for the log; empty when it has none.
    pub kid: String,
    /// Why it is not used.
    pub reason: SkipReason,
}

/// Why a key is not used. The messages quote nothing of the key but short public members, escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SkipReason {
    /// No JWK at all: not an object, or a member of a wrong type.
    #[error("not a JSON Web Key")]
    Malformed,
    /// The `kid` is longer than 1,024 bytes.
    #[error("kid longer than 1024 bytes")]
    KidTooLong,
    /// The document uses the same `kid` for different keys: neither is used.
    #[error("kid stands twice in the document, with different keys")]
    AmbiguousKid,
    /// `use` is there and is not `sig` (RFC 7517 section 4.2).
    #[error("use is not \"sig\"")]
    NotForSignatures,
    /// `key_ops` is there and does not list `verify` (RFC 7517 section 4.3).
    #[error("key_ops does not list \"verify\"")]
    NotForVerification,
    /// The key stands there with its private part: whoever reads the document can sign.
    #[error("the private key is published with it")]
    PrivateKey,
    /// `kty` is `oct`: a secret shared with the signer, no public key.
    #[error("symmetric key")]
    SymmetricKey,
    /// `kty` or `crv` is missing, or one that is not supported here.
    #[error("unsupported key type \"{0}\"")]
    UnsupportedKeyType(String),
    /// The key's own `alg` is none that this crate verifies.
    #[error("unsupported algorithm \"{0}\"")]
    UnsupportedAlgorithm(String),
    /// The key's own `alg` cannot be used with a key of its type or curve.
    #[error("algorithm {0} does not fit the key")]
    AlgorithmMismatch(crate::Algorithm),
    /// The key serves only algorithms that are not enabled.
    #[error("no enabled algorithm uses this key")]
    AlgorithmNotEnabled,
    /// A key parameter is missing, is not base64url, or has a wrong length.
    #[error("parameter \"{0}\" is missing, malformed or of a wrong length")]
    InvalidParameter(&'static str),
    /// The RSA modulus has not 2,048 to 8,192 bits, or is even.
    #[error("RSA modulus of {0} bits: 2048 to 8192 are supported, and it must be odd")]
    RsaModulus(usize),
    /// The RSA exponent is even, less than 3, or longer than 32 bits.
    #[error("RSA exponent is even, less than 3 or longer than 32 bits")]
    RsaExponent,
    /// The point is not on its curve, or of so small an order that anybody can sign for it.
    #[error("not a valid public point")]
    InvalidPoint,
    /// Not a PEM file with exactly one `PUBLIC KEY`.
    #[error("not a PEM text with one PUBLIC KEY")]
    InvalidPem,
}
