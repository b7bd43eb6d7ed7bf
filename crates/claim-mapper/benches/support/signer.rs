//! A private key, and its public half as an issuer publishes it.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, ParsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use temporal_key_provider::Algorithm;

pub struct Signer {
    pub algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(rsa::KeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// A new key for RS256, ES256 or EdDSA.
    pub fn new(algorithm: Algorithm) -> Self {
        let pair = match algorithm {
            Algorithm::Es256 => Pair::Ec(EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
            Algorithm::EdDsa => Pair::Ed25519(Ed25519KeyPair::generate().unwrap()),
            _ => Pair::Rsa(rsa::KeyPair::generate(KeySize::Rsa2048).unwrap()),
        };
        Self { algorithm, pair }
    }

    /// The header of a token.
    pub fn header(&self) -> Value {
        json!({"alg": self.algorithm.to_string(), "typ": "JWT", "kid": self.kid()})
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    pub fn jwk(&self) -> Value {
        let kid = self.kid();
        match &self.pair {
            Pair::Rsa(pair) => {
                // RSAPublicKey: nine bytes of DER and sign, the modulus, two bytes of DER, the exponent.
                let der = pair.public_key().as_ref();
                json!({"kty": "RSA", "kid": kid, "n": base64(&der[9..265]), "e": base64(&der[267..])})
            }
            Pair::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "kid": kid, "crv": "P-256", "x": base64(x), "y": base64(y)})
            }
            Pair::Ed25519(pair) => {
                json!({"kty": "OKP", "kid": kid, "crv": "Ed25519", "x": base64(pair.public_key())})
            }
        }
    }

    /// The floor under a new token: its key, parsed once.
    pub fn parsed_key(&self) -> ParsedPublicKey {
        let (algorithm, key): (&'static dyn signature::VerificationAlgorithm, _) = match &self.pair {
            Pair::Rsa(pair) => (&signature::RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref()),
            Pair::Ec(pair) => (&signature::ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref()),
            Pair::Ed25519(pair) => (&signature::ED25519, pair.public_key().as_ref()),
        };
        ParsedPublicKey::new(algorithm, key).unwrap()
    }

    fn kid(&self) -> String {
        format!("2026-11-{}", self.algorithm)
    }
}

/// What is signed in a token, and the signature.
pub fn signed_part(bearer: &str) -> (&[u8], Vec<u8>) {
    let (message, signature) = bearer.trim_start_matches("Bearer ").rsplit_once('.').unwrap();
    (message.as_bytes(), URL_SAFE_NO_PAD.decode(signature).unwrap())
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
