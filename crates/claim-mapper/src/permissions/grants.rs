//! From the list in a token to roles.

use temporal_authz::{ClaimError, ClaimsBuilder, Role};
use temporal_key_provider::strict_json::{Json, Members};

use super::{Grammar, Hint, SYSTEM_SCOPE};
use crate::refusal::invalid;

/// How permissions are read.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) claim_name: String,
    pub(crate) grammar: Grammar,
    pub(crate) max: usize,
    /// Whether a permission without a namespace grants in the namespace "", as in the reference.
    pub(crate) empty_namespace_grants: bool,
}

/// Adds what the token's permissions grant, and tells how many entries were ignored. `remark` hears of entries that
/// grant less than their author may think.
///
/// As Temporal's `defaultJWTClaimMapper.extractPermissions`: a claim that is no list grants nothing, an entry that is no
/// permission is skipped, an unknown role still names its namespace, and several entries of one namespace add up.
///
/// # Errors
/// More entries than allowed.
pub(crate) fn grant(
    payload: &Members<'_>,
    rules: &Rules,
    mut claims: ClaimsBuilder,
    mut remark: impl FnMut(Hint<'_>),
) -> Result<(ClaimsBuilder, usize), ClaimError> {
    let claim = rules.claim_name.as_str();
    let entries = match payload.get(claim) {
        Some(Json::List(entries)) => entries.as_slice(),
        Some(_) => {
            remark(Hint::NotAList { claim });
            &[]
        }
        None => {
            remark(Hint::Missing { claim });
            &[]
        }
    };
    if entries.len() > rules.max {
        return Err(invalid(format!("{} permissions, {} are allowed", entries.len(), rules.max)));
    }
    let mut ignored = 0_usize;
    for entry in entries {
        match read(entry, rules) {
            Ok((permission, namespace, role)) => {
                if let Some(hint) = Hint::about(permission, namespace, role) {
                    remark(hint);
                }
                let role = Role::from_permission(role);
                claims =
                    if namespace == SYSTEM_SCOPE { claims.system(role) } else { claims.namespace(namespace, role) };
            }
            Err(hint) => {
                remark(hint);
                ignored = ignored.saturating_add(1);
            }
        }
    }
    Ok((claims, ignored))
}

fn read<'p>(entry: &'p Json<'_>, rules: &Rules) -> Result<(&'p str, &'p str, &'p str), Hint<'p>> {
    let permission = entry.as_str().ok_or(Hint::NotText)?;
    let (namespace, role) = rules.grammar.split(permission).ok_or(Hint::NotAPermission(permission))?;
    if namespace.is_empty() && !rules.empty_namespace_grants {
        return Err(Hint::EmptyNamespace(permission));
    }
    Ok((permission, namespace, role))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use temporal_authz::Claims;

    use super::*;

    fn rules() -> Rules {
        Rules { claim_name: "permissions".to_owned(), grammar: Grammar::Colon, max: 100, empty_namespace_grants: false }
    }

    fn granted(permissions: Value, rules: &Rules) -> (Claims, usize, Vec<String>) {
        let payload = json!({ "permissions": permissions });
        let mut hints = Vec::new();
        let remark = |hint: Hint<'_>| hints.push(hint.to_string());
        let (claims, ignored) =
            grant(&payload.as_object().unwrap().into(), rules, Claims::builder("jwt", "alice"), remark).unwrap();
        (claims.build().unwrap(), ignored, hints)
    }

    #[test]
    fn entries_add_up_and_odd_ones_are_counted() {
        let list = json!(["a:read", "a:worker", "b:ADMIN", "c:owner", "temporal-system:write", "nocolon", 7, ":admin"]);
        let (claims, ignored, _) = granted(list.clone(), &rules());
        assert_eq!(claims.namespace("a"), Role::READER | Role::WORKER);
        assert_eq!(claims.namespace("b"), Role::ADMIN);
        assert_eq!(claims.system(), Role::WRITER);
        assert_eq!(claims.namespace(""), Role::empty());
        let mut names: Vec<_> = claims.namespaces().map(|(name, _)| name.to_owned()).collect();
        names.sort();
        assert_eq!(names, ["a", "b", "c"], "an unknown role names its namespace");
        assert_eq!(ignored, 3);

        let (claims, ignored, _) = granted(list, &Rules { empty_namespace_grants: true, ..rules() });
        assert_eq!((claims.namespace(""), ignored), (Role::ADMIN, 2));
    }

    #[test]
    fn what_is_no_list_grants_nothing() {
        for value in [json!("a:read"), json!({"a": "read"}), json!(null), json!(1), json!([]), json!([1, {}, null])] {
            let (claims, ..) = granted(value.clone(), &rules());
            assert_eq!((claims.system(), claims.namespaces().count()), (Role::empty(), 0), "{value}");
        }
    }

    #[test]
    fn the_number_of_entries_is_bounded() {
        let many = |count: usize| json!({ "permissions": vec!["a:read"; count] });
        for (count, good) in [(100, true), (101, false)] {
            let outcome =
                grant(&many(count).as_object().unwrap().into(), &rules(), Claims::builder("jwt", "a"), |_| {});
            assert_eq!(outcome.is_ok(), good, "{count}");
        }
    }

    #[test]
    fn hints_tell_what_the_documents_get_wrong() {
        for (permission, part) in [
            ("system:read", "scope of the whole system is temporal-system"),
            ("TEMPORAL-SYSTEM:admin", "scope of the whole system is temporal-system"),
            ("default : read", "spaces round the colon"),
            ("default: read", "spaces round the colon"),
            ("default:reader", "none of read, write, worker, admin"),
            ("temporal-system:", "none of read, write, worker, admin"),
            (":admin", "names no namespace"),
            ("default", "does not have the form"),
        ] {
            let (_, _, hints) = granted(json!([permission]), &rules());
            assert!(hints.len() == 1 && hints[0].contains(part), "{permission}: {hints:?}");
        }
        assert!(granted(json!(["default:read", "temporal-system:admin"]), &rules()).2.is_empty());
    }
}
