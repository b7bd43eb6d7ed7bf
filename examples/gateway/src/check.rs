//! `temporal-gateway check`: would the gateway start with this file, and what would it guard?
//!
//! Everything that a start reads is read: the configuration, the dynamic settings, the certificates, the token for the
//! upstream. Nothing is fetched, and no address is bound: key sources and the upstream may be down at a start, too.

use std::{io::Write, path::PathBuf};

use anyhow::bail;
use clap::Args;
use temporal_claim_mapper::CredentialMode;
use temporal_interceptor::config::{
    AuthorizationConfig, ClientCertificates, DynamicConfig, FrontendTls, Plugin, ServerTls,
};

use crate::{credential::OwnCredential, serve, tls};

/// Arguments of `temporal-gateway check`.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Configuration file to check. Required.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Checks the file and writes to `out` what it guards: a line each, then warnings, then the sections that are for
/// others. Needs a tokio runtime around it.
///
/// # Errors
/// The gateway would not start: everything that was found, one line a problem, with key, line and reason where the
/// configuration itself is wrong. Or `out` cannot be written.
pub async fn run(args: &CheckArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let config = AuthorizationConfig::from_file(&args.file)?;
    let problems = problems(&config).await;
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    writeln!(out, "{}: good", args.file.display())?;
    writeln!(out, "listener: {}, {}", config.gateway().listen, listener_words(config.frontend_tls()))?;
    let upstream = serve::upstream(&config, None)?;
    let how = if upstream.tls.is_some() { "TLS" } else { "plaintext" };
    writeln!(out, "upstream: {}, {how}", upstream.address)?;
    for line in config.summary() {
        writeln!(out, "{line}")?;
    }
    for warning in config.warnings() {
        writeln!(out, "warning: {warning}")?;
    }
    if looks_at_certificates(&config) && !asks_for_certificates(config.frontend_tls()) {
        writeln!(out, "warning: certificates count, and the listener asks for none: {HOW_TO_ASK}")?;
    }
    if !config.ignored_sections().is_empty() {
        writeln!(out, "not for the gateway: {}", config.ignored_sections().join(", "))?;
    }
    Ok(())
}

/// The keys that make a listener ask for certificates.
pub(crate) const HOW_TO_ASK: &str =
    "set `global.tls.frontend.server.requireClientAuth: true` or `gateway.clientCertificates: optional`";

/// Whether a client of the listener can show a certificate at all, under any of its names.
pub(crate) fn asks_for_certificates(tls: &FrontendTls) -> bool {
    let asks = |server: &ServerTls| server.client_certificates != ClientCertificates::NotAsked;
    tls.server.as_ref().is_some_and(asks) || tls.host_overrides.values().any(asks)
}

fn looks_at_certificates(config: &AuthorizationConfig) -> bool {
    config.authorization().claim_mapper == Plugin::Default && config.profile().mode != CredentialMode::Token
}

/// What the configuration names, tried as at a start.
async fn problems(config: &AuthorizationConfig) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(client) = config.dynamic_config_client()
        && let Err(error) = DynamicConfig::from_file(&client.file)
    {
        found.push(format!("dynamicConfigClient.filepath: {error}"));
    }
    if let Err(error) = tls::server(config.frontend_tls()) {
        found.push(error.to_string());
    }
    if let Err(error) = serve::upstream(config, None) {
        found.push(format!("gateway.upstream: {error:#}"));
    }
    if let Some(file) = &config.gateway().upstream.token_file
        && let Err(error) = OwnCredential::follow(file.clone()).await
    {
        found.push(format!("gateway.upstream.credential.tokenFile ({}): {error}", file.display()));
    }
    found
}

fn listener_words(tls: &FrontendTls) -> &'static str {
    match tls.server.as_ref().map(|server| server.client_certificates) {
        None => "plaintext",
        Some(ClientCertificates::NotAsked) => "TLS, client certificates not asked for",
        Some(ClientCertificates::Optional) => "TLS, client certificates asked for",
        Some(ClientCertificates::Required) => "TLS, client certificates required",
    }
}
