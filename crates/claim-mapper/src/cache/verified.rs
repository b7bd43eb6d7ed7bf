//! One verified token.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use temporal_authz::Claims;
use temporal_key_provider::{JoseHeader, KeyQuery, TokenKeyProvider, VerificationKey};

use crate::{
    jwt::IssuerRules,
    token::{audience::TokenAudience, times::Window},
};

/// What is remembered of a token: its claims, and what has to be asked again at each use.
pub(crate) struct Verified {
    pub(crate) token: Arc<str>,
    pub(crate) claims: Claims,
    pub(crate) window: Window,
    pub(crate) audience: TokenAudience,
    pub(crate) rules: Arc<IssuerRules>,
    pub(crate) header: JoseHeader,
    pub(crate) key: VerificationKey,
    /// The generation of keys in which `key` was last seen. Read before the keys were, so never too high.
    pub(crate) generation: AtomicU64,
    /// What its claims take beside the token, about.
    pub(crate) claims_bytes: usize,
}

impl Verified {
    /// Whether the token is good for a call with this audience, now.
    pub(crate) fn is_good_for(&self, call_audience: &str, now: i64) -> bool {
        self.window.contains(now) && self.audience.is_for(call_audience, &self.rules.audiences)
    }

    /// Whether its key is still among the keys. Costs a look-up when the generation has changed, and no signature work.
    pub(crate) fn is_current(&self, keys: &dyn TokenKeyProvider) -> bool {
        let generation = keys.generation();
        if self.generation.load(Ordering::Acquire) == generation {
            return true;
        }
        let query = KeyQuery::new(&self.header);
        let query = self.claims.issuer().map_or(query, |issuer| query.with_issuer(issuer));
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

    /// What the entry takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        const FIXED: usize = 800;
        self.token.len().saturating_add(self.claims_bytes).saturating_add(FIXED)
    }
}

/// What claims take in memory, about.
pub(crate) fn claims_bytes(claims: &Claims) -> usize {
    const ENTRY: usize = 64;
    let names = claims.namespaces().map(|(name, _)| name.len().saturating_add(ENTRY));
    names.fold(claims.subject().len(), usize::saturating_add)
}
