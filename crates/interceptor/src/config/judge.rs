//! The parts of a layer that judge, one by one.

use std::sync::Arc;

use temporal_authz::{
    Authorizer, ClaimMapper, DefaultAuthorizer, Guard, GuardBuilder, NoopAuthorizer, NoopClaimMapper,
};
use temporal_claim_mapper::{CertificateClaimMapper, CertificateRuleError, CombinedClaimMapper, JwtClaimMapper};
use temporal_key_provider::{JwksKeyProvider, Start};

use super::{
    AuthorizationConfig, BuildError, DynamicSettings, Plugin,
    profile::{uses_certificates, uses_tokens},
    token_mapper,
};

/// What judges the calls of a layer, and its parts. A layer is built from one; a program that explains a verdict asks
/// the parts. They share keys and caches with the guard.
#[derive(Debug)]
#[non_exhaustive]
pub struct Judge {
    /// The guard that the layer has.
    pub guard: GuardBuilder,
    /// The guard's claim mapper.
    pub mapper: Arc<dyn ClaimMapper>,
    /// Its part that reads tokens; absent when tokens are not looked at.
    pub tokens: Option<JwtClaimMapper>,
    /// Its part that reads certificates; absent when they are not looked at.
    pub certificates: Option<CertificateClaimMapper>,
    /// The keys that tokens are verified with; absent when tokens are not looked at.
    pub keys: Option<JwksKeyProvider>,
    /// The dynamic settings.
    pub settings: DynamicSettings,
}

impl AuthorizationConfig {
    /// The judge of the layer that [`build`](Self::build) would make. Sources of keys are loaded first, for at most 10
    /// seconds. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub async fn judge(&self) -> Result<Judge, BuildError> {
        let settings = match &self.dynamic {
            Some(client) => DynamicSettings::follow(&client.file, client.poll_interval).await?,
            None => DynamicSettings::default(),
        };
        let keys = self.keys().await?;
        let tokens = match &keys {
            Some(keys) => Some(token_mapper::build(&self.authorization, &self.profile, &self.limits, keys.clone())?),
            None => None,
        };
        let certificates = self.certificates()?;
        let mapper = self.mapper(tokens.clone(), certificates.clone())?;
        let guard = self.guard(Arc::clone(&mapper));
        Ok(Judge { guard, mapper, tokens, certificates, keys, settings })
    }

    async fn keys(&self) -> Result<Option<JwksKeyProvider>, BuildError> {
        if !self.needs_keys() {
            return Ok(None);
        }
        let own = self.profile.issuers.iter().flat_map(|issuer| &issuer.sources);
        let sources = own.chain(&self.authorization.key_sources).cloned();
        let builder = sources.fold(JwksKeyProvider::builder(), |builder, source| builder.source(source));
        let keys = builder
            .refresh_interval(self.authorization.refresh_interval)
            .fetch_timeout(self.limits.jwks_timeout)
            .max_document_bytes(self.limits.max_jwks_bytes)
            .max_keys(self.limits.max_jwks_keys)
            .supported_algorithms(token_mapper::algorithms(&self.profile))
            .on_start(Start::NotReady)
            .build()
            .await?;
        Ok(Some(keys))
    }

    fn certificates(&self) -> Result<Option<CertificateClaimMapper>, BuildError> {
        if self.authorization.claim_mapper == Plugin::AllowEveryone || !uses_certificates(self.profile.mode) {
            return Ok(None);
        }
        let rules = self.profile.certificates.iter().cloned();
        let builder = rules.fold(CertificateClaimMapper::builder(), |builder, rule| builder.rule(rule));
        Ok(Some(builder.build()?))
    }

    fn mapper(
        &self,
        tokens: Option<JwtClaimMapper>,
        certificates: Option<CertificateClaimMapper>,
    ) -> Result<Arc<dyn ClaimMapper>, BuildError> {
        if self.authorization.claim_mapper == Plugin::AllowEveryone {
            return Ok(Arc::new(NoopClaimMapper::everyone_is_admin()));
        }
        Ok(match (tokens, certificates) {
            (Some(tokens), Some(certificates)) => {
                Arc::new(CombinedClaimMapper::new(self.profile.mode, tokens, certificates))
            }
            (Some(tokens), None) => Arc::new(tokens),
            (None, Some(certificates)) => Arc::new(certificates),
            // No mode is without both.
            (None, None) => return Err(CertificateRuleError::NoRule.into()),
        })
    }

    fn guard(&self, mapper: Arc<dyn ClaimMapper>) -> GuardBuilder {
        let authorizer: Arc<dyn Authorizer> = match self.authorization.authorizer {
            Plugin::Default => Arc::new(DefaultAuthorizer::new()),
            Plugin::AllowEveryone => Arc::new(NoopAuthorizer::allow_everyone()),
        };
        Guard::builder(mapper, authorizer)
            .methods(self.profile.methods.clone())
            .mapper_timeout(self.limits.claim_mapper_timeout)
            .authorizer_timeout(self.limits.authorizer_timeout)
    }

    pub(super) fn needs_keys(&self) -> bool {
        self.authorization.claim_mapper == Plugin::Default && uses_tokens(self.profile.mode)
    }
}
