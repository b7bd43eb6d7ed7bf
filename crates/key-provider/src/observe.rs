//! Every tracing event of this crate. None holds key material or the text of a document; names from documents are escaped.

use tracing::{info, warn};

use crate::SkippedKey;
use crate::escape::escaped;
use crate::jwks::LoadError;

/// A source has other keys than before, or its first ones.
pub(crate) fn keys_changed(source: &str, keys: usize) {
    info!(source, keys, "token keys loaded");
}

/// An attempt at a source failed; it keeps the keys it had.
pub(crate) fn load_failed(source: &str, error: &LoadError, kept: usize) {
    warn!(source, %error, kept_keys = kept, "token keys not loaded");
}

/// A document has keys that are not used, others than the last time.
pub(crate) fn keys_skipped(source: &str, skipped: &[SkippedKey]) {
    for SkippedKey { kid, reason } in skipped {
        warn!(source, kid, %reason, "token key skipped");
    }
}

/// The operator has revoked a key id.
pub(crate) fn key_revoked(kid: &str) {
    warn!(kid = escaped(kid), "token key revoked");
}

/// Keys come over a network without TLS: who can change them on the way can sign.
pub(crate) fn unprotected_source(source: &str) {
    warn!(source, "token keys are fetched without TLS");
}
