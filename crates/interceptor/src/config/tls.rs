//! What `global.tls.frontend` says, read and checked, not yet turned into a TLS stack.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

/// PEM text: a file, which is read again when certificates are refreshed, or the decoded value of a `…Data` key.
#[derive(Clone, PartialEq, Eq)]
pub enum PemSource {
    /// The path of a PEM file (`certFile`, `keyFile`, `clientCaFiles`, `rootCaFiles`).
    File(PathBuf),
    /// The PEM text itself (`certData`, `keyData`, `clientCaData`, `rootCaData`, base64 in the file).
    Data(Vec<u8>),
}

/// Whether a client is asked for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientCertificates {
    /// No certificate is asked for, as Temporal with `requireClientAuth: false`.
    #[default]
    NotAsked,
    /// Asked for, and verified when presented (`gateway.clientCertificates: optional`).
    Optional,
    /// A handshake without a verified certificate fails (`requireClientAuth: true`).
    Required,
}

/// The certificate of a listener and what it asks of its clients (`global.tls.frontend.server`, `hostOverrides.<name>`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerTls {
    /// The certificate chain, leaf first.
    pub certificate: PemSource,
    /// The private key of the leaf.
    pub key: PemSource,
    /// The authorities that client certificates must chain to; empty when no certificate is asked for.
    pub client_ca: Vec<PemSource>,
    /// Whether a client certificate is asked for.
    pub client_certificates: ClientCertificates,
}

/// How a client of the frontend connects (`global.tls.frontend.client`, `gateway.upstream.tls`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ClientTls {
    /// The name that the server's certificate must carry; the host of the address when absent.
    pub server_name: Option<String>,
    /// Accept a certificate for another name. The chain is verified all the same.
    pub disable_host_verification: bool,
    /// The authorities to trust; the system's when empty.
    pub root_ca: Vec<PemSource>,
    /// Certificate chain and private key to present.
    pub identity: Option<(PemSource, PemSource)>,
    /// Use TLS although nothing else here asks for it.
    pub force_tls: bool,
}

/// Warnings about certificates that are about to expire (`global.tls.expirationChecks`). Zero switches a part off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ExpirationChecks {
    /// Warn when a certificate expires within this time.
    pub warning_window: Duration,
    /// Log an error when a certificate expires within this time.
    pub error_window: Duration,
    /// How often to look.
    pub check_interval: Duration,
}

/// All that `global.tls` says about the frontend.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FrontendTls {
    /// The listener's default certificate; plaintext when absent.
    pub server: Option<ServerTls>,
    /// Certificates by server name (lower case), chosen by SNI; an unknown name gets the default.
    pub host_overrides: BTreeMap<String, ServerTls>,
    /// How clients, and so the gateway towards its upstream, connect.
    pub client: Option<ClientTls>,
    /// How often files are read again; zero is never.
    pub refresh_interval: Duration,
    /// Warnings before certificates expire.
    pub expiration_checks: ExpirationChecks,
}

impl fmt::Debug for PemSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Data(pem) => write!(f, "Data({} bytes)", pem.len()),
        }
    }
}
