//! Why a permission grants less than its author may think.

use std::fmt;

use temporal_authz::Escaped;

use super::SYSTEM_SCOPE;

/// A remark about one permission, or about all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint<'p> {
    /// The claim is absent.
    Missing { claim: &'p str },
    /// The claim is no list.
    NotAList { claim: &'p str },
    /// An element is no text.
    NotText,
    /// It does not have the form of a permission.
    NotAPermission(&'p str),
    /// The namespace is empty, which grants nothing.
    EmptyNamespace(&'p str),
    /// The role is none that Temporal knows.
    UnknownRole { permission: &'p str, role: &'p str },
    /// Spaces round the colon belong to the names.
    Spaces(&'p str),
    /// The scope of the whole system has another name.
    SystemScope(&'p str),
}

impl Hint<'_> {
    /// What can be remarked about a permission of this namespace and role.
    pub(crate) fn about<'p>(permission: &'p str, namespace: &'p str, role: &'p str) -> Option<Hint<'p>> {
        if namespace.trim() != namespace || role.trim() != role {
            Some(Hint::Spaces(permission))
        } else if temporal_authz::Role::from_permission(role).is_empty() {
            Some(Hint::UnknownRole { permission, role })
        } else if namespace != SYSTEM_SCOPE
            && (namespace.eq_ignore_ascii_case("system") || namespace.eq_ignore_ascii_case(SYSTEM_SCOPE))
        {
            Some(Hint::SystemScope(permission))
        } else {
            None
        }
    }
}

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { claim } => write!(f, "the claim \"{}\" is missing: nothing is granted", Escaped(claim)),
            Self::NotAList { claim } => write!(f, "the claim \"{}\" is no list: nothing is granted", Escaped(claim)),
            Self::NotText => f.write_str("an entry that is no text is ignored"),
            Self::NotAPermission(text) => {
                write!(f, "\"{}\" does not have the form of a permission and is ignored", Escaped(text))
            }
            Self::EmptyNamespace(text) => write!(f, "\"{}\" names no namespace and is ignored", Escaped(text)),
            Self::UnknownRole { permission, role } => write!(
                f,
                "\"{}\" grants nothing: \"{}\" is none of read, write, worker, admin",
                Escaped(permission),
                Escaped(role)
            ),
            Self::Spaces(text) => {
                write!(
                    f,
                    "\"{}\": spaces round the colon are part of the names, and grant nothing useful",
                    Escaped(text)
                )
            }
            Self::SystemScope(text) => write!(
                f,
                "\"{}\" grants in a namespace of that name: the scope of the whole system is {SYSTEM_SCOPE}",
                Escaped(text)
            ),
        }
    }
}
