//! What the listener logs.

use std::{io, net::SocketAddr, time::Duration};

use crate::log_text::bounded;

pub(super) fn accept_failed(error: &io::Error) {
    tracing::error!(error = bounded(error), "cannot accept connections");
}

pub(super) fn handshake_failed(peer: SocketAddr, error: &io::Error) {
    tracing::info!(%peer, error = bounded(error), "TLS handshake failed");
}

pub(super) fn handshake_timed_out(peer: SocketAddr) {
    tracing::info!(%peer, "handshake timed out");
}

pub(super) fn ended(peer: SocketAddr, error: Option<hyper::Error>) {
    match error {
        None => tracing::debug!(%peer, "connection closed"),
        Some(error) => tracing::debug!(%peer, error = bounded(&error), "connection broke"),
    }
}

pub(super) fn panicked() {
    tracing::error!("a connection's task panicked");
}

pub(super) fn draining(connections: usize, drain: Duration) {
    tracing::info!(connections, ?drain, "draining");
}

pub(super) fn drain_over(connections: usize) {
    tracing::warn!(connections, "the drain is over, ending what still runs");
}
