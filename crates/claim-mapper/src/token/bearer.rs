//! The value of the token header.

use temporal_authz::ClaimError;

use crate::refusal::malformed;

/// As nearly everybody writes it.
const SCHEME: &[u8] = b"Bearer ";

/// The token in the header's `value`: what follows the scheme and one space, untrimmed.
///
/// As Temporal's `defaultJWTClaimMapper.GetClaims`: cut at the first space into two, the first of which is `bearer` in
/// any case. A second space stays with the token and spoils its base64.
#[inline]
pub(crate) fn token(value: &[u8], max_bytes: usize) -> Result<&[u8], ClaimError> {
    if value.len() > max_bytes {
        return Err(malformed(format!("{} bytes, {max_bytes} are allowed", value.len())));
    }
    match value.split_at_checked(SCHEME.len()) {
        Some((scheme, token)) if scheme == SCHEME || scheme.eq_ignore_ascii_case(SCHEME) => Ok(token),
        _ if value.contains(&b' ') => Err(malformed("the scheme is not Bearer")),
        _ => Err(malformed("not a scheme and a token")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_bearer_in_any_case_and_one_space() {
        for (value, expected) in [
            ("Bearer a.b.c", Some("a.b.c")),
            ("bearer x", Some("x")),
            ("BEARER x", Some("x")),
            ("Bearer  x", Some(" x")),
            ("Bearer x ", Some("x ")),
            ("Bearer ", Some("")),
            ("Bearer", None),
            ("", None),
            (" ", None),
            (" Bearer x", None),
            ("Bearer\tx", None),
            ("Bearer\u{a0}x", None),
            ("Basic x", None),
            ("Bearerx y", None),
            ("x", None),
        ] {
            assert_eq!(token(value.as_bytes(), 100).ok(), expected.map(str::as_bytes), "{value:?}");
        }
    }

    #[test]
    fn the_length_limit_is_exact() {
        assert!(token(b"Bearer x", 8).is_ok());
        assert!(token(b"Bearer x", 7).is_err());
    }
}
