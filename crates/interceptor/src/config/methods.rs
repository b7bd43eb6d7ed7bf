//! `gateway.authorization.methods`: methods that a newer server, or another service, has.

use temporal_authz::{Access, MethodInfo, MethodTable, MethodTableBuilder, Scope};

use super::{problems::Problems, raw};

pub(super) fn read(problems: &mut Problems<'_>, raw: Vec<raw::Method>) -> MethodTable {
    let mut table: MethodTableBuilder = MethodTable::builder();
    for (index, raw) in raw.into_iter().enumerate() {
        let at = format!("gateway.authorization.methods[{index}]");
        let Some(method) = method(problems, &at, raw) else { continue };
        match table.clone().method(method) {
            Ok(longer) => table = longer,
            Err(error) => problems.error(&format!("{at}.path"), error.to_string()),
        }
    }
    table.build()
}

fn method(problems: &mut Problems<'_>, at: &str, raw: raw::Method) -> Option<MethodInfo> {
    let scopes = [("cluster", Scope::Cluster), ("namespace", Scope::Namespace)];
    let accesses = [("readOnly", Access::ReadOnly), ("write", Access::Write), ("admin", Access::Admin)];
    for (name, missing) in
        [("path", raw.path.is_none()), ("scope", raw.scope.is_none()), ("access", raw.access.is_none())]
    {
        if missing {
            problems.error(&format!("{at}.{name}"), "is missing");
        }
    }
    let scope = problems.word(&format!("{at}.scope"), raw.scope.as_deref(), &scopes, Scope::Unknown);
    let access = problems.word(&format!("{at}.access"), raw.access.as_deref(), &accesses, Access::Admin);
    let path = raw.path?;
    let streaming = raw.streaming.unwrap_or_default();
    let field = raw.namespace_field.filter(|number| !(1..=MAX_FIELD).contains(number) || streaming);
    if let Some(number) = field {
        let reason = if (1..=MAX_FIELD).contains(&number) {
            "has no effect: a streaming method is judged before its first message".to_owned()
        } else {
            format!("a field number is 1 to {MAX_FIELD}")
        };
        problems.error(&format!("{at}.namespaceField"), reason);
    }
    let method =
        if streaming { MethodInfo::streaming(path, scope, access) } else { MethodInfo::unary(path, scope, access) };
    Some(match raw.namespace_field {
        Some(number) => method.with_namespace_field(number),
        None => method,
    })
}

/// protobuf's highest field number, 2^29 - 1.
const MAX_FIELD: u32 = 536_870_911;
