//! The plug-in that says whether a call may proceed.

use std::fmt;

use async_trait::async_trait;

use crate::{AuthorizeError, CallTarget, Claims, Decision, MethodInfo};

/// Judges one target: Temporal's `authorization.Authorizer`.
#[async_trait]
pub trait Authorizer: fmt::Debug + Send + Sync + 'static {
    /// The verdict on `target` for a caller with `claims`, or for nobody.
    ///
    /// # Errors
    /// There is no verdict. The call is denied.
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError>;

    /// The same without waiting, when nothing has to be waited for; `None` means that
    /// [`authorize`](Self::authorize) must be asked. Runs in the layer's `call`, where whatever takes long keeps the
    /// connection's other calls waiting, and perhaps more than once for a call.
    fn verdict_at_hand(
        &self,
        _claims: Option<&Claims>,
        _target: &CallTarget<'_>,
    ) -> Option<Result<Decision, AuthorizeError>> {
        None
    }

    /// Whether the verdict depends on the request's body. When it does not, the body is not read before the verdict,
    /// and the target has namespace "" and no request.
    fn needs_request(&self, claims: Option<&Claims>, _method: &MethodInfo) -> bool {
        claims.is_some()
    }
}
