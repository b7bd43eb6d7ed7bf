//! How much one call may take.

use std::time::Duration;

/// Bounds on what a call may cost before it is allowed. Responses are never buffered and never limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the token header's value and of the extra header's, each; beyond it the credential is refused.
    pub max_token_bytes: usize,
    /// Bytes of a namespace; beyond it INVALID_ARGUMENT, as Temporal's `limit.maxIDLength`.
    pub max_namespace_bytes: usize,
    /// Bytes of a request message, as sent and inflated; beyond it RESOURCE_EXHAUSTED.
    pub max_request_bytes: usize,
    /// How long the body of a request may take to arrive; beyond it DEADLINE_EXCEEDED.
    pub request_timeout: Duration,
    /// Bytes of request bodies that are held at one time, counted as they arrive; beyond it RESOURCE_EXHAUSTED.
    pub max_buffered_bytes: usize,
    /// Distinct targets of one call; beyond it the call is denied.
    pub max_targets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self {
            max_token_bytes: 16 << 10,
            max_namespace_bytes: 1_000,
            max_request_bytes: 4 * MIB,
            request_timeout: Duration::from_secs(30),
            max_buffered_bytes: 256 * MIB,
            max_targets: 1_000,
        }
    }
}
