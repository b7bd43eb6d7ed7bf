//! Roles in words.

use temporal_authz::{Claims, Escaped, MethodInfo, Principal, Role, Scope};

use crate::methods::role_name;

/// Most namespaces that are listed.
const LISTED: usize = 10;

/// Who is calling, and what it holds.
pub(super) fn caller(claims: &Claims) -> String {
    let mut held: Vec<(&str, Role)> = claims.namespaces().collect();
    held.sort_unstable_by_key(|(namespace, _)| *namespace);
    let more = held.len().saturating_sub(LISTED);
    held.truncate(LISTED);
    let mut words = vec![format!("{} in the system", role_name(claims.system()))];
    words.extend(held.iter().map(|(namespace, role)| format!("{} in {}", role_name(*role), quoted(namespace))));
    if more > 0 {
        words.push(format!("and roles in {more} more namespaces"));
    }
    format!("{}: {}", principal(claims.principal()), words.join(", "))
}

/// What the method asks for, and what the caller holds of it.
pub(super) fn comparison(claims: &Claims, method: &MethodInfo, namespace: &str) -> String {
    let required = role_name(method.access().required_role());
    let (system, in_namespace) = (role_name(claims.system()), role_name(claims.namespace(namespace)));
    if method.scope() == Scope::Namespace && !namespace.is_empty() {
        let namespace = quoted(namespace);
        format!(
            "{required} is required in namespace {namespace} or in the system; held are {in_namespace} in {namespace} and \
             {system} in the system"
        )
    } else {
        format!("{required} is required in the system; held is {system} in the system")
    }
}

/// A remark for a caller that has a role in a namespace whose name differs in case alone.
pub(super) fn other_case(claims: &Claims, namespace: &str) -> Option<String> {
    let other = claims.namespaces().map(|(name, _)| name);
    let mut other = other.filter(|name| *name != namespace && name.to_lowercase() == namespace.to_lowercase());
    other.next().map(|name| format!("namespaces are compared exactly: a role is held in {}", quoted(name)))
}

/// `jwt "alice"`.
pub(super) fn principal(principal: &Principal) -> String {
    format!("{} {}", Escaped(principal.kind()), quoted(principal.name()))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", Escaped(text))
}
