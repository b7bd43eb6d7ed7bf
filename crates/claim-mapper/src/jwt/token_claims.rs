//! The payload of a verified token, for those who want more than roles.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

/// The claims as they stand in a verified token: an extension of [`Claims`](temporal_authz::Claims), attached when
/// [`keep_token_claims`](crate::JwtClaimMapperBuilder::keep_token_claims) is on. Cheap to clone.
///
/// The signature vouches that the issuer wrote them, and for nothing else.
#[derive(Clone)]
pub struct TokenClaims(Arc<Map<String, Value>>);

impl TokenClaims {
    pub(super) fn new(payload: Map<String, Value>) -> Self {
        Self(Arc::new(payload))
    }

    /// The names of the claims, in no particular order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A claim that is one text, such as `email`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The texts of a claim that is one text or a list, such as `groups`; elements that are no text are left out.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let value = self.0.get(name);
        let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        value.and_then(Value::as_str).into_iter().chain(list.iter().filter_map(Value::as_str))
    }

    /// A claim that is true or false, such as `email_verified`.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// All claims, as one JSON object: for a parser of your own.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&*self.0).unwrap_or_default()
    }
}

// Claims are about people: only their names are shown.
impl fmt::Debug for TokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_read_by_their_form_and_shown_by_name_only() {
        let payload = json!({"email": "a@example.com", "groups": ["x", 1, "y"], "email_verified": true, "n": 1});
        let claims = TokenClaims::new(payload.as_object().unwrap().clone());
        assert_eq!(claims.text("email"), Some("a@example.com"));
        assert_eq!(claims.text("groups"), None);
        assert_eq!(claims.texts("groups").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(claims.texts("email").collect::<Vec<_>>(), ["a@example.com"]);
        assert_eq!(claims.texts("n").count() + claims.texts("absent").count(), 0);
        assert_eq!(claims.flag("email_verified"), Some(true));
        assert_eq!(claims.names().count(), 4);
        assert_eq!(serde_json::from_str::<Value>(&claims.to_json()).unwrap(), payload);
        assert!(!format!("{claims:?}").contains("example.com"));
    }
}
