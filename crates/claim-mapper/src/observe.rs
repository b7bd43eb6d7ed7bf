//! What this crate logs. Denials are told by whoever enforces them.

use temporal_authz::{Claims, Escaped};
use temporal_key_provider::JoseHeader;

/// A token was verified, which happens once for as long as it is remembered.
pub(crate) fn verified(header: &JoseHeader, claims: &Claims, ignored_permissions: usize) {
    tracing::debug!(
        algorithm = %header.alg(),
        kid = %Escaped(header.kid().unwrap_or_default()),
        subject = %Escaped(claims.subject()),
        ignored_permissions,
        "token verified"
    );
}
