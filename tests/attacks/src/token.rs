//! Tokens: good ones, and any text that somebody signed.

use std::time::SystemTime;

use serde_json::{Value, json};
use temporal_key_provider::Algorithm;

use crate::signer::{ED25519, P256, P384, RSA, Signer, base64url, jwks};

/// Who issues the tokens.
pub const ISSUER: &str = "https://issuer.example";
/// Whom they are for.
pub const AUDIENCE: &str = "temporal";

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

/// The claims of a token that both profiles accept: alice, who writes in `default`, for the next ten minutes.
pub fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": now() + 600, "permissions": ["default:write"]})
}

/// These claims with changes; null removes a claim.
pub fn claims_with(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

/// The header of a token that the issuer's RSA key signed.
pub fn header() -> String {
    json!({"alg": "RS256", "kid": "rsa-1"}).to_string()
}

/// The value of an authorization header: a token with these claims, by the issuer's RSA key.
pub fn token(claims: &Value) -> String {
    signed(&RSA, Algorithm::Rs256, header(), claims.to_string())
}

/// The value of an authorization header: a token of exactly these texts, signed whatever they say.
pub fn signed(signer: &Signer, algorithm: Algorithm, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let message = format!("{}.{}", base64url(header), base64url(payload));
    let signature = base64url(signer.sign(algorithm, message.as_bytes()));
    format!("Bearer {message}.{signature}")
}

/// The value of an authorization header with these three parts, which are encoded here and signed by nobody.
pub fn parts(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>, signature: impl AsRef<[u8]>) -> String {
    format!("Bearer {}.{}.{}", base64url(header), base64url(payload), base64url(signature))
}

/// What the issuer publishes: `rsa-1`, `ec-1` (P-256), `ec-384` and `ed-1`.
pub fn issuer_jwks() -> String {
    jwks(&issuer_keys())
}

/// The keys that the issuer publishes.
pub fn issuer_keys() -> Vec<Value> {
    vec![RSA.jwk("rsa-1"), P256.jwk("ec-1"), P384.jwk("ec-384"), ED25519.jwk("ed-1")]
}
