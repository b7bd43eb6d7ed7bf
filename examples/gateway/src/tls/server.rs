//! The listener's side: from `global.tls.frontend` to rustls configurations.

use std::{collections::HashMap, sync::Arc};

use rustls::{
    ServerConfig,
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::SingleCertAndKey,
};
use rustls_pki_types::CertificateDer;
use temporal_interceptor::config::{ClientCertificates, FrontendTls, ServerTls};

use super::{
    TlsError, alpn,
    pem::{self, CLIENT_CA},
    provider,
    reload::{Host, ReloadingAcceptor},
};

const SERVER: &str = "global.tls.frontend.server";
const OVERRIDES: &str = "global.tls.frontend.hostOverrides";

/// The acceptor that `tls` describes; `None` when it describes a plaintext listener.
///
/// Reads all files once, now. Where `refresh_interval` or `expiration_checks` ask for it, a task reads them again or looks at their
/// dates until the acceptor is dropped; that needs a tokio runtime around the call.
///
/// # Errors
///
/// When a file cannot be read or used, for any host.
pub fn server(tls: &FrontendTls) -> Result<Option<ReloadingAcceptor>, TlsError> {
    let Some(default) = &tls.server else {
        return match tls.host_overrides.is_empty() {
            true => Ok(None),
            false => Err(TlsError::OverridesOnly),
        };
    };
    let default = Host::load(SERVER.to_owned(), default.clone())?;
    let mut by_name = HashMap::new();
    for (name, server) in &tls.host_overrides {
        let host = Host::load(format!("{OVERRIDES}.{name}"), server.clone())?;
        by_name.insert(name.to_ascii_lowercase(), host);
    }
    Ok(Some(ReloadingAcceptor::start(default, by_name, tls.refresh_interval, tls.expiration_checks)))
}

/// What serves one host, made from its files at one moment.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) config: Arc<ServerConfig>,
    /// The chain, leaf first.
    pub(super) chain: Vec<CertificateDer<'static>>,
}

/// Reads the files of one host. `section` is its configuration key.
pub(super) fn load(section: &str, tls: &ServerTls) -> Result<Loaded, TlsError> {
    let pair = pem::pair(section, &tls.certificate, &tls.key)?;
    let chain = pair.cert.clone();
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let builder = match client_verifier(section, tls)? {
        None => builder.with_no_client_auth(),
        Some(verifier) => builder.with_client_cert_verifier(verifier),
    };
    let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
    config.alpn_protocols = alpn();
    // A resumed session brings its client certificate along without verifying it again, expired or not. Connections here live long
    // enough to do without.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Loaded { config: Arc::new(config), chain })
}

fn client_verifier(section: &str, tls: &ServerTls) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
    if tls.client_certificates == ClientCertificates::NotAsked {
        return Ok(None);
    }
    let authorities = pem::authorities(section, CLIENT_CA, &tls.client_ca)?;
    if authorities.is_empty() {
        return Err(TlsError::NoAuthorities(section.to_owned()));
    }
    let builder = WebPkiClientVerifier::builder_with_provider(authorities, provider());
    let builder = match tls.client_certificates {
        ClientCertificates::Optional => builder.allow_unauthenticated(),
        ClientCertificates::Required | ClientCertificates::NotAsked => builder,
    };
    builder.build().map(Some).map_err(|error| TlsError::Verifier { key: section.to_owned(), reason: error.to_string() })
}
