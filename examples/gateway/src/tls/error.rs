//! What can be wrong with the TLS configuration.

use std::{fmt, io, path::Path};

use thiserror::Error;

/// Where a piece of PEM text comes from: its configuration key and, if it is a file, the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Box<str>);

impl Place {
    pub(super) fn new(key: &str, path: Option<&Path>) -> Self {
        Self(match path {
            Some(path) => format!("{key} ({})", path.display()).into(),
            None => key.into(),
        })
    }
}

/// Why TLS cannot be set up. Each names the configuration key and the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{place}: {source}")]
    Read {
        /// Key and path.
        place: Place,
        /// What the operating system says.
        source: io::Error,
    },
    /// The text is not PEM.
    #[error("{place}: not PEM: {reason}")]
    Pem {
        /// Key and path.
        place: Place,
        /// What is wrong with it.
        reason: String,
    },
    /// PEM, but without a certificate.
    #[error("{0}: no certificate in it")]
    NoCertificate(Place),
    /// PEM, but without a private key.
    #[error("{0}: no private key in it")]
    NoKey(Place),
    /// A certificate that cannot be an authority.
    #[error("{place}: {source}")]
    Authority {
        /// Key and path.
        place: Place,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// Certificate and private key cannot be used together; most often the key is another certificate's.
    #[error("{certificate} with {key}: {source}")]
    Pair {
        /// Key and path of the certificate.
        certificate: Place,
        /// Key and path of the private key.
        key: Place,
        /// What is wrong with them.
        source: rustls::Error,
    },
    /// Client certificates are asked for, and there is no authority to verify them with.
    #[error("{0}: client certificates are asked for, but clientCaFiles and clientCaData are empty")]
    NoAuthorities(String),
    /// `global.tls.frontend.hostOverrides` without `global.tls.frontend.server`.
    #[error("global.tls.frontend.hostOverrides needs global.tls.frontend.server for all other names")]
    OverridesOnly,
    /// The name that the upstream's certificate must carry is no host name.
    #[error("serverName: {0:?} is neither a host name nor an address")]
    ServerName(String),
    /// The trust anchors of the system cannot be used.
    #[error("rootCaFiles and rootCaData are empty, and the system's authorities cannot be used: {0}")]
    SystemAuthorities(rustls::Error),
    /// A verifier cannot be made of the authorities.
    #[error("{key}: {reason}")]
    Verifier {
        /// The configuration key of the authorities.
        key: String,
        /// What is wrong with them.
        reason: String,
    },
    /// The TLS stack itself refuses.
    #[error("{0}")]
    Rustls(#[from] rustls::Error),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
