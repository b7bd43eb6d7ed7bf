//! Every event and span of this crate.

use temporal_authz::Escaped;
use tracing::{Span, field::Empty, level_filters::LevelFilter};

/// Whether anybody may look at [`span`]. Asked of the level alone: filters by name, field or layer have their say when the span
/// is made.
pub(crate) fn spans_are_seen() -> bool {
    LevelFilter::current() >= LevelFilter::DEBUG
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
