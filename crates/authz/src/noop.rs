//! The plug-ins that let everybody in. They say so when they are made.

use async_trait::async_trait;

use crate::{
    AuthInfo, AuthorizeError, Authorizer, CallTarget, ClaimError, ClaimMapper, Claims, Decision, MethodInfo, observe,
};

/// Allows every call, as Temporal's `noopAuthorizer`.
#[derive(Debug)]
pub struct NoopAuthorizer(());

impl NoopAuthorizer {
    /// An authorizer that allows everything; it logs a warning that it does.
    pub fn allow_everyone() -> Self {
        observe::everyone_is_let_in("authorizer");
        Self(())
    }
}

#[async_trait]
impl Authorizer for NoopAuthorizer {
    async fn authorize(&self, _: Option<&Claims>, _: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        Ok(Decision::allow())
    }

    fn needs_request(&self, _: Option<&Claims>, _: &MethodInfo) -> bool {
        false
    }
}

/// Makes everybody system admin, credentials or none, as Temporal's `noopClaimMapper`.
#[derive(Debug)]
pub struct NoopClaimMapper(Claims);

impl NoopClaimMapper {
    /// A mapper that trusts everybody; it logs a warning that it does.
    pub fn everyone_is_admin() -> Self {
        observe::everyone_is_let_in("claim mapper");
        Self(Claims::system_admin())
    }
}

#[async_trait]
impl ClaimMapper for NoopClaimMapper {
    async fn get_claims(&self, _: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        Ok(Some(self.0.clone()))
    }

    fn auth_info_required(&self) -> bool {
        false
    }
}
