//! What looks like a mistake in a permission. Only warnings: a server with a `permissionsRegex` may read any text.

/// Temporal's scope for the whole system.
const SYSTEM: &str = "temporal-system";
/// As Go's `default_jwt_claim_mapper.go`; any case.
const ROLES: [&str; 4] = ["read", "write", "worker", "admin"];

/// What Temporal's default grammar would not read as the writer seems to mean. Empty when there is nothing to say.
pub(super) fn warnings(permission: &str) -> Vec<String> {
    let Some((namespace, role)) = permission.split_once(':') else {
        return vec![format!("{permission:?} has no colon and grants nothing: write <namespace>:<role>")];
    };
    let mut found = Vec::new();
    if namespace.trim() != namespace || role.trim() != role {
        found.push(format!(
            "{permission:?} has spaces round the colon, which belong to the names: write \"{}:{}\"",
            namespace.trim(),
            role.trim()
        ));
    }
    let (namespace, role) = (namespace.trim(), role.trim());
    if namespace.is_empty() {
        found.push(format!("{permission:?} names no namespace"));
    }
    // The older documentation says `system`; the scope is compared exactly, case and all.
    if namespace == "system" || (namespace != SYSTEM && namespace.eq_ignore_ascii_case(SYSTEM)) {
        found.push(format!(
            "{permission:?} is about a namespace named {namespace:?}: the whole system is \"{SYSTEM}:{role}\""
        ));
    }
    if !ROLES.iter().any(|known| role.eq_ignore_ascii_case(known)) {
        found.push(format!("{permission:?} names no known role: the roles are {}", ROLES.join(", ")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_temporal_would_read_otherwise_is_warned_about() {
        let cases: [(&str, &[&str]); 11] = [
            ("default:read", &[]),
            ("default:ADMIN", &[]),
            ("temporal-system:worker", &[]),
            ("system:read", &["the whole system is \"temporal-system:read\""]),
            ("Temporal-System:read", &["the whole system is"]),
            ("default : read", &["write \"default:read\""]),
            ("default: read", &["spaces round the colon"]),
            ("default:reader", &["names no known role"]),
            ("default:", &["names no known role"]),
            (":read", &["names no namespace"]),
            ("default", &["has no colon"]),
        ];
        for (permission, expected) in cases {
            let found = warnings(permission);
            assert_eq!(found.len(), expected.len(), "{permission:?}: {found:?}");
            for (warning, part) in found.iter().zip(expected) {
                assert!(warning.contains(part), "{permission:?}: {warning}");
            }
        }
        assert_eq!(warnings("system : reader").len(), 3);
    }
}
