//! Whom a token is for (`aud`, RFC 7519 section 4.1.3).

use temporal_authz::{ClaimError, Reason};
use temporal_key_provider::strict_json::{Json, Members};

/// The audiences that a token names: none when `aud` is absent, or is neither text nor a list of nothing but text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenAudience(Vec<String>);

impl TokenAudience {
    /// As golang-jwt's `MapClaims.VerifyAudience`: one element that is no text spoils the list.
    pub(crate) fn read(payload: &Members<'_>) -> Self {
        let names = match payload.get("aud") {
            Some(Json::Text(name)) => Some(vec![name.clone().into_owned()]),
            Some(Json::List(list)) => list.iter().map(|name| name.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        Self(names.unwrap_or_default())
    }

    /// What the names take in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().map(|name| name.len().saturating_add(32)).sum()
    }

    /// Whether the token is for this call. The call's own audience wins when it is not blank; with neither, `aud` is
    /// not looked at. Only the test for blank trims.
    #[inline]
    pub(crate) fn is_for(&self, call: &str, configured: &[String]) -> bool {
        if is_blank(call) {
            configured.is_empty() || configured.iter().any(|audience| self.0.contains(audience))
        } else {
            self.0.iter().any(|name| name == call)
        }
    }
}

/// Whether the text names no audience.
pub(crate) fn is_blank(audience: &str) -> bool {
    audience.trim().is_empty()
}

/// Refuses a token that is for somebody else.
pub(crate) fn check(token: &TokenAudience, call: &str, configured: &[String]) -> Result<(), ClaimError> {
    if token.is_for(call, configured) {
        return Ok(());
    }
    let detail = if token.0.is_empty() { "aud is missing or malformed" } else { "aud names others" };
    Err(ClaimError::rejected_with(Reason::WrongAudience, detail))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_audience_is_one_text_or_a_list_of_texts() {
        let configured = ["good".to_owned()];
        for (aud, expected) in [
            (json!("good"), true),
            (json!(["x", "good"]), true),
            (json!("Good"), false),
            (json!("good "), false),
            (json!(["x"]), false),
            (json!([]), false),
            (json!([""]), false),
            (json!([1, "good"]), false),
            (json!(42), false),
            (json!({}), false),
            (json!(null), false),
        ] {
            let payload = json!({ "aud": aud });
            let token = TokenAudience::read(&payload.as_object().unwrap().into());
            assert_eq!(token.is_for("", &configured), expected, "{aud}");
            assert!(token.is_for(" ", &[]), "{aud}");
        }
        assert!(!TokenAudience::read(&Members::default()).is_for("", &configured));
    }

    #[test]
    fn the_audience_of_the_call_wins_and_is_not_trimmed() {
        let token = TokenAudience(vec!["call".to_owned()]);
        let configured = ["mapper".to_owned()];
        assert!(token.is_for("call", &configured));
        assert!(!token.is_for(" call ", &configured));
        assert!(!token.is_for("  ", &configured));
        assert!(!TokenAudience(vec!["mapper".to_owned()]).is_for("call", &configured));
    }
}
