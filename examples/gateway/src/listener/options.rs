//! What can be chosen about the listener.

use std::time::Duration;

/// The bounds of a listener.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ListenerOptions {
    /// Time for the TLS handshake and the HTTP/2 preface, each.
    pub handshake_timeout: Duration,
    /// TLS handshakes at the same time; further ones wait, within their time.
    pub handshakes: usize,
    /// Calls of one connection at the same time. A poll of a worker is a call that lasts a minute, and proxies carry the polls of a
    /// whole fleet over one connection; one call too many waits in the client without a word. So the bound is far above what fleets
    /// do, and is there for those who only open streams.
    pub max_concurrent_streams: u32,
    /// Bound on the header list of a call, in bytes; beyond it HTTP/2 answers 431. Holds a token of 16 KiB and the metadata around it.
    pub max_header_list_size: u32,
    /// Bytes of one call that may wait to be read.
    pub stream_window: u32,
    /// Bytes of all calls of a connection that may wait to be read: what a peer can make the gateway hold without a single call being
    /// served. The quotient of the two is the number of stalled uploads that the other calls of the connection do not feel.
    pub connection_window: u32,
    /// Bytes of one answer that may wait to be sent.
    pub max_send_buffer: usize,
    /// A ping goes out when nothing was heard for so long.
    pub keep_alive_interval: Duration,
    /// A connection whose ping is not answered within this time is dead, and its calls are cancelled.
    pub keep_alive_timeout: Duration,
    /// How long running calls may go on after the shutdown has begun.
    pub drain: Duration,
}

impl Default for ListenerOptions {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(10),
            handshakes: 256,
            max_concurrent_streams: 10_000,
            max_header_list_size: 64 << 10,
            stream_window: 256 << 10,
            connection_window: 8 << 20,
            max_send_buffer: 128 << 10,
            keep_alive_interval: Duration::from_secs(30),
            keep_alive_timeout: Duration::from_secs(10),
            drain: Duration::from_secs(10),
        }
    }
}
