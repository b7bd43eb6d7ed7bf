//! The keys of one issuer: those that it had, those that it publishes, and the next.

use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use serde_json::{Map, Value, json};
use temporal_gateway::mint::signer::{Signer, SigningAlgorithm};

use crate::{
    model::history::KeyNumber,
    random::Random,
    times::{Moment, unix},
};

/// Whom the tokens are for.
pub const AUDIENCE: &str = "temporal";
/// What the callers may write in.
pub const NAMESPACE: &str = "default";
/// A known token is replaced by a new one at this age, in seconds, and expires long after.
const RENEWED_AFTER: u64 = 60;
const LONG: u64 = 600;

/// A key that nobody publishes, but for those who are not the issuer; its id is its own.
pub static STRANGER: OnceLock<Signer> = OnceLock::new();

pub struct Key {
    pub number: KeyNumber,
    pub kid: String,
    /// Another key of this ring has the same id.
    shares_id: AtomicBool,
    signer: Signer,
    known: Mutex<Option<Arc<Known>>>,
}

/// A token that is used again and again.
pub struct Known {
    pub token: String,
    pub expires: u64,
    minted: u64,
    /// When it first passed, by gateway.
    passed: [OnceLock<Moment>; 3],
}

pub struct Ring {
    pub keys: Vec<Arc<Key>>,
    pub published: Vec<KeyNumber>,
}

impl Key {
    fn new(number: KeyNumber, kid: Option<&str>) -> Self {
        let signer = new_signer();
        let own = signer.key_id().to_owned();
        let kid = kid.map_or(own, str::to_owned);
        Self { number, shares_id: (kid != signer.key_id()).into(), kid, signer, known: Mutex::default() }
    }

    pub fn shares_id(&self) -> bool {
        self.shares_id.load(Ordering::SeqCst)
    }

    /// The public key as it is published.
    pub fn jwk(&self) -> Value {
        let mut jwk = self.signer.jwk().clone();
        jwk["kid"] = self.kid.as_str().into();
        jwk
    }

    pub fn sign(&self, claims: &Map<String, Value>) -> String {
        self.signer.sign_as(&self.kid, claims).unwrap()
    }

    /// The token that is used again and again. It is renewed now and then while its key is published.
    pub fn known(&self, issuer: &str, renew: bool) -> Arc<Known> {
        let mut known = self.known.lock().unwrap();
        match &*known {
            Some(known) if !renew || unix() < known.minted + RENEWED_AFTER => Arc::clone(known),
            _ => {
                let claims = claims(issuer, LONG);
                let (token, minted) = (self.sign(&claims), unix());
                let new = Known { token, expires: minted + LONG, minted, passed: Default::default() };
                Arc::clone(known.insert(Arc::new(new)))
            }
        }
    }
}

impl Known {
    pub fn has_passed(&self, gateway: usize) {
        let _ = self.passed[gateway].set(Moment::now());
    }

    /// Since when this gateway remembers it.
    pub fn passed(&self, gateway: usize) -> Option<Moment> {
        self.passed[gateway].get().copied()
    }
}

impl Ring {
    /// A ring that publishes two keys, and has the next one ready.
    pub fn new() -> Self {
        let keys = (0..3).map(|number| Arc::new(Key::new(number, None))).collect();
        Self { keys, published: vec![0, 1] }
    }

    /// The document.
    pub fn jwks(&self) -> String {
        let keys: Vec<Value> = self.published.iter().map(|number| self.keys[*number].jwk()).collect();
        json!({ "keys": keys }).to_string()
    }

    /// Publishes the next key beside the others.
    pub fn rotate(&mut self) {
        self.published.push(self.keys.len() - 1);
        self.keys.push(Arc::new(Key::new(self.keys.len(), None)));
    }

    /// Takes back the oldest key, unless it is the last.
    pub fn withdraw(&mut self) {
        if self.published.len() > 1 {
            self.published.remove(0);
        }
    }

    /// Publishes another key under the id of the newest, which is so withdrawn.
    pub fn reissue(&mut self) {
        let newest = self.published.pop().unwrap();
        let kid = self.keys[newest].kid.clone();
        self.keys[newest].shares_id.store(true, Ordering::SeqCst);
        let number = self.keys.len();
        self.keys.push(Arc::new(Key::new(number, Some(&kid))));
        // The last of the ring is always one that is yet to come.
        self.keys.push(Arc::new(Key::new(number + 1, None)));
        self.published.push(number);
    }

    /// A published key mostly; else the next one, or one of the last that were withdrawn.
    pub fn pick(&self, random: &mut Random) -> Arc<Key> {
        let (which, number) = (random.below(20), random.number() as usize);
        let gone: Vec<_> = (0..self.keys.len() - 1).rev().filter(|key| !self.published.contains(key)).take(3).collect();
        let key = match which {
            0..=2 => self.keys.len() - 1,
            3..=6 if !gone.is_empty() => gone[number % gone.len()],
            _ => self.published[number % self.published.len()],
        };
        Arc::clone(&self.keys[key])
    }

    pub fn publishes(&self, key: &Key) -> bool {
        self.published.contains(&key.number)
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

pub fn new_signer() -> Signer {
    Signer::generate(SigningAlgorithm::Es256).unwrap()
}

/// The claims of a token that is good for so many seconds, and like no other.
pub fn claims(issuer: &str, seconds: u64) -> Map<String, Value> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let claims = json!({
        "iss": issuer, "aud": AUDIENCE, "sub": "alice", "exp": unix() + seconds, "jti": number,
        "permissions": [format!("{NAMESPACE}:write")],
    });
    let Value::Object(claims) = claims else { unreachable!() };
    claims
}
