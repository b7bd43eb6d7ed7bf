//! What the TLS side logs.

use super::TlsError;
use crate::log_text::bounded;

pub(super) fn certificate_replaced(section: &str) {
    tracing::info!(section, "certificate replaced");
}

pub(super) fn reload_failed(section: &str, error: &TlsError) {
    tracing::error!(section, error = bounded(error), "cannot read the certificate again, the last good one stays");
}

pub(super) fn identity_failed(error: &TlsError) {
    tracing::error!(
        error = bounded(error),
        "cannot read the certificate for the upstream again, the last good one stays"
    );
}

pub(super) fn expires_soon(section: &str, seconds_left: i64) {
    tracing::warn!(section, seconds_left, "a certificate is about to expire");
}

pub(super) fn expires_very_soon(section: &str, seconds_left: i64) {
    tracing::error!(section, seconds_left, "a certificate has expired or is about to");
}
