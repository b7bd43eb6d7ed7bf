//! Every event and span of this crate.

use temporal_authz::Escaped;
use tracing::{Span, field::Empty};

/// Whether anybody may look at [`span`].
pub(crate) fn spans_are_seen() -> bool {
    tracing::span_enabled!(tracing::Level::DEBUG)
}

/// The span around one decision; the guard records the rest of its fields.
pub(crate) fn span(path: &str) -> Span {
    tracing::debug_span!("authorization", method = %Escaped(path), namespace = Empty, subject = Empty, reason = Empty)
}

pub(crate) fn unjudged_stream(path: &str) {
    tracing::info!(method = %Escaped(path), "stream passed unjudged: system.disableStreamingAuthorizer is on");
}

pub(crate) fn unsendable_principal(text: &str) {
    tracing::warn!(subject = %Escaped(text), "principal header left out: control characters");
}
