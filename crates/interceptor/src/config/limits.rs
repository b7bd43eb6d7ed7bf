//! `gateway.limits`: how much a call, a token and a key source may take.

use std::time::Duration;

use super::{Policy, duration::GoDuration, problems::Problems, raw};
use crate::Limits;

/// Every limit that the file can set. What it does not set has the default of the part that it bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AllLimits {
    /// The layer's, for one call (`maxTokenBytes`, `maxNamespaceBytes`, `maxRequestBytes`, `requestTimeout`,
    /// `maxBufferedBytes`, `maxTargets`).
    pub call: Limits,
    /// Bytes of a request's header list, for the HTTP/2 listener (`maxHeaderListBytes`, 64 KiB).
    pub max_header_list_bytes: u32,
    /// How long the claim mapper may take (`claimMapperTimeout`, 10 s).
    pub claim_mapper_timeout: Duration,
    /// How long the authorizer may take for one target (`authorizerTimeout`, 10 s).
    pub authorizer_timeout: Duration,
    /// Failed credentials of one peer a second (`maxFailuresPerSecond`; 20 by the strict policy, else 0, which limits nobody).
    pub max_failures_per_second: u32,
    /// Permissions in a token; one with more is refused (`maxPermissions`, 10,000).
    pub max_permissions: usize,
    /// Bytes of a JWKS document (`maxJwksBytes`, 8 MiB).
    pub max_jwks_bytes: usize,
    /// Keys of a JWKS document (`maxJwksKeys`, 10,000).
    pub max_jwks_keys: usize,
    /// How long one attempt at a key source may take (`jwksTimeout`, 10 s).
    pub jwks_timeout: Duration,
}

impl Default for AllLimits {
    fn default() -> Self {
        const TEN_SECONDS: Duration = Duration::from_secs(10);
        Self {
            call: Limits::default(),
            max_header_list_bytes: 64 << 10,
            claim_mapper_timeout: TEN_SECONDS,
            authorizer_timeout: TEN_SECONDS,
            max_failures_per_second: 0,
            max_permissions: 10_000,
            max_jwks_bytes: 8 << 20,
            max_jwks_keys: 10_000,
            jwks_timeout: TEN_SECONDS,
        }
    }
}

pub(super) fn read(problems: &mut Problems<'_>, raw: Option<raw::Limits>, policy: Policy) -> AllLimits {
    let raw = raw.unwrap_or_default();
    let mut limits = AllLimits::default();
    number(problems, "maxTokenBytes", raw.max_token_bytes, &mut limits.call.max_token_bytes);
    number(problems, "maxHeaderListBytes", raw.max_header_list_bytes, &mut limits.max_header_list_bytes);
    number(problems, "maxNamespaceBytes", raw.max_namespace_bytes, &mut limits.call.max_namespace_bytes);
    number(problems, "maxRequestBytes", raw.max_request_bytes, &mut limits.call.max_request_bytes);
    time(problems, "requestTimeout", raw.request_timeout, &mut limits.call.request_timeout);
    number(problems, "maxBufferedBytes", raw.max_buffered_bytes, &mut limits.call.max_buffered_bytes);
    time(problems, "claimMapperTimeout", raw.claim_mapper_timeout, &mut limits.claim_mapper_timeout);
    time(problems, "authorizerTimeout", raw.authorizer_timeout, &mut limits.authorizer_timeout);
    number(problems, "maxPermissions", raw.max_permissions, &mut limits.max_permissions);
    number(problems, "maxTargets", raw.max_targets, &mut limits.call.max_targets);
    limits.max_failures_per_second = match (raw.max_failures_per_second, policy) {
        (Some(value), _) => value,
        (None, Policy::Strict) => 20,
        (None, Policy::Temporal) => 0,
    };
    number(problems, "maxJwksBytes", raw.max_jwks_bytes, &mut limits.max_jwks_bytes);
    number(problems, "maxJwksKeys", raw.max_jwks_keys, &mut limits.max_jwks_keys);
    time(problems, "jwksTimeout", raw.jwks_timeout, &mut limits.jwks_timeout);
    if limits.call.max_request_bytes > limits.call.max_buffered_bytes {
        problems
            .error("gateway.limits.maxRequestBytes", "more than maxBufferedBytes: such a request could never be read");
    }
    limits
}

// A limit of zero would refuse every call; none at all is not to be had.
fn number<T: TryFrom<u64>>(problems: &mut Problems<'_>, name: &str, value: Option<u64>, limit: &mut T) {
    let Some(value) = value else { return };
    let key = format!("gateway.limits.{name}");
    match T::try_from(value) {
        Ok(_) if value == 0 => problems.error(&key, "a limit must not be zero"),
        Ok(value) => *limit = value,
        Err(_) => problems.error(&key, "the number is too large"),
    }
}

fn time(problems: &mut Problems<'_>, name: &str, value: Option<GoDuration>, limit: &mut Duration) {
    match value {
        Some(GoDuration(Duration::ZERO)) => {
            problems.error(&format!("gateway.limits.{name}"), "a limit must not be zero");
        }
        Some(GoDuration(value)) => *limit = value,
        None => {}
    }
}
