//! The keys of an issuer, and signatures by them over any text.

use std::sync::LazyLock;

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaEncoding},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use temporal_key_provider::Algorithm;

/// A private key.
pub enum Signer {
    /// RSA of 2,048 bits, for the six RSA algorithms.
    Rsa(rsa::KeyPair),
    /// An elliptic curve, by its JWK name and the length of a coordinate in bytes.
    Ec(&'static str, usize, EcdsaKeyPair),
    /// Ed25519.
    Ed25519(Ed25519KeyPair),
}

/// The issuer's RSA key.
pub static RSA: LazyLock<Signer> = LazyLock::new(Signer::rsa);
/// An RSA key that nobody trusts.
pub static FOREIGN_RSA: LazyLock<Signer> = LazyLock::new(Signer::rsa);
/// The issuer's P-256 key.
pub static P256: LazyLock<Signer> = LazyLock::new(Signer::p256);
/// The issuer's P-384 key.
pub static P384: LazyLock<Signer> = LazyLock::new(Signer::p384);
/// The issuer's Ed25519 key.
pub static ED25519: LazyLock<Signer> = LazyLock::new(Signer::ed25519);

impl Signer {
    /// A new RSA key.
    pub fn rsa() -> Self {
        Self::Rsa(rsa::KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// A new P-256 key.
    pub fn p256() -> Self {
        Self::Ec("P-256", 32, EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    /// A new P-384 key.
    pub fn p384() -> Self {
        Self::Ec("P-384", 48, EcdsaKeyPair::generate(&signature::ECDSA_P384_SHA384_FIXED_SIGNING).unwrap())
    }

    /// A new Ed25519 key.
    pub fn ed25519() -> Self {
        Self::Ed25519(Ed25519KeyPair::generate().unwrap())
    }

    /// The signature over these bytes; `algorithm` chooses padding and digest of an RSA key, and nothing of the others.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let encoding: &'static dyn RsaEncoding = match algorithm {
                    Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
                    Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
                    Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
                    Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut signed = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signed).unwrap();
                signed
            }
            Self::Ec(_, _, pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The public key as a JWK.
    pub fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Rsa(pair) => {
                // RSAPublicKey: nine bytes of DER and sign, the modulus, two bytes of DER, the exponent.
                let der = pair.public_key().as_ref();
                json!({"kty": "RSA", "kid": kid, "n": base64url(&der[9..265]), "e": base64url(&der[267..])})
            }
            Self::Ec(curve, length, pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(*length);
                json!({"kty": "EC", "kid": kid, "crv": curve, "x": base64url(x), "y": base64url(y)})
            }
            Self::Ed25519(pair) => {
                json!({"kty": "OKP", "kid": kid, "crv": "Ed25519", "x": base64url(pair.public_key().as_ref())})
            }
        }
    }

    /// The public key as a DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> Vec<u8> {
        match self {
            Self::Rsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Self::Ec(_, _, pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }
}

/// Base64url without padding.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The text of a JWK Set.
pub fn jwks(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}
