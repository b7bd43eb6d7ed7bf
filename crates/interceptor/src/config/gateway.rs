//! `gateway`: what Temporal has no key for, but for its `authorization` and `limits`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use http::uri::Authority;

use super::{
    ClientTls,
    authorization::text,
    problems::Problems,
    raw,
    tls_read::{Asked, TlsReader},
};

/// Where the gateway listens and what it guards. A layer in a server of your own has no use for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gateway {
    /// The address to listen at (`listen`, 127.0.0.1:7233).
    pub listen: SocketAddr,
    /// The server behind it.
    pub upstream: Upstream,
}

/// The Temporal server behind a gateway (`gateway.upstream`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upstream {
    /// `host:port` (`address`, 127.0.0.1:7234).
    pub address: String,
    /// How many HTTP/2 connections to hold, at least 1 (`connections`, 2).
    pub connections: usize,
    /// Whether the caller's credential headers are passed on (`forwardAuthorization`, no).
    pub forward_authorization: bool,
    /// A file with the gateway's own token for the upstream (`credential.tokenFile`).
    pub token_file: Option<PathBuf>,
    /// How to connect (`tls`; `global.tls.frontend.client` when absent); plaintext when neither is there.
    pub tls: Option<ClientTls>,
}

const MAX_CONNECTIONS: usize = 1024;

/// What `gateway.clientCertificates` says.
pub(super) fn client_certificates(problems: &mut Problems<'_>, raw: &raw::Gateway) -> Asked {
    let words = [("follow", Asked::Follow), ("optional", Asked::Optional)];
    problems.word("gateway.clientCertificates", raw.client_certificates.as_deref(), &words, Asked::Follow)
}

pub(super) fn read(
    problems: &mut Problems<'_>,
    base: &Path,
    listen: Option<String>,
    upstream: Option<raw::Upstream>,
    frontend_client: Option<&ClientTls>,
) -> Gateway {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 7233));
    let listen = text(listen).and_then(|listen| {
        let parsed = listen.parse().map_err(|_| "expected an IP address and a port, such as `0.0.0.0:7233`");
        problems.check("gateway.listen", parsed)
    });
    let raw = upstream.unwrap_or_default();
    let address =
        text(raw.address).and_then(|address| problems.check("gateway.upstream.address", host_and_port(address)));
    let connections = raw.connections.map_or(Ok(2), |connections| match usize::try_from(connections) {
        Ok(number @ 1..=MAX_CONNECTIONS) => Ok(number),
        _ => Err(format!("expected 1 to {MAX_CONNECTIONS}")),
    });
    let connections = problems.check("gateway.upstream.connections", connections).unwrap_or(2);
    let token_file = raw.credential.and_then(|credential| {
        let file = text(credential.token_file).ok_or("names no file");
        problems.check("gateway.upstream.credential.tokenFile", file)
    });
    // Who writes this section means TLS, however little stands in it.
    let tls = raw
        .tls
        .map(|tls| ClientTls { force_tls: true, ..TlsReader { problems, base }.client("gateway.upstream.tls", tls) });
    Gateway {
        listen: listen.unwrap_or(default),
        upstream: Upstream {
            address: address.unwrap_or_else(|| "127.0.0.1:7234".to_owned()),
            connections,
            forward_authorization: raw.forward_authorization.unwrap_or_default(),
            token_file: token_file.map(|file| base.join(file)),
            tls: tls.or_else(|| frontend_client.cloned()),
        },
    }
}

fn host_and_port(address: String) -> Result<String, &'static str> {
    let authority: Option<Authority> = address.parse().ok();
    let port = authority.as_ref().and_then(Authority::port_u16).unwrap_or_default();
    let host = authority.as_ref().map_or("", Authority::host);
    if port == 0 || host.is_empty() || address.contains('@') {
        return Err("expected a host and a port, such as `temporal.internal:7233`");
    }
    Ok(address)
}
