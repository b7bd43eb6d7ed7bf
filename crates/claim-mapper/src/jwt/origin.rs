//! What tokens of one issuer have in common.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use temporal_key_provider::{JoseHeader, KeyQuery, TokenKeyProvider, VerificationKey};

use super::{issuer::IssuerRules, policy::Candidate};
use crate::token::audience::TokenAudience;

/// Where a verified token comes from: who issued it for whom, and the key that signed it. Remembered tokens share one, so
/// that a change of keys is looked at once for all of them.
pub(crate) struct Origin {
    header: JoseHeader,
    issuer: Option<Arc<str>>,
    audience: TokenAudience,
    rules: Arc<IssuerRules>,
    /// Whether its tokens are for a call that names no audience, which nearly all are.
    is_for_unnamed: bool,
    key: VerificationKey,
    /// The generation of keys in which `key` was last seen. Read before the keys were, so never too high.
    generation: AtomicU64,
}

impl Origin {
    fn of(candidate: &Candidate<'_>, key: VerificationKey, generation: u64) -> Self {
        Self {
            header: candidate.header.clone(),
            issuer: candidate.issuer().map(Arc::from),
            audience: candidate.audience.clone(),
            rules: Arc::clone(&candidate.rules),
            is_for_unnamed: candidate.audience.is_for("", &candidate.rules.audiences),
            key,
            generation: AtomicU64::new(generation),
        }
    }

    /// Whether nothing tells this candidate's origin from this one. The generation is a part of that: what is said to have
    /// been seen in one was not seen in another.
    fn is_of(&self, candidate: &Candidate<'_>, key: &VerificationKey, generation: u64) -> bool {
        self.generation.load(Ordering::Acquire) == generation
            && Arc::ptr_eq(&self.rules, &candidate.rules)
            && self.header == candidate.header
            && self.issuer.as_deref() == candidate.issuer()
            && self.audience == candidate.audience
            && self.key.same_material(key)
    }

    pub(crate) fn issuer(&self) -> Option<&Arc<str>> {
        self.issuer.as_ref()
    }

    /// What its texts take in memory, about. Each token counts them, also where it shares them.
    pub(crate) fn bytes(&self) -> usize {
        let texts = [self.header.kid(), self.header.typ(), self.issuer.as_deref()];
        texts.into_iter().flatten().map(str::len).sum::<usize>().saturating_add(self.audience.bytes())
    }

    /// Whether its tokens are for a call with this audience.
    #[inline]
    pub(crate) fn is_for(&self, call_audience: &str) -> bool {
        if call_audience.is_empty() {
            self.is_for_unnamed
        } else {
            self.audience.is_for(call_audience, &self.rules.audiences)
        }
    }

    /// Whether its key is still among the keys. Costs a look-up when the generation has changed, and no signature work.
    #[inline]
    pub(crate) fn is_current(&self, keys: &dyn TokenKeyProvider) -> bool {
        let generation = keys.generation();
        if self.generation.load(Ordering::Acquire) == generation {
            return true;
        }
        let query = KeyQuery::new(&self.header);
        let query = self.issuer.as_deref().map_or(query, |issuer| query.with_issuer(issuer));
        let found = keys.known_keys(&query).is_some_and(|known| {
            // Without a key id only the one key of an issuer that has one is meant.
            let meant = self.header.kid().is_some() || known.len() == 1;
            meant && known.iter().any(|key| key.same_material(&self.key))
        });
        if found {
            self.generation.store(generation, Ordering::Release);
        }
        found
    }
}

/// The origins met last. Another one than these is not shared, which costs memory and nothing else.
#[derive(Default)]
pub(crate) struct Origins(Mutex<VecDeque<Arc<Origin>>>);

impl Origins {
    const KEPT: usize = 16;

    /// The origin of a candidate that this key has signed.
    pub(super) fn of(&self, candidate: &Candidate<'_>, key: VerificationKey, generation: u64) -> Arc<Origin> {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = met.iter().position(|origin| origin.is_of(candidate, &key, generation));
        if let Some(latest) = met.front().filter(|_| known == Some(0)) {
            return Arc::clone(latest);
        }
        let known = known.and_then(|index| met.remove(index));
        let origin = known.unwrap_or_else(|| Arc::new(Origin::of(candidate, key, generation)));
        met.truncate(Self::KEPT.saturating_sub(1));
        met.push_front(Arc::clone(&origin));
        origin
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use serde_json::{Value, json};
    use temporal_key_provider::{Algorithm, strict_json::Members};

    use super::*;
    use crate::token::times::Window;

    pub(super) fn key(x: &str) -> VerificationKey {
        VerificationKey::from_jwk(&json!({ "kty": "OKP", "crv": "Ed25519", "x": x })).unwrap()
    }

    pub(super) const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    pub(super) fn candidate<'p>(kid: &str, payload: &'p Value, rules: &Arc<IssuerRules>) -> Candidate<'p> {
        let payload = Members::from(payload.as_object().unwrap());
        Candidate {
            message: b"",
            signature: Vec::new(),
            header: JoseHeader::new(Algorithm::EdDsa, Some(kid.to_owned()), None),
            audience: TokenAudience::read(&payload),
            payload,
            window: Window { from: i64::MIN, until: Window::FOR_EVER },
            rules: Arc::clone(rules),
        }
    }

    pub(super) fn rules() -> Arc<IssuerRules> {
        Arc::new(IssuerRules { audiences: Vec::new(), algorithms: Vec::new() })
    }

    /// The origin of some token.
    pub(crate) fn origin() -> Arc<Origin> {
        Arc::new(Origin::of(&candidate("key", &json!({}), &rules()), key(X), 0))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{testing::*, *};

    #[test]
    fn tokens_share_an_origin_when_nothing_tells_theirs_apart() {
        let (origins, rules, other_rules) = (Origins::default(), testing::rules(), testing::rules());
        let payload = json!({"iss": "a", "aud": "b", "sub": "alice"});
        let first = origins.of(&candidate("key", &payload, &rules), key(X), 7);
        let other_key = "ebVWLo_mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ";
        for (what, kid, payload, rules, x, generation, same) in [
            ("another subject", "key", json!({"iss": "a", "aud": "b", "sub": "bob"}), &rules, X, 7, true),
            ("another key id", "new", payload.clone(), &rules, X, 7, false),
            ("another issuer", "key", json!({"iss": "c", "aud": "b"}), &rules, X, 7, false),
            ("no issuer", "key", json!({"aud": "b"}), &rules, X, 7, false),
            ("another audience", "key", json!({"iss": "a", "aud": ["b", "c"]}), &rules, X, 7, false),
            ("other rules", "key", payload.clone(), &other_rules, X, 7, false),
            ("another key", "key", payload.clone(), &rules, other_key, 7, false),
            ("another generation", "key", payload.clone(), &rules, X, 8, false),
        ] {
            let origin = origins.of(&candidate(kid, &payload, rules), key(x), generation);
            assert_eq!(Arc::ptr_eq(&origin, &first), same, "{what}");
        }
        for number in 0..100 {
            origins.of(&candidate(&number.to_string(), &payload, &rules), key(X), 7);
        }
        assert_eq!(origins.0.lock().unwrap().len(), Origins::KEPT);
    }
}
