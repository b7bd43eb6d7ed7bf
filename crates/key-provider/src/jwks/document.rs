//! A JWK Set (RFC 7517 section 5), read strictly, key by key.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::error::LoadError;
use crate::escape::escaped;
use crate::key::id_of;
use crate::strict_json::{self, Json};
use crate::{Algorithm, SkipReason, SkippedKey, VerificationKey};

/// Deep enough for any JWK, `oth` and `x5c` included.
const MAX_DEPTH: u8 = 16;
/// Skipped keys that are reported by name.
const MAX_REPORTED: usize = 100;

/// What a document may be, and what it is good for.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) max_document_bytes: usize,
    pub(super) max_keys: usize,
    pub(super) algorithms: Vec<Algorithm>,
}

/// The usable keys of one document, and a report about the others.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    /// By `kid`; a key without one has the id "", as in Temporal.
    keys: HashMap<String, VerificationKey>,
    pub(super) skipped: Vec<SkippedKey>,
}

impl KeySet {
    /// Reads a JWK Set. The result may be empty.
    pub(super) fn read(document: &[u8], limits: &Limits) -> Result<Self, LoadError> {
        let document = strict_json::borrowed(document, limits.max_document_bytes, MAX_DEPTH)?;
        let jwks = match &document {
            Json::Object(members) => members.get("keys").and_then(Json::as_list),
            _ => None,
        };
        let jwks = jwks.ok_or(LoadError::NotAKeySet)?;
        if jwks.len() > limits.max_keys {
            return Err(LoadError::TooManyKeys(limits.max_keys));
        }
        let mut set = Self::default();
        let mut ambiguous = HashSet::new();
        for jwk in jwks {
            let jwk = jwk.to_value();
            match VerificationKey::from_jwk(&jwk).and_then(|key| serving(key, limits)) {
                Ok(key) => set.add(key, &mut ambiguous),
                Err(reason) => set.skip(id_of(&jwk), reason),
            }
        }
        Ok(set)
    }

    /// The set of one PEM key.
    pub(super) fn read_pem(kid: &str, text: &str, limits: &Limits) -> Result<Self, LoadError> {
        let key = serving(VerificationKey::from_pem(Some(kid), text)?, limits)?;
        let mut set = Self::default();
        set.add(key, &mut HashSet::new());
        Ok(set)
    }

    pub(super) fn get(&self, kid: &str) -> Option<&VerificationKey> {
        self.keys.get(kid)
    }

    pub(super) fn remove(&mut self, kid: &str) -> bool {
        self.keys.remove(kid).is_some()
    }

    /// The same set without one key; `None` when it is not in it.
    pub(super) fn without(&self, kid: &str) -> Option<Self> {
        let mut keys = self.keys.clone();
        keys.remove(kid)?;
        let skipped = self.skipped.clone();
        Some(Self { keys, skipped })
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether every key of this set is in `other`, unchanged.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.keys.iter().all(|(kid, key)| other.get(kid).is_some_and(|same| key.same_material(same)))
    }

    fn add(&mut self, key: VerificationKey, ambiguous: &mut HashSet<String>) {
        let kid = key.kid().unwrap_or_default().to_owned();
        if ambiguous.contains(&kid) {
            return;
        }
        match self.keys.entry(kid) {
            Entry::Vacant(slot) => {
                slot.insert(key);
            }
            Entry::Occupied(slot) if slot.get().same_material(&key) => {}
            Entry::Occupied(slot) => {
                let (kid, _) = slot.remove_entry();
                self.skip(&kid, SkipReason::AmbiguousKid);
                ambiguous.insert(kid);
            }
        }
    }

    fn skip(&mut self, kid: &str, reason: SkipReason) {
        if self.skipped.len() < MAX_REPORTED {
            self.skipped.push(SkippedKey { kid: escaped(kid), reason });
        }
    }
}

/// The key, if one of the enabled algorithms can use it.
fn serving(key: VerificationKey, limits: &Limits) -> Result<VerificationKey, SkipReason> {
    if limits.algorithms.iter().any(|algorithm| key.accepts(*algorithm)) {
        Ok(key)
    } else {
        Err(SkipReason::AlgorithmNotEnabled)
    }
}
