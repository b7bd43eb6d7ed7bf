//! Temporal's own rule.

use async_trait::async_trait;

use crate::{AuthorizeError, Authorizer, CallTarget, Claims, Decision, MethodInfo, Reason, Scope};

/// The methods that everybody may call, with claims or without.
const OPEN: [&str; 2] =
    ["/grpc.health.v1.Health/Check", "/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo"];

/// Judges by roles alone, as Temporal's `defaultAuthorizer`: the role that the method's access asks for must be held in
/// the system, or for a method of namespace scope in the request's namespace. The highest bit held decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct DefaultAuthorizer;

impl DefaultAuthorizer {
    /// The default authorizer. It has nothing to configure.
    pub fn new() -> Self {
        Self
    }

    /// The verdict, which needs nothing but its arguments. Who is allowed is allowed as the principal of the call's claims: who
    /// judges by others answers with [`Decision::allow_as`].
    pub fn judge(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Decision {
        if OPEN.contains(&target.api_name()) {
            return Decision::allow();
        }
        let Some(claims) = claims else { return Decision::deny(Reason::NoClaims) };
        let held = match target.method().scope() {
            Scope::Cluster => claims.system(),
            Scope::Namespace => claims.system() | claims.namespace(target.namespace()),
            Scope::Unknown => return Decision::deny(Reason::UnknownMethod),
        };
        if held.covers(target.method().access().required_role()) {
            Decision::allow_as_claimed()
        } else {
            Decision::deny(Reason::InsufficientRole)
        }
    }
}

#[async_trait]
impl Authorizer for DefaultAuthorizer {
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        Ok(self.judge(claims, target))
    }

    fn verdict_at_hand(
        &self,
        claims: Option<&Claims>,
        target: &CallTarget<'_>,
    ) -> Option<Result<Decision, AuthorizeError>> {
        Some(Ok(self.judge(claims, target)))
    }

    /// True for namespace scope, even where a system role suffices: a malformed body is refused for everybody. A caller
    /// without any role is denied whatever it sends, so nothing of it is held.
    fn needs_request(&self, claims: Option<&Claims>, method: &MethodInfo) -> bool {
        claims.is_some_and(has_a_role) && method.scope() == Scope::Namespace && !OPEN.contains(&method.path())
    }
}

fn has_a_role(claims: &Claims) -> bool {
    !claims.system().is_empty() || claims.namespaces().any(|(_, role)| !role.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MethodTable, Role};

    fn judge(claims: Option<&Claims>, path: &str, namespace: &str) -> Result<(), Reason> {
        let table = MethodTable::temporal();
        let target = CallTarget::new(path, table.find(path)).with_namespace(namespace);
        match DefaultAuthorizer.judge(claims, &target) {
            Decision::Allow(_) => Ok(()),
            Decision::Deny(deny) => Err(deny.reason()),
        }
    }

    #[test]
    fn a_denial_says_why() {
        let start = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
        let list = "/temporal.api.workflowservice.v1.WorkflowService/ListNamespaces";
        let writer = Claims::builder("jwt", "a").namespace("default", Role::WRITER).build().unwrap();
        for (claims, path, namespace, expected) in [
            (None, start, "default", Err(Reason::NoClaims)),
            (None, OPEN[0], "", Ok(())),
            (None, "/grpc.health.v1.Health/Watch", "", Err(Reason::NoClaims)),
            (Some(&writer), "/grpc.health.v1.Health/Watch", "", Err(Reason::UnknownMethod)),
            (Some(&writer), start, "default", Ok(())),
            (Some(&writer), start, "Default", Err(Reason::InsufficientRole)),
            (Some(&writer), start, "", Err(Reason::InsufficientRole)),
            (Some(&writer), list, "default", Err(Reason::InsufficientRole)),
        ] {
            assert_eq!(judge(claims, path, namespace), expected, "{path} in {namespace:?}");
        }
    }

    #[test]
    fn the_open_methods_have_no_principal() {
        let admin = Claims::builder("jwt", "a").system(Role::ADMIN).build().unwrap();
        let table = MethodTable::temporal();
        for path in OPEN {
            let target = CallTarget::new(path, table.find(path));
            assert_eq!(DefaultAuthorizer.judge(Some(&admin), &target), Decision::allow());
        }
    }
}
