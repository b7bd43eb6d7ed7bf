//! The JOSE header (RFC 7515 section 4). Its `jwk`, `jku`, `x5c` and `x5u` are not looked at: keys come from the operator.

use temporal_authz::{ClaimError, Escaped, Reason};
use temporal_key_provider::{
    Algorithm,
    strict_json::{Json, Members},
};

use crate::refusal::malformed;

/// Longest key id, in bytes.
const MAX_KID_BYTES: usize = 1024;

/// Refuses what changes the meaning of the token: an extension that must be understood (`crit`), an encrypted token
/// (`enc`, `zip`) and a token within a token (`cty`).
pub(crate) fn plain(header: &Members<'_>) -> Result<(), ClaimError> {
    for member in ["crit", "enc", "zip"] {
        if header.get(member).is_some() {
            return Err(malformed(format!("the header has \"{member}\"")));
        }
    }
    match header.get("cty").map(Json::as_str) {
        Some(None) => Err(malformed("cty is not text")),
        Some(Some(cty)) if same_media_type(cty, "JWT") => Err(malformed("a token within a token")),
        _ => Ok(()),
    }
}

/// The algorithm the token says it is signed with.
pub(crate) fn algorithm(header: &Members<'_>) -> Result<Algorithm, ClaimError> {
    let Some(name) = header.get("alg").and_then(Json::as_str) else {
        return Err(malformed("alg is missing or not text"));
    };
    name.parse().map_err(|_| {
        let detail = format!("alg \"{}\" is not supported", Escaped(name));
        ClaimError::rejected_with(Reason::UnsupportedAlgorithm, detail)
    })
}

/// What is asked of a key id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyIdRules {
    /// Whether a token without `kid` passes.
    pub(crate) may_be_missing: bool,
    /// Whether an empty `kid` is a key id like any other, as in the reference.
    pub(crate) may_be_empty: bool,
}

/// The id of the key the token says it is signed with.
pub(crate) fn key_id<'h>(header: &'h Members<'_>, rules: KeyIdRules) -> Result<Option<&'h str>, ClaimError> {
    match header.get("kid").map(Json::as_str) {
        None if rules.may_be_missing => Ok(None),
        None => Err(malformed("kid is missing")),
        Some(None) => Err(malformed("kid is not text")),
        Some(Some("")) if !rules.may_be_empty => Err(malformed("kid is empty")),
        Some(Some(kid)) if kid.len() > MAX_KID_BYTES => {
            Err(malformed(format!("kid of {} bytes, {MAX_KID_BYTES} are allowed", kid.len())))
        }
        Some(Some(kid)) => Ok(Some(kid)),
    }
}

/// The media type of the token, when it is text.
pub(crate) fn typ<'h>(header: &'h Members<'_>) -> Option<&'h str> {
    header.get("typ").and_then(Json::as_str)
}

/// Refuses a token whose `typ` is none of `accepted`; an empty list accepts all.
pub(crate) fn check_typ(typ: Option<&str>, accepted: &[String]) -> Result<(), ClaimError> {
    let found = typ.is_some_and(|typ| accepted.iter().any(|accepted| same_media_type(typ, accepted)));
    match typ {
        _ if found || accepted.is_empty() => Ok(()),
        Some(typ) => Err(malformed(format!("typ \"{}\" is not accepted", Escaped(typ)))),
        None => Err(malformed("typ is missing or not text")),
    }
}

/// Media types are compared in any case, and `application/` may be left out (RFC 7515 section 4.1.9).
fn same_media_type(one: &str, other: &str) -> bool {
    fn short(name: &str) -> &str {
        const PREFIX: &str = "application/";
        match name.split_at_checked(PREFIX.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
            _ => name,
        }
    }
    short(one).eq_ignore_ascii_case(short(other))
}
