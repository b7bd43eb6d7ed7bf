//! The compact serialization of a signed token (RFC 7515 section 7.1).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use temporal_authz::ClaimError;
use temporal_key_provider::strict_json::{self, Json, Members};

use crate::refusal::malformed;

/// How deep arrays and objects may be nested in a header or a payload.
const MAX_DEPTH: u8 = 64;

/// A token in its three parts, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'t> {
    pub(crate) header: &'t str,
    pub(crate) payload: &'t str,
    pub(crate) signature: &'t str,
    /// What is signed: header and payload with the dot between them.
    pub(crate) message: &'t str,
}

/// Cuts the token at its dots, of which there are exactly two. Nothing is allocated, however many there are.
pub(crate) fn split(token: &str) -> Result<Compact<'_>, ClaimError> {
    let parts = token.rsplit_once('.').and_then(|(message, signature)| {
        let (header, payload) = message.split_once('.')?;
        Some(Compact { header, payload, signature, message })
    });
    match parts {
        Some(parts) if !parts.payload.contains('.') => Ok(parts),
        _ => Err(malformed("not three parts: a signed token has exactly two dots")),
    }
}

/// Decodes one part. Base64 is canonical (no padding, no white space, no stray bits), so that a token has one form.
pub(crate) fn decode(name: &str, part: &str) -> Result<Vec<u8>, ClaimError> {
    if part.is_empty() {
        return Err(malformed(format!("the {name} is empty")));
    }
    URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed(format!("the {name} is not canonical base64url")))
}

/// Where header and payload lie decoded, for what is read from them.
#[derive(Default)]
pub(crate) struct Texts {
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

/// Decodes a part that holds a JSON object, into `text`.
pub(crate) fn object<'t>(name: &str, part: &str, text: &'t mut Vec<u8>) -> Result<Members<'t>, ClaimError> {
    *text = decode(name, part)?;
    match strict_json::borrowed(text, text.len(), MAX_DEPTH) {
        Ok(Json::Object(members)) => Ok(members),
        Ok(_) => Err(malformed(format!("the {name} is not a JSON object"))),
        Err(error) => Err(malformed(format!("the {name} is not one JSON document: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_exactly_two_dots() {
        let parts = split("a.b.c").unwrap();
        assert_eq!((parts.header, parts.payload, parts.signature, parts.message), ("a", "b", "c", "a.b"));
        assert!(split("..").is_ok(), "empty parts are the decoder's to refuse");
        for token in ["", "a", "a.b", ".", "a.b.c.d", "a.b.c.d.e", &".".repeat(100_000)] {
            assert!(split(token).is_err(), "{:?}", token.get(..9));
        }
    }

    #[test]
    fn base64_is_canonical() {
        assert_eq!(decode("payload", "e30").unwrap(), b"{}");
        for part in ["", "e30=", "e31", "e3 0", "e30\n", "+/+/", "e"] {
            assert!(decode("payload", part).is_err(), "{part:?}");
        }
    }
}
