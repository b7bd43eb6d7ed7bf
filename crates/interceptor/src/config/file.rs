//! The whole file, read and checked.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use temporal_claim_mapper::CredentialMode;

use super::{
    AllLimits, Authorization, ConfigError, FrontendTls, Gateway, Plugin, Policy, Problem, Profile, authorization,
    gateway, ignored, limits, lines::Lines, problems::Problems, profile, raw, template, tls_read::TlsReader,
    token_mapper, yaml,
};

/// A Temporal server's configuration, as far as it concerns authorization, and what stands under `gateway`.
///
/// Read by [`from_file`](Self::from_file), it has been checked: every value is of its type and in its range, every key of
/// ours is known, and the parts fit together. What it names (certificates, key sources, the dynamic settings) has not
/// been looked at yet; [`build`](Self::build) does.
#[derive(Debug, Clone)]
pub struct AuthorizationConfig {
    pub(super) authorization: Authorization,
    pub(super) profile: Profile,
    pub(super) dynamic: Option<DynamicConfigClient>,
    frontend_tls: FrontendTls,
    gateway: Gateway,
    pub(super) limits: AllLimits,
    ignored: Vec<String>,
    warnings: Vec<Problem>,
}

/// Where the dynamic settings are (`dynamicConfigClient`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DynamicConfigClient {
    /// The file (`filepath`).
    pub file: PathBuf,
    /// How often it is read again (`pollInterval`), at least 5 s.
    pub poll_interval: Duration,
}

impl AuthorizationConfig {
    /// Reads a file. Relative paths in it are relative to the working directory, as in Temporal.
    ///
    /// # Errors
    /// The file cannot be read, is no UTF-8 or no YAML, or says something that makes no sense.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Read { file: file.clone(), source })?;
        read(&file, &text, Path::new(""))
    }

    /// Reads a text. Relative paths in it are relative to `base_dir`; "" is the working directory. Errors name the file
    /// `configuration`.
    ///
    /// ```
    /// use temporal_interceptor::config::AuthorizationConfig;
    ///
    /// let yaml = "
    /// global:
    ///   authorization:
    ///     jwtKeyProvider: { keySourceURIs: ['https://issuer.example/jwks.json'], refreshInterval: 1m }
    ///     authorizer: default
    ///     claimMapper: default
    /// ";
    /// let config = AuthorizationConfig::from_yaml(yaml, "").unwrap();
    /// assert_eq!(config.authorization().permissions_claim_name, "permissions");
    ///
    /// let error = AuthorizationConfig::from_yaml(&yaml.replace("claimMapper", "claimsMapper"), "").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "configuration:6: key `global.authorization.claimsMapper`: unknown key; did you mean `claimMapper`?"
    /// );
    /// ```
    ///
    /// # Errors
    /// The text is no YAML, or says something that makes no sense.
    pub fn from_yaml(text: &str, base_dir: impl AsRef<Path>) -> Result<Self, ConfigError> {
        read("configuration", text, base_dir.as_ref())
    }

    /// `global.authorization`.
    pub fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    /// `gateway.authorization`.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// `gateway`, but for its `authorization` and `limits`.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// `global.tls`, as far as it concerns the frontend, and `gateway.clientCertificates`.
    pub fn frontend_tls(&self) -> &FrontendTls {
        &self.frontend_tls
    }

    /// `gateway.limits`.
    pub fn limits(&self) -> &AllLimits {
        &self.limits
    }

    /// `dynamicConfigClient`; without it every dynamic setting has Temporal's default.
    pub fn dynamic_config_client(&self) -> Option<&DynamicConfigClient> {
        self.dynamic.as_ref()
    }

    /// The sections that were not read, in the order of the file (`log`, `global.membership`): they are for others. An
    /// operator should be shown them once.
    pub fn ignored_sections(&self) -> &[String] {
        &self.ignored
    }

    /// What is allowed and probably not meant. An operator should be shown it at every start.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }
}

fn read(file: &str, text: &str, base: &Path) -> Result<AuthorizationConfig, ConfigError> {
    let invalid = |problem: Problem| ConfigError::Invalid { problems: vec![problem] };
    template::refuse(file, text).map_err(invalid)?;
    let lines = Lines::of(text);
    let raw: raw::File = yaml::read::<Option<raw::File>>(file, text, &lines).map_err(invalid)?.unwrap_or_default();
    let mut problems = Problems::new(file, &lines);
    let mut config = check(&mut problems, raw, base);
    config.ignored = ignored::sections(&mut problems, &lines);
    if !problems.errors.is_empty() {
        return Err(ConfigError::Invalid { problems: problems.errors });
    }
    config.warnings = problems.warnings;
    Ok(config)
}

fn check(problems: &mut Problems<'_>, raw: raw::File, base: &Path) -> AuthorizationConfig {
    let global = raw.global.unwrap_or_default();
    let gateway = raw.gateway.unwrap_or_default();
    let asked = gateway::client_certificates(problems, &gateway);
    let profile = gateway.authorization.unwrap_or_default();
    let allow_everyone = profile.allow_everyone.unwrap_or_default();
    let authorization = authorization::read(problems, global.authorization, allow_everyone);
    let profile = profile::read(problems, profile);
    let limits = limits::read(problems, gateway.limits, profile.policy);
    fit_together(problems, &authorization, &profile);
    token_mapper::check(problems, &authorization, &profile, &limits);
    let frontend_tls = TlsReader { problems, base }.frontend(global.tls, asked);
    AuthorizationConfig {
        dynamic: raw.dynamic_config_client.and_then(|client| dynamic_config_client(problems, client, base)),
        gateway: gateway::read(problems, base, gateway.listen, gateway.upstream, frontend_tls.client.as_ref()),
        limits,
        authorization,
        profile,
        frontend_tls,
        ignored: Vec::new(),
        warnings: Vec::new(),
    }
}

/// What only makes sense, or none, in view of another section.
fn fit_together(problems: &mut Problems<'_>, authorization: &Authorization, profile: &Profile) {
    if authorization.claim_mapper == Plugin::AllowEveryone || !profile::uses_tokens(profile.mode) {
        if profile.mode == CredentialMode::Certificate && !authorization.key_sources.is_empty() {
            problems
                .warn("global.authorization.jwtKeyProvider.keySourceURIs", "has no effect with `mode: certificate`");
        }
        return;
    }
    let global = "global.authorization.jwtKeyProvider.keySourceURIs";
    let without: Vec<_> = profile.issuers.iter().filter(|issuer| issuer.sources.is_empty()).collect();
    if authorization.key_sources.is_empty() && (profile.issuers.is_empty() || !without.is_empty()) {
        let who = match without.first() {
            Some(issuer) => format!("no key source for issuer {}", issuer.issuer.escape_debug()),
            None => "no key source".to_owned(),
        };
        problems.error(global, format!("{who}: no token could ever be accepted"));
    }
    if !authorization.key_sources.is_empty() && !profile.issuers.is_empty() && without.is_empty() {
        problems.warn(global, "has no effect: every issuer of `gateway.authorization.issuers` has sources of its own");
    }
    if profile.policy == Policy::Strict {
        if profile.issuers.is_empty() {
            problems.error("gateway.authorization.issuers", "`policy: strict` needs to be told whose tokens to take");
        }
        let all_have_own =
            !profile.issuers.is_empty() && profile.issuers.iter().all(|issuer| !issuer.audiences.is_empty());
        if authorization.audience.is_none() && !all_have_own {
            let reason = "`policy: strict` needs an audience, here or for every issuer";
            problems.error("global.authorization.audience", reason);
        }
    }
}

// As Temporal's fileBasedClient.validateStaticConfig.
const MIN_POLL_INTERVAL: Duration = Duration::from_secs(5);

fn dynamic_config_client(
    problems: &mut Problems<'_>,
    raw: raw::DynamicConfigClient,
    base: &Path,
) -> Option<DynamicConfigClient> {
    let file = authorization::text(raw.filepath).ok_or("is missing");
    let file = problems.check("dynamicConfigClient.filepath", file);
    let interval = raw.poll_interval.unwrap_or_default().0;
    let interval = Some(interval).filter(|interval| *interval >= MIN_POLL_INTERVAL).ok_or("must be at least 5s");
    let poll_interval = problems.check("dynamicConfigClient.pollInterval", interval)?;
    Some(DynamicConfigClient { file: base.join(file?), poll_interval })
}
