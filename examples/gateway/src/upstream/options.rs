//! What can be chosen about the upstream.

use std::{fmt, sync::Arc, time::Duration};

use rustls::ClientConfig;
use rustls_pki_types::ServerName;

/// Where the upstream is and how connections to it are kept.
#[derive(Debug, Clone)]
pub struct UpstreamOptions {
    /// `host:port`; resolved anew for each connection.
    pub address: String,
    /// Connections to keep, each opened when first needed. At least one is kept whatever this says.
    pub connections: usize,
    /// TLS, from [`crate::tls::client`]; plaintext when absent.
    pub tls: Option<UpstreamTls>,
    /// Bound on name lookup, TCP and TLS together, and on a call that waits for them.
    pub connect_timeout: Duration,
    /// A ping goes out when nothing was heard for so long. Temporal's frontend refuses clients that ping more often than every 10 s
    /// (`frontend.keepAliveMinTime`).
    pub keep_alive_interval: Duration,
    /// A connection whose ping is not answered within this time is dead.
    pub keep_alive_timeout: Duration,
    /// Bytes that one call may have unread. See [`Self::connection_window`].
    pub stream_window: u32,
    /// Bytes that all calls of one connection may have unread. The quotient of the two is the number of callers that can stop reading
    /// before the others feel it. It is a limit, no allocation: what is really held is a stream window for each slow caller.
    pub connection_window: u32,
    /// How long an answer may lie unread before its call is given up (RESOURCE_EXHAUSTED).
    pub stall_timeout: Duration,
    /// Bound on the header list, and on the trailers, of an answer, in bytes.
    pub max_header_list_size: u32,
}

/// TLS towards the upstream: the configuration and the name that the certificate must carry.
#[derive(Clone)]
pub struct UpstreamTls {
    /// Trust anchors, our own certificate, ALPN.
    pub config: Arc<ClientConfig>,
    /// The name asked for by SNI and looked for in the certificate.
    pub server_name: ServerName<'static>,
}

impl UpstreamOptions {
    /// The defaults for `address` (`host:port`), in plaintext.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            connections: 2,
            tls: None,
            connect_timeout: Duration::from_secs(5),
            keep_alive_interval: Duration::from_secs(30),
            keep_alive_timeout: Duration::from_secs(10),
            stream_window: 65_535,
            // h2 closes a connection on which more than half a window's worth of small frames lies unread (it counts 256 bytes for
            // each), so a few stalled streams of tiny messages would end a connection with a small window for everybody.
            connection_window: 256 << 20,
            stall_timeout: Duration::from_secs(60),
            max_header_list_size: 1 << 20,
        }
    }
}

// `ClientConfig` prints its whole inside.
impl fmt::Debug for UpstreamTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstreamTls").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}
