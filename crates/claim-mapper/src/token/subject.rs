//! Who the token speaks of (`sub`, RFC 7519 section 4.1.2).

use temporal_authz::{ClaimError, Reason};
use temporal_key_provider::strict_json::{Json, Members};

/// Longest subject that the strict profile takes, in bytes.
const MAX_BYTES: usize = 1024;

/// Names that Temporal keeps for itself.
const RESERVED: [&str; 2] = ["temporal", "internal"];

/// The subject, which must be there and be text; `strict` also asks for a printable, unreserved name.
pub(crate) fn check<'p>(payload: &'p Members<'_>, strict: bool) -> Result<&'p str, ClaimError> {
    let refused = |detail: &str| Err(ClaimError::rejected_with(Reason::InvalidSubject, detail));
    match payload.get("sub").map(Json::as_str) {
        None => refused("sub is missing: Temporal refuses a token without a subject"),
        Some(None) => refused("sub is not text"),
        Some(Some("")) if strict => refused("sub is empty"),
        Some(Some(sub)) if strict && sub.len() > MAX_BYTES => refused("sub is longer than 1024 bytes"),
        Some(Some(sub)) if strict && has_control_characters(sub) => refused("sub has control characters"),
        Some(Some(sub)) if strict && RESERVED.contains(&sub) => refused("sub is a name that Temporal reserves"),
        Some(Some(sub)) => Ok(sub),
    }
}

/// Most names are ASCII, whose characters need not be told apart first, and have none: read to their end, many at once.
fn has_control_characters(name: &str) -> bool {
    if name.is_ascii() {
        name.bytes().fold(false, |any, byte| any | byte.is_ascii_control())
    } else {
        name.chars().any(char::is_control)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_reference_takes_any_text_and_strict_takes_names() {
        let long = "x".repeat(10 * 1024);
        for (sub, temporal, strict) in [
            (json!("alice"), true, true),
            (json!("日本"), true, true),
            (json!(""), true, false),
            (json!("a\nb"), true, false),
            (json!("a\u{7f}"), true, false),
            (json!("日\n本"), true, false),
            (json!("a\u{85}b"), true, false),
            (json!("temporal"), true, false),
            (json!("internal"), true, false),
            (json!(long), true, false),
            (json!(7), false, false),
            (json!(null), false, false),
            (json!(["alice"]), false, false),
        ] {
            let payload = json!({ "sub": sub });
            let payload = Members::from(payload.as_object().unwrap());
            assert_eq!(check(&payload, false).is_ok(), temporal, "{sub}");
            assert_eq!(check(&payload, true).is_ok(), strict, "{sub}");
        }
        assert!(check(&Members::default(), false).is_err());
    }
}
