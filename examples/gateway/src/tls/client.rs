//! The side towards the upstream: from `gateway.upstream.tls` or `global.tls.frontend.client` to a rustls configuration.

use std::sync::Arc;

use rustls::{
    ClientConfig,
    client::{Resumption, WebPkiServerVerifier, danger::ServerCertVerifier},
};
use rustls_pki_types::ServerName;
use temporal_interceptor::config::{ClientTls, PemSource};

use super::{
    TlsError, alpn,
    any_name::AnyName,
    identity::Identity,
    pem::{self, ROOT_CA},
    provider,
};
use crate::upstream::UpstreamTls;

/// Both places have the same keys; which of them was used, the reader of the message knows.
const SECTION: &str = "upstream tls";

/// What `tls` says about connecting to `host` (a name or an address, without port). `server_name` of the configuration wins over
/// `host`. Without authorities of its own, the system's are trusted.
///
/// # Errors
///
/// When a file cannot be read or used, or the name is none.
pub fn client(tls: &ClientTls, host: &str) -> Result<UpstreamTls, TlsError> {
    let name = tls.server_name.as_deref().unwrap_or(host);
    // An IPv6 address stands in brackets where a port follows.
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let server_name =
        ServerName::try_from(name.to_owned()).map_err(|_| TlsError::ServerName(name.chars().take(256).collect()))?;

    let mut verifier = server_verifier(&tls.root_ca)?;
    if tls.disable_host_verification {
        verifier = Arc::new(AnyName(verifier));
    }
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &tls.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            builder.with_client_cert_resolver(Arc::new(Identity::load(SECTION, certificate.clone(), key.clone())?))
        }
    };
    config.alpn_protocols = alpn();
    // Each connection verifies afresh, with the certificate of the day.
    config.resumption = Resumption::disabled();
    Ok(UpstreamTls { config: Arc::new(config), server_name })
}

fn server_verifier(root_ca: &[PemSource]) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    if root_ca.is_empty() {
        let system = rustls_platform_verifier::Verifier::new(provider()).map_err(TlsError::SystemAuthorities)?;
        return Ok(Arc::new(system));
    }
    let authorities = pem::authorities(SECTION, ROOT_CA, root_ca)?;
    let verifier = WebPkiServerVerifier::builder_with_provider(authorities, provider())
        .build()
        .map_err(|error| TlsError::Verifier { key: format!("{SECTION}.{}", ROOT_CA.0), reason: error.to_string() })?;
    Ok(verifier)
}
