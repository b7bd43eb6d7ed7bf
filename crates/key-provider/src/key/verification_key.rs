//! A key that verifies signatures.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::signature::ParsedPublicKey;
use serde_json::Value;

use super::material::Material;
use super::skip::SkipReason;
use super::{jwk, pem};
use crate::Algorithm;
use crate::escape::escaped;

/// A public key, checked and parsed once. Cheap to clone; cloning shares the key.
///
/// A key is bound to what it may verify: its type, its curve, and the `alg` it was published with, if it was.
#[derive(Clone)]
pub struct VerificationKey(Arc<Inner>);

struct Inner {
    kid: Option<String>,
    material: Material,
    /// The `alg` of the key itself: the only algorithm it is for.
    bound_to: Option<Algorithm>,
    /// One slot for each algorithm of the material, in that order. The library binds a parsed RSA key to one padding and digest.
    parsed: Vec<OnceLock<Option<ParsedPublicKey>>>,
}

/// Why a signature was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The key is not for this algorithm: other type, other curve, or published for another `alg`. Nothing was computed.
    #[error("the key is not for this algorithm")]
    AlgorithmMismatch,
    /// The signature is not one of this key over this message.
    #[error("bad signature")]
    BadSignature,
}

impl VerificationKey {
    /// Reads one JSON Web Key (RFC 7517), which should come from [`strict_json`](crate::strict_json).
    ///
    /// # Errors
    ///
    /// [`SkipReason`] when the key is not fit to verify signatures with: see its variants for the checks.
    pub fn from_jwk(jwk: &Value) -> Result<Self, SkipReason> {
        jwk::read(jwk)
    }

    /// Reads a PEM text with one `PUBLIC KEY` (RFC 7468 section 13): RSA, P-256, P-384 or Ed25519. The text has no key id, so it is given.
    ///
    /// # Errors
    ///
    /// [`SkipReason`] when the text is something else, or the key fails the checks that a JWK has to pass.
    pub fn from_pem(kid: Option<&str>, text: &str) -> Result<Self, SkipReason> {
        Self::new(kid.map(str::to_owned), pem::read(text)?, None)
    }

    /// Binds checked numbers to their id and algorithm.
    pub(super) fn new(
        kid: Option<String>,
        material: Material,
        bound_to: Option<Algorithm>,
    ) -> Result<Self, SkipReason> {
        if kid.as_deref().is_some_and(|kid| kid.len() > crate::MAX_KID_BYTES) {
            return Err(SkipReason::KidTooLong);
        }
        if let Some(algorithm) = bound_to
            && !material.algorithms().contains(&algorithm)
        {
            return Err(SkipReason::AlgorithmMismatch(algorithm));
        }
        let parsed = material.algorithms().iter().map(|_| OnceLock::new()).collect();
        let key = Self(Arc::new(Inner { kid, material, bound_to, parsed }));
        // Parsing is what tells whether the point is on the curve.
        let first = bound_to.or_else(|| key.0.material.algorithms().first().copied());
        match first.and_then(|algorithm| key.parsed(algorithm)) {
            Some(_) => Ok(key),
            None => Err(SkipReason::InvalidPoint),
        }
    }

    /// The id it was published with.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.0.kid.as_deref()
    }

    /// Whether the key is for this algorithm: by its type, its curve, and its own `alg` if it has one.
    #[must_use]
    pub fn accepts(&self, algorithm: Algorithm) -> bool {
        self.0.bound_to.is_none_or(|bound| bound == algorithm) && self.0.material.algorithms().contains(&algorithm)
    }

    /// Whether both verify the same signatures: equal public numbers, bound to the same algorithm. The `kid` may differ.
    #[must_use]
    pub fn same_material(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.0.material == other.0.material && self.0.bound_to == other.0.bound_to)
    }

    /// Verifies `signature`, in the form that JWS uses (RFC 7518 section 3: for ECDSA both numbers side by side), over `message`.
    ///
    /// # Errors
    ///
    /// [`VerifyError::AlgorithmMismatch`] when the key does not [accept](Self::accepts) the algorithm, else [`VerifyError::BadSignature`].
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        let parsed = self.parsed(algorithm).ok_or(VerifyError::AlgorithmMismatch)?;
        parsed.verify_sig(message, signature).map_err(|_| VerifyError::BadSignature)
    }

    fn parsed(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        if !self.accepts(algorithm) {
            return None;
        }
        let slot = self.0.material.algorithms().iter().position(|candidate| *candidate == algorithm)?;
        self.0.parsed.get(slot)?.get_or_init(|| self.0.material.parse(algorithm)).as_ref()
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = match self.0.material {
            Material::Rsa { .. } => "RSA",
            Material::Ec { .. } => "EC",
            Material::Ed25519(_) => "Ed25519",
        };
        f.debug_struct("VerificationKey")
            .field("kid", &self.kid().map(escaped))
            .field("family", &family)
            .field("bound_to", &self.0.bound_to)
            .finish_non_exhaustive()
    }
}
