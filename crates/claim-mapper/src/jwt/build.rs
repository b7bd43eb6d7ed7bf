//! From the settings of a builder to a mapper: everything that cannot work is told here.

use std::{collections::HashMap, sync::Arc, time::Duration};

use temporal_key_provider::Algorithm;

use super::{
    build_error::BuildError,
    builder::{DEFAULT_CLAIM, JwtClaimMapperBuilder},
    issuer::{IssuerRules, Issuers, TrustedIssuer},
    mapper::{Inner, JwtClaimMapper, turns},
    origin::Origins,
    policy::Policy,
};
use crate::{
    cache::VerifiedCache,
    permissions::{self, Grammar, GrammarError},
    token::{audience::is_blank, header::KeyIdRules, times::TimeRules},
};

const MAX_LEEWAY: Duration = Duration::from_secs(300);
const DEFAULT_ALGORITHMS: [Algorithm; 2] = [Algorithm::Rs256, Algorithm::Es256];

impl JwtClaimMapperBuilder {
    /// The mapper.
    ///
    /// # Errors
    /// Settings that contradict each other or cannot work. Strict: no issuer or no audience, and not allowed by name.
    pub fn build(self) -> Result<JwtClaimMapper, BuildError> {
        for (name, value) in [("max_token_bytes", self.max_token_bytes), ("max_permissions", self.max_permissions)] {
            if value == 0 {
                return Err(BuildError::Zero(name));
            }
        }
        let policy = Policy {
            strict: self.strict,
            max_token_bytes: self.max_token_bytes,
            key_id: KeyIdRules { may_be_missing: self.allow_missing_kid, may_be_empty: !self.strict },
            times: self.time_rules()?,
            issuers: self.issuer_rules()?,
            permissions: self.permission_rules()?,
            accepted_typ: self.accepted_typ,
            keep_token_claims: self.keep_token_claims,
        };
        Ok(JwtClaimMapper::new(Inner {
            policy,
            keys: self.keys,
            clock: self.clock,
            cache: VerifiedCache::new(self.cache),
            origins: Origins::default(),
            turns: turns(),
        }))
    }

    fn time_rules(&self) -> Result<TimeRules, BuildError> {
        if self.leeway > MAX_LEEWAY {
            return Err(BuildError::Leeway(self.leeway.as_secs()));
        }
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        let max_lifetime = self.max_lifetime.map(seconds);
        if max_lifetime == Some(0) {
            return Err(BuildError::Zero("max_lifetime"));
        }
        Ok(TimeRules { exp_required: !self.allow_missing_exp, leeway: seconds(self.leeway), max_lifetime })
    }

    fn issuer_rules(&self) -> Result<Issuers, BuildError> {
        let audiences = self.own_audiences()?;
        let algorithms = self.own_algorithms()?;
        let mut listed = HashMap::new();
        for issuer in &self.issuers {
            if is_blank(&issuer.name) {
                return Err(BuildError::Blank("issuer"));
            }
            let rules = self.rules_of(issuer, &audiences, &algorithms)?;
            if listed.insert(issuer.name.clone(), Arc::new(rules)).is_some() {
                return Err(BuildError::DuplicateIssuer(issuer.name.clone()));
            }
        }
        let any = self.allow_any_issuer || (listed.is_empty() && !self.strict);
        if listed.is_empty() && !any {
            return Err(BuildError::NoIssuer);
        }
        let others = if any { Some(Arc::new(self.complete(&audiences, algorithms)?)) } else { None };
        Ok(Issuers { listed, others })
    }

    fn complete(&self, audiences: &[String], algorithms: Vec<Algorithm>) -> Result<IssuerRules, BuildError> {
        if audiences.is_empty() && !self.allow_any_audience {
            return Err(BuildError::NoAudience);
        }
        if algorithms.is_empty() {
            return Err(BuildError::NoAlgorithm);
        }
        Ok(IssuerRules { audiences: audiences.to_vec(), algorithms })
    }

    fn rules_of(
        &self,
        issuer: &TrustedIssuer,
        audiences: &[String],
        algorithms: &[Algorithm],
    ) -> Result<IssuerRules, BuildError> {
        if issuer.audiences.iter().any(|audience| is_blank(audience)) {
            return Err(BuildError::Blank("audience"));
        }
        let audiences = if issuer.audiences.is_empty() { audiences } else { &issuer.audiences };
        let algorithms = match &issuer.algorithms {
            Some(own) => self.supported(own)?,
            None => algorithms.to_vec(),
        };
        self.complete(audiences, algorithms)
    }

    fn own_audiences(&self) -> Result<Vec<String>, BuildError> {
        let mut audiences = self.audiences.clone();
        if self.strict && audiences.iter().any(|audience| is_blank(audience)) {
            return Err(BuildError::Blank("audience"));
        }
        audiences.retain(|audience| !is_blank(audience));
        Ok(audiences)
    }

    fn own_algorithms(&self) -> Result<Vec<Algorithm>, BuildError> {
        match &self.algorithms {
            Some(own) => self.supported(own),
            None => {
                let supported = self.keys.supported_algorithms();
                Ok(DEFAULT_ALGORITHMS.into_iter().filter(|name| supported.contains(name)).collect())
            }
        }
    }

    fn supported(&self, algorithms: &[Algorithm]) -> Result<Vec<Algorithm>, BuildError> {
        let supported = self.keys.supported_algorithms();
        match algorithms.iter().find(|name| !supported.contains(name)) {
            Some(name) => Err(BuildError::UnsupportedAlgorithm(*name)),
            None if algorithms.is_empty() => Err(BuildError::NoAlgorithm),
            None => Ok(algorithms.to_vec()),
        }
    }

    fn permission_rules(&self) -> Result<permissions::Rules, BuildError> {
        let name = self.permissions_claim_name.as_str();
        let grammar = match self.permissions_regex.as_str() {
            "" => Grammar::Colon,
            pattern => Grammar::expression(pattern, self.strict).map_err(|error: GrammarError| {
                BuildError::PermissionsRegex { pattern: pattern.to_owned(), reason: error.to_string() }
            })?,
        };
        Ok(permissions::Rules {
            claim_name: if name.is_empty() { DEFAULT_CLAIM } else { name }.to_owned(),
            grammar,
            max: self.max_permissions,
            empty_namespace_grants: !self.strict,
        })
    }
}
