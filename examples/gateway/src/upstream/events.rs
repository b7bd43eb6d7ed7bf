//! What the upstream side logs.

use std::time::Duration;

use super::connect::ConnectError;
use crate::log_text::bounded;

pub(super) fn connected(address: &str) {
    tracing::info!(address, "upstream connected");
}

pub(super) fn connect_failed(address: &str, error: &ConnectError, failures: u32, pause: Duration) {
    tracing::warn!(address, error = bounded(error), failures, ?pause, "upstream connection failed");
}

pub(super) fn disconnected(error: Option<&hyper::Error>) {
    match error {
        None => tracing::debug!("upstream connection closed"),
        Some(error) => tracing::warn!(error = bounded(error), "upstream connection broke"),
    }
}

pub(super) fn handed_back(error: &hyper::Error) {
    tracing::debug!(error = bounded(error), "a connection handed a request back");
}

pub(super) fn call_failed(error: &hyper::Error) {
    tracing::debug!(error = bounded(error), "a call failed on its connection");
}

pub(super) fn stalled(calls: usize) {
    tracing::warn!(calls, "gave up calls whose answers were left unread");
}
