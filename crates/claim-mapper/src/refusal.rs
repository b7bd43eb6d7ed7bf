//! Refusals, in the form that the traits want.

use temporal_authz::{ClaimError, Reason};

/// The credential does not have its form.
pub(crate) fn malformed(detail: impl Into<String>) -> ClaimError {
    ClaimError::rejected_with(Reason::MalformedCredentials, detail)
}

/// A claim of the token is not acceptable.
pub(crate) fn invalid(detail: impl Into<String>) -> ClaimError {
    ClaimError::rejected_with(Reason::InvalidClaims, detail)
}
