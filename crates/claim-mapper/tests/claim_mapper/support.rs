//! An issuer with real keys, a key provider that counts, and a clock that stands still.

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderMap;
use serde_json::{Value, json};
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper, Claims, Reason};
use temporal_claim_mapper::{Clock, JwtClaimMapper, JwtClaimMapperBuilder};
use temporal_key_provider::{Algorithm, KeyError, KeyQuery, Keys, TokenKeyProvider, VerificationKey};
use tokio::sync::Semaphore;

pub const NOW: i64 = 1_800_000_000;
pub const ISSUER: &str = "https://issuer.example";
pub const AUDIENCE: &str = "temporal";

/// A private key.
pub enum Signer {
    Rsa(rsa::KeyPair),
    Ec(&'static str, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

pub static RSA: LazyLock<Signer> = LazyLock::new(new_rsa);
pub static OTHER_RSA: LazyLock<Signer> = LazyLock::new(new_rsa);
pub static P256: LazyLock<Signer> =
    LazyLock::new(|| Signer::Ec("P-256", EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()));
pub static P384: LazyLock<Signer> =
    LazyLock::new(|| Signer::Ec("P-384", EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap()));
pub static ED25519: LazyLock<Signer> = LazyLock::new(|| Signer::Ed25519(Ed25519KeyPair::generate().unwrap()));

fn new_rsa() -> Signer {
    Signer::Rsa(rsa::KeyPair::generate(KeySize::Rsa2048).unwrap())
}

impl Signer {
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let padding: &'static dyn aws_lc_rs::signature::RsaEncoding = match algorithm {
                    Algorithm::Rs384 => &RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_SHA512,
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    Algorithm::Ps384 => &RSA_PSS_SHA384,
                    Algorithm::Ps512 => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Ec(_, key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    pub fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Rsa(key) => {
                // RSAPublicKey of 2048 bits: 9 bytes of DER and sign, the modulus, 2 bytes of DER, the exponent.
                let der = key.public_key().as_ref();
                json!({"kid": kid, "kty": "RSA", "n": base64(&der[9..265]), "e": base64(&der[267..])})
            }
            Self::Ec(curve, key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(key.public_key().as_ref().len() / 2);
                json!({"kid": kid, "kty": "EC", "crv": curve, "x": base64(x), "y": base64(y)})
            }
            Self::Ed25519(key) => {
                json!({"kid": kid, "kty": "OKP", "crv": "Ed25519", "x": base64(key.public_key().as_ref())})
            }
        }
    }

    pub fn key(&self, kid: &str) -> VerificationKey {
        VerificationKey::from_jwk(&self.jwk(kid)).unwrap()
    }
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A header value with a token of these texts, signed with RSA and SHA-256.
pub fn raw(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    signed(&RSA, Algorithm::Rs256, header, payload)
}

pub fn signed(signer: &Signer, algorithm: Algorithm, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let message = format!("{}.{}", base64(header), base64(payload));
    let signature = base64(signer.sign(algorithm, message.as_bytes()));
    format!("Bearer {message}.{signature}")
}

/// A good header.
pub fn header() -> String {
    json!({"alg": "RS256", "kid": "rsa-1"}).to_string()
}

/// The payload of a token that both profiles accept.
pub fn good() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": NOW + 600, "permissions": ["default:write"]})
}

/// A good payload with changes: null removes a claim.
pub fn payload(changes: Value) -> Value {
    let mut payload = good();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => payload.as_object_mut().unwrap().remove(name),
            value => payload.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    payload
}

/// A token with a good header and this payload.
pub fn token(payload: &Value) -> String {
    raw(header(), payload.to_string())
}

/// Keys by their id, in memory. Counts how often it is asked, and can be told to wait, fail and forget.
#[derive(Debug)]
pub struct MemoryKeys {
    keys: Mutex<HashMap<Option<String>, Vec<VerificationKey>>>,
    generation: AtomicU64,
    pub asked: AtomicUsize,
    /// How often it was asked for keys at hand.
    pub looked: AtomicUsize,
    pub down: Mutex<Option<String>>,
    /// Each look-up takes a permit; plenty from the start.
    pub gate: Semaphore,
    pub known: bool,
}

impl MemoryKeys {
    pub fn new() -> Arc<Self> {
        Arc::new(Self::with_known(true))
    }

    pub fn with_known(known: bool) -> Self {
        let keys = Self {
            keys: Mutex::default(),
            generation: AtomicU64::new(1),
            asked: AtomicUsize::new(0),
            looked: AtomicUsize::new(0),
            down: Mutex::default(),
            gate: Semaphore::new(1_000_000),
            known,
        };
        for (kid, signer) in [("rsa-1", &RSA), ("ec-1", &P256), ("ec-384", &P384), ("ed-1", &ED25519)] {
            keys.put(Some(kid), [signer.key(kid)]);
        }
        keys
    }

    /// Publishes keys; a new generation if some were there.
    pub fn put(&self, kid: Option<&str>, keys: impl IntoIterator<Item = VerificationKey>) {
        let mut all = self.keys.lock().unwrap();
        if all.insert(kid.map(str::to_owned), keys.into_iter().collect()).is_some() {
            self.generation.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Withdraws a key.
    pub fn remove(&self, kid: &str) {
        self.keys.lock().unwrap().remove(&Some(kid.to_owned()));
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn find(&self, query: &KeyQuery<'_>) -> Option<Keys> {
        let keys = self.keys.lock().unwrap();
        keys.get(&query.header().kid().map(str::to_owned)).map(|found| found.iter().cloned().collect())
    }
}

#[async_trait]
impl TokenKeyProvider for MemoryKeys {
    async fn keys(&self, query: &KeyQuery<'_>) -> Result<Keys, KeyError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let found = self.find(query);
        self.gate.acquire().await.unwrap().forget();
        if let Some(reason) = &*self.down.lock().unwrap() {
            return Err(KeyError::unavailable(reason.clone()));
        }
        found.ok_or(KeyError::UnknownKey)
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    fn supported_algorithms(&self) -> &[Algorithm] {
        &Algorithm::ALL
    }

    fn known_keys(&self, query: &KeyQuery<'_>) -> Option<Keys> {
        self.looked.fetch_add(1, Ordering::SeqCst);
        if self.known { self.find(query) } else { None }
    }
}

/// A clock that is set by hand.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<AtomicI64>);

impl FakeClock {
    pub fn at(seconds: i64) -> Self {
        Self(Arc::new(AtomicI64::new(seconds)))
    }

    pub fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> SystemTime {
        time(self.0.load(Ordering::SeqCst))
    }
}

/// A clock whose ticks are far apart.
#[derive(Debug)]
pub struct SlowTicks(pub FakeClock);

impl Clock for SlowTicks {
    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn about_now(&self) -> SystemTime {
        self.now() - Duration::from_secs(1)
    }
}

pub fn time(seconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap())
}

pub fn strict(keys: &Arc<MemoryKeys>) -> JwtClaimMapperBuilder {
    JwtClaimMapper::builder(Arc::clone(keys)).issuer(ISSUER).audience(AUDIENCE).clock(FakeClock::at(NOW))
}

pub fn temporal(keys: &Arc<MemoryKeys>) -> JwtClaimMapperBuilder {
    JwtClaimMapper::temporal(Arc::clone(keys)).clock(FakeClock::at(NOW))
}

/// What a mapper says of a header value.
pub async fn claims_of(mapper: &impl ClaimMapper, value: &str) -> Result<Option<Claims>, ClaimError> {
    mapper.get_claims(&AuthInfo::new(&HeaderMap::new()).with_auth_token(value)).await
}

/// Why a mapper refuses a header value; `None` when it gives claims.
pub async fn reason(mapper: &impl ClaimMapper, value: &str) -> Option<Reason> {
    match claims_of(mapper, value).await {
        Ok(claims) => {
            assert!(claims.is_some(), "neither claims nor a refusal");
            None
        }
        Err(error) => Some(error.reason()),
    }
}

/// Asserts that no part of the header value is in the text.
pub fn assert_hides(text: &str, value: &str) {
    for part in value.trim_start_matches("Bearer ").split('.').filter(|part| part.len() > 8) {
        assert!(!text.contains(&part[..8]), "{text} shows a part of the token");
    }
}
