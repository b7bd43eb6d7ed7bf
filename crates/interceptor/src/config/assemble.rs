//! From a configuration to a layer.

use std::sync::Arc;

use temporal_claim_mapper::{BuildError as MapperError, CertificateRuleError};
use temporal_key_provider::{BuildError as KeysError, JwksKeyProvider};

use super::{AuthorizationConfig, ConfigError, CrossNamespaceCommands, DynamicSettings, Judge, Policy, observe};
use crate::{AuthorizationLayer, AuthorizationLayerBuilder, Settings};

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
        self.assemble_with(|layer| layer).await
    }

    /// As [`assemble`](Self::assemble), with a say in options of the layer that a configuration has no key for.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub async fn assemble_with(
        &self,
        complete: impl FnOnce(AuthorizationLayerBuilder) -> AuthorizationLayerBuilder,
    ) -> Result<Built, BuildError> {
        observe::start(self);
        let Judge { guard, keys, settings, .. } = self.judge().await?;
        let layer = AuthorizationLayer::builder(guard);
        let layer = match self.profile.policy {
            Policy::Temporal => layer.like_temporal(),
            Policy::Strict => layer,
        };
        let layer = layer
            .auth_header(self.authorization.auth_header.clone())
            .extra_header(self.authorization.extra_header.clone())
            .limits(self.limits.call)
            .max_failures_per_second(self.limits.max_failures_per_second)
            .forward_authorization(self.gateway().upstream.forward_authorization)
            .settings(self.settings(settings.clone()));
        Ok(Built { layer: complete(layer).build(), keys, settings })
    }

    fn settings(&self, dynamic: DynamicSettings) -> Arc<dyn Settings> {
        match self.profile.cross_namespace_commands {
            CrossNamespaceCommands::Follow => Arc::new(dynamic),
            CrossNamespaceCommands::Always => Arc::new(CommandsJudged(dynamic)),
        }
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
