//! The plug-in that says who is calling.

use std::fmt;

use async_trait::async_trait;

use crate::{AuthInfo, ClaimError, Claims};

/// Turns credentials into claims: Temporal's `authorization.ClaimMapper`.
#[async_trait]
pub trait ClaimMapper: fmt::Debug + Send + Sync + 'static {
    /// The claims of a caller; `None` when it is nobody.
    ///
    /// # Errors
    /// Bad credentials, or a mapper that cannot answer. Either way the call is denied.
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError>;

    /// The same without waiting, when the answer is at hand; `None` means that [`get_claims`](Self::get_claims) must be
    /// asked. Runs in the layer's `call`, where whatever takes long keeps the connection's other calls waiting, and perhaps
    /// more than once for a call.
    fn claims_at_hand(&self, _info: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
        None
    }

    /// Whether the mapper is asked only about calls with a token or a verified client certificate (Temporal's
    /// `ClaimMapperWithAuthInfoRequired`).
    fn auth_info_required(&self) -> bool {
        true
    }
}
