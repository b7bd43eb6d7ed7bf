//! From a configuration to a layer.

use std::sync::Arc;

use temporal_authz::{
    Authorizer, ClaimMapper, DefaultAuthorizer, Guard, GuardBuilder, NoopAuthorizer, NoopClaimMapper,
};
use temporal_claim_mapper::{
    BuildError as MapperError, CertificateClaimMapper, CertificateRuleError, CombinedClaimMapper, CredentialMode,
};
use temporal_key_provider::{BuildError as KeysError, JwksKeyProvider, Start};

use super::{
    AuthorizationConfig, ConfigError, CrossNamespaceCommands, DynamicSettings, Plugin, Policy, observe,
    profile::uses_tokens, token_mapper,
};
use crate::{AuthorizationLayer, Settings};

/// Everything that a configuration was turned into.
#[derive(Debug)]
#[non_exhaustive]
pub struct Built {
    /// The layer.
    pub layer: AuthorizationLayer,
    /// The keys that tokens are verified with, which can be asked whether they are ready; absent when tokens are not
    /// looked at. It shares its keys with the layer.
    pub keys: Option<JwksKeyProvider>,
    /// The dynamic settings that the layer goes by.
    pub settings: DynamicSettings,
}

/// Why a configuration that was read without an error cannot be put to work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The file of `dynamicConfigClient` cannot be used.
    #[error(transparent)]
    Dynamic(#[from] ConfigError),
    /// The key provider cannot be set up. That a source cannot be reached is no such error.
    #[error("keys: {0}")]
    Keys(#[from] KeysError),
    /// The claim mapper for tokens cannot be set up.
    #[error("claim mapper: {0}")]
    Tokens(#[from] MapperError),
    /// The claim mapper for certificates cannot be set up.
    #[error("claim mapper for certificates: {0}")]
    Certificates(#[from] CertificateRuleError),
}

impl AuthorizationConfig {
    /// The layer that this configuration describes. Logs its warnings, the sections that were ignored and its summary.
    ///
    /// Sources of keys are loaded first, for at most 10 seconds: a layer whose keys did not come in time denies every
    /// token until they do. Must be called in the tokio runtime that the layer is to live in.
    ///
    /// # Errors
    /// The dynamic settings cannot be read, or the HTTP client for key sources cannot be set up.
    pub async fn build(&self) -> Result<AuthorizationLayer, BuildError> {
        self.assemble().await.map(|built| built.layer)
    }

    /// As [`build`](Self::build), with what a program needs to watch over the layer.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub async fn assemble(&self) -> Result<Built, BuildError> {
        observe::start(self);
        let settings = match &self.dynamic {
            Some(client) => DynamicSettings::follow(&client.file, client.poll_interval).await?,
            None => DynamicSettings::default(),
        };
        let keys = self.keys().await?;
        let guard = self.guard(keys.as_ref())?;
        let layer = AuthorizationLayer::builder(guard);
        let layer = match self.profile.policy {
            Policy::Temporal => layer.like_temporal(),
            Policy::Strict => layer,
        };
        let layer = layer
            .auth_header(self.authorization.auth_header.clone())
            .extra_header(self.authorization.extra_header.clone())
            .limits(self.limits.call)
            .forward_authorization(self.gateway().upstream.forward_authorization)
            .settings(self.settings(settings.clone()))
            .build();
        Ok(Built { layer, keys, settings })
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

    fn guard(&self, keys: Option<&JwksKeyProvider>) -> Result<GuardBuilder, BuildError> {
        let authorizer: Arc<dyn Authorizer> = match self.authorization.authorizer {
            Plugin::Default => Arc::new(DefaultAuthorizer::new()),
            Plugin::AllowEveryone => Arc::new(NoopAuthorizer::allow_everyone()),
        };
        Ok(Guard::builder(self.mapper(keys)?, authorizer)
            .methods(self.profile.methods.clone())
            .mapper_timeout(self.limits.claim_mapper_timeout)
            .authorizer_timeout(self.limits.authorizer_timeout))
    }

    fn mapper(&self, keys: Option<&JwksKeyProvider>) -> Result<Arc<dyn ClaimMapper>, BuildError> {
        if self.authorization.claim_mapper == Plugin::AllowEveryone {
            return Ok(Arc::new(NoopClaimMapper::everyone_is_admin()));
        }
        let tokens = match keys {
            Some(keys) => Some(token_mapper::build(&self.authorization, &self.profile, &self.limits, keys.clone())?),
            None => None,
        };
        if let (CredentialMode::Token, Some(tokens)) = (self.profile.mode, &tokens) {
            return Ok(Arc::new(tokens.clone()));
        }
        let rules = self.profile.certificates.iter().cloned();
        let builder = rules.fold(CertificateClaimMapper::builder(), |builder, rule| builder.rule(rule));
        let certificates = builder.build()?;
        Ok(match tokens {
            Some(tokens) => Arc::new(CombinedClaimMapper::new(self.profile.mode, tokens, certificates)),
            None => Arc::new(certificates),
        })
    }

    fn settings(&self, dynamic: DynamicSettings) -> Arc<dyn Settings> {
        match self.profile.cross_namespace_commands {
            CrossNamespaceCommands::Follow => Arc::new(dynamic),
            CrossNamespaceCommands::Always => Arc::new(CommandsJudged(dynamic)),
        }
    }

    pub(super) fn needs_keys(&self) -> bool {
        self.authorization.claim_mapper == Plugin::Default && uses_tokens(self.profile.mode)
    }
}

/// The dynamic settings, but commands to other namespaces are judged whatever they say.
#[derive(Debug)]
struct CommandsJudged(DynamicSettings);

impl Settings for CommandsJudged {
    fn cross_namespace_commands(&self) -> bool {
        true
    }

    fn streaming_authorizer_disabled(&self) -> bool {
        self.0.streaming_authorizer_disabled()
    }

    fn expose_authorizer_errors(&self) -> bool {
        self.0.expose_authorizer_errors()
    }

    fn principal_propagation(&self, namespace: &str) -> bool {
        self.0.principal_propagation(namespace)
    }
}
