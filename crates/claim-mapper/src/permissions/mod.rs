//! Permissions: texts such as `default:write`, and the roles that they grant.

mod go_syntax;
mod grammar;
mod grants;
mod hint;

pub(crate) use grammar::{Grammar, GrammarError};
pub(crate) use grants::{Rules, grant};
pub(crate) use hint::Hint;

/// The scope that grants in the whole system. Case-sensitive, as Temporal's `permissionScopeSystem`.
pub(crate) const SYSTEM_SCOPE: &str = "temporal-system";
