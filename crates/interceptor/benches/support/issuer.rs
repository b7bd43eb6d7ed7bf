//! An issuer of RS256 tokens, and a claim mapper that trusts it.

use std::sync::Arc;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{self, KeyPair as _, ParsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use temporal_authz::{DefaultAuthorizer, Guard, GuardBuilder};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_key_provider::{JwksKeyProvider, Source};
use tokio::runtime::Runtime;

const NAME: &str = "https://issuer.example/realms/temporal";
const AUDIENCE: &str = "temporal";

/// The namespace in which tokens of this issuer may write.
pub const NAMESPACE: &str = "payments-production";

/// An issuer with one RSA key of 2,048 bits.
pub struct Issuer {
    pair: KeyPair,
    keys: JwksKeyProvider,
}

impl Issuer {
    pub fn new(runtime: &Runtime) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        // RSAPublicKey: nine bytes of DER and sign, the modulus, two bytes of DER, the exponent.
        let der = pair.public_key().as_ref();
        let (n, e) = (der.get(9..265).unwrap(), der.get(267..).unwrap());
        let jwk = json!({"kty": "RSA", "kid": "2026-11", "alg": "RS256", "n": base64(n), "e": base64(e)});
        let keys = keys(runtime, json!({ "keys": [jwk] }).to_string());
        Self { pair, keys }
    }

    /// The value of the token header, about 860 bytes, for the caller with this number.
    pub fn bearer(&self, number: usize) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": "2026-11"});
        let payload = json!({
            "iss": NAME, "aud": AUDIENCE, "sub": format!("service-account-worker-{number:07}"),
            "iat": 1_700_000_000, "nbf": 1_700_000_000, "exp": 4_102_444_800_u64,
            "jti": format!("5c0d3d5e-9c5b-4a6e-8f0e-{number:012}"), "azp": "worker-fleet", "scope": "openid temporal",
            "permissions": [format!("{NAMESPACE}:write"), "payments-staging:write", "reports:read"],
        });
        let message = format!("{}.{}", base64(header.to_string()), base64(payload.to_string()));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let (padding, random) = (&signature::RSA_PKCS1_SHA256, SystemRandom::new());
        self.pair.sign(padding, &random, message.as_bytes(), &mut signature).unwrap();
        format!("Bearer {message}.{}", base64(signature))
    }

    /// A claim mapper that has seen no token yet.
    pub fn mapper(&self) -> JwtClaimMapper {
        mapper(self.keys.clone())
    }

    /// A guard that has seen no token yet.
    pub fn guard(&self) -> GuardBuilder {
        guard(self.mapper())
    }

    /// The floor under a new token: its key, parsed once.
    pub fn parsed_key(&self) -> ParsedPublicKey {
        let key = self.pair.public_key().as_ref();
        ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, key).unwrap()
    }
}

/// What is signed in a token, and the signature.
pub fn signed_part(bearer: &str) -> (&[u8], Vec<u8>) {
    let (message, signature) = bearer.trim_start_matches("Bearer ").rsplit_once('.').unwrap();
    (message.as_bytes(), URL_SAFE_NO_PAD.decode(signature).unwrap())
}

/// The keys of a document that is at hand.
pub fn keys(runtime: &Runtime, jwks: String) -> JwksKeyProvider {
    runtime.block_on(JwksKeyProvider::builder().source(Source::inline_jwks(jwks)).build()).unwrap()
}

/// A claim mapper in the strict profile.
pub fn mapper(keys: JwksKeyProvider) -> JwtClaimMapper {
    JwtClaimMapper::builder(keys).issuer(NAME).audience(AUDIENCE).build().unwrap()
}

/// A guard with Temporal's own rule.
pub fn guard(mapper: JwtClaimMapper) -> GuardBuilder {
    Guard::builder(Arc::new(mapper), Arc::new(DefaultAuthorizer::new()))
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
