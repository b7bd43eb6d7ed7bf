//! One signing key: made or read, shown in public as a JWK, and used to sign tokens.

use std::fmt;

use clap::ValueEnum;
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Map, Value, json};
use thiserror::Error;

/// The two algorithms that Temporal accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, and a key of 2,048 bits.
    #[value(name = "RS256")]
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    #[value(name = "ES256")]
    Es256,
}

/// A private key, ready to sign.
#[derive(Clone)]
pub struct Signer {
    algorithm: SigningAlgorithm,
    key: EncodingKey,
    key_id: String,
    jwk: Value,
}

/// Why there is no signer, or no token.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SignerError {
    /// No key could be made.
    #[error("the key could not be made: {0}")]
    Generate(#[from] rcgen::Error),
    /// The text is not a private key of a kind that Temporal's algorithms use.
    #[error("not a private key for RS256 (RSA, 2048 bits or more) or ES256 (P-256, in PKCS #8)")]
    UnusableKey,
    /// The token could not be signed.
    #[error("the token could not be signed: {0}")]
    Sign(#[source] jsonwebtoken::errors::Error),
    /// The public half of the key could not be written as JSON.
    #[error("the public key could not be written as JSON: {0}")]
    Export(#[from] serde_json::Error),
}

impl SigningAlgorithm {
    /// The name in a token's header: `RS256` or `ES256`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    fn jose(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Signer {
    /// Makes a key. An RSA key takes some tenths of a second.
    ///
    /// # Errors
    /// The key could not be made.
    pub fn generate(algorithm: SigningAlgorithm) -> Result<Self, SignerError> {
        Self::from_pem(&Self::generate_pem(algorithm)?)
    }

    /// Makes a key and answers it as PKCS #8 in PEM, which is a secret.
    ///
    /// # Errors
    /// The key could not be made.
    pub fn generate_pem(algorithm: SigningAlgorithm) -> Result<String, SignerError> {
        let pair = match algorithm {
            SigningAlgorithm::Rs256 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?,
            SigningAlgorithm::Es256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
        };
        Ok(pair.serialize_pem())
    }

    /// Reads a key; what it is tells the algorithm.
    ///
    /// # Errors
    /// The text is not PEM, not a private key, or of another kind.
    pub fn from_pem(pem: &str) -> Result<Self, SignerError> {
        // Without it jsonwebtoken panics when a dependency has compiled in both of its back-ends. An error: it is set.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let rsa = EncodingKey::from_rsa_pem(pem.as_bytes()).map(|key| (SigningAlgorithm::Rs256, key));
        let (algorithm, key) = rsa
            .or_else(|_| EncodingKey::from_ec_pem(pem.as_bytes()).map(|key| (SigningAlgorithm::Es256, key)))
            .map_err(|_| SignerError::UnusableKey)?;
        let mut jwk = Jwk::from_encoding_key(&key, algorithm.jose()).map_err(|_| SignerError::UnusableKey)?;
        let key_id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| SignerError::UnusableKey)?;
        jwk.common.key_id = Some(key_id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { algorithm, key, key_id, jwk: serde_json::to_value(&jwk)? })
    }

    /// The algorithm that it signs with.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The thumbprint of the public key (RFC 7638, SHA-256): the `kid` of its tokens.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public key as a JWK, with `kid`, `alg` and `use`.
    pub fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// A token with these claims, and this key's own id in its header.
    ///
    /// # Errors
    /// The claims could not be signed.
    pub fn sign(&self, claims: &Map<String, Value>) -> Result<String, SignerError> {
        self.sign_as(&self.key_id, claims)
    }

    /// A token that names another key than the one that signed it: such a token must be refused.
    ///
    /// # Errors
    /// The claims could not be signed.
    pub fn sign_as(&self, key_id: &str, claims: &Map<String, Value>) -> Result<String, SignerError> {
        let mut header = Header::new(self.algorithm.jose());
        header.kid = Some(key_id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.key).map_err(SignerError::Sign)
    }
}

/// Without the private key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// A key set (RFC 7517, section 5) of these public keys.
pub fn jwks<'a>(keys: impl IntoIterator<Item = &'a Value>) -> Value {
    json!({ "keys": keys.into_iter().collect::<Vec<_>>() })
}
