//! The compact serialization of a signed token (RFC 7515 section 7.1).

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use std::sync::LazyLock;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use base64::engine::simd::Simd;
use base64::{Engine as _, engine::general_purpose};
use memchr::memchr_iter;
use temporal_authz::ClaimError;
use temporal_key_provider::strict_json::{self, Json, Members};

use crate::refusal::malformed;

/// How deep arrays and objects may be nested in a header or a payload.
const MAX_DEPTH: u8 = 64;

/// A token in its three parts, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'t> {
    pub(crate) header: &'t [u8],
    pub(crate) payload: &'t [u8],
    pub(crate) signature: &'t [u8],
    /// What is signed: header and payload with the dot between them.
    pub(crate) message: &'t [u8],
}

/// Cuts the token at its dots, of which there are exactly two, into parts of which none is empty. Nothing is allocated,
/// however many dots there are.
pub(crate) fn split(token: &[u8]) -> Result<Compact<'_>, ClaimError> {
    let mut dots = memchr_iter(b'.', token);
    let parts = match (dots.next(), dots.next(), dots.next()) {
        (Some(first), Some(second), None) => cut(token, first, second),
        _ => None,
    };
    let parts = parts.ok_or_else(|| malformed("not three parts: a signed token has exactly two dots"))?;
    let named = [("header", parts.header), ("payload", parts.payload), ("signature", parts.signature)];
    match named.iter().find(|(_, part)| part.is_empty()) {
        Some((name, _)) => Err(malformed(format!("the {name} is empty"))),
        None => Ok(parts),
    }
}

fn cut(token: &[u8], first: usize, second: usize) -> Option<Compact<'_>> {
    let (message, signature) = token.split_at_checked(second)?;
    let (header, payload) = message.split_at_checked(first)?;
    Some(Compact { header, payload: payload.get(1..)?, signature: signature.get(1..)?, message })
}

/// Takes many characters at once where the processor can.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static BASE64: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(general_purpose::NO_PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static BASE64: general_purpose::GeneralPurpose = general_purpose::URL_SAFE_NO_PAD;

/// Decodes one part. Base64 is canonical (no padding, no white space, no stray bits), so that a token has one form.
pub(crate) fn decode(name: &str, part: &[u8]) -> Result<Vec<u8>, ClaimError> {
    BASE64.decode(part).map_err(|_| malformed(format!("the {name} is not canonical base64url")))
}

/// Where header and payload lie decoded, for what is read from them.
#[derive(Default)]
pub(crate) struct Texts {
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

/// Decodes a part that holds a JSON object, into `text`.
pub(crate) fn object<'t>(name: &str, part: &[u8], text: &'t mut Vec<u8>) -> Result<Members<'t>, ClaimError> {
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
    fn a_token_has_exactly_two_dots_and_three_parts() {
        let parts = split(b"a.b.c").unwrap();
        let expected = (&b"a"[..], &b"b"[..], &b"c"[..], &b"a.b"[..]);
        assert_eq!((parts.header, parts.payload, parts.signature, parts.message), expected);
        for token in ["", "..", ".b.c", "a..c", "a.b.", "a", "a.b", ".", "a.b.c.d", "a.b.c.d.e", &".".repeat(100_000)] {
            assert!(split(token.as_bytes()).is_err(), "{:?}", token.get(..9));
        }
    }

    #[test]
    fn base64_is_canonical() {
        assert_eq!(decode("payload", b"e30").unwrap(), b"{}");
        for part in ["e30=", "e31", "e3 0", "e30\n", "+/+/", "e", "e30\u{e9}"] {
            assert!(decode("payload", part.as_bytes()).is_err(), "{part:?}");
        }
    }

    /// The decoder takes many characters at once, and a few at the end one by one: each length, each place, each byte.
    #[test]
    fn base64_is_what_a_decoder_that_takes_one_character_after_another_reads() {
        let plain = general_purpose::URL_SAFE_NO_PAD;
        let expected = |part: &[u8]| plain.decode(part).ok();
        for length in 0..76_u8 {
            let bytes: Vec<_> = (0..length).map(|at| at.wrapping_mul(199).wrapping_add(length)).collect();
            let mut part = plain.encode(&bytes).into_bytes();
            assert_eq!(decode("payload", &part).ok(), Some(bytes), "{length}");
            for cut in part.len().saturating_sub(5)..part.len() {
                let part = &part[..cut];
                assert_eq!(decode("payload", part).ok(), expected(part), "{cut} characters of {length} bytes");
            }
            for at in 0..part.len() {
                let good = part[at];
                for byte in 0..=u8::MAX {
                    part[at] = byte;
                    assert_eq!(decode("payload", &part).ok(), expected(&part), "{byte} at {at} of {length} bytes");
                }
                part[at] = good;
            }
        }
    }
}
