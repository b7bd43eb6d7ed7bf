//! The headers that tell a handler who is calling.

use http::{HeaderMap, HeaderName, HeaderValue, header::InvalidHeaderValue};
use temporal_authz::Principal;

use crate::observe;

const TYPE: HeaderName = HeaderName::from_static("temporal-principal-type");
const NAME: HeaderName = HeaderName::from_static("temporal-principal-name");

/// What a proxy says of the certificate that it saw. No proxy is trusted here, so it is a caller's word.
const FORWARDED_CERTIFICATE: HeaderName = HeaderName::from_static("x-forwarded-client-cert");

/// What only this side may write: an identity is computed here or nowhere.
pub(crate) static FORBIDDEN: [HeaderName; 3] = [TYPE, NAME, FORWARDED_CERTIFICATE];

/// Removes what a client wrote there.
pub(crate) fn strip(headers: &mut HeaderMap) {
    for name in &FORBIDDEN {
        headers.remove(name);
    }
}

/// Writes who is calling; an empty value is not written, as in the reference. A name that is no visible ASCII is
/// written as its UTF-8 bytes; one with control characters is left out.
pub(crate) fn set(headers: &mut HeaderMap, principal: &Principal) {
    for (header, text) in [(TYPE, principal.kind()), (NAME, principal.name())] {
        if text.is_empty() {
            continue;
        }
        match value(text) {
            Ok(value) => {
                headers.insert(header, value);
            }
            Err(_) => observe::unsendable_principal(text),
        }
    }
}

fn value(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    // How most callers are identified: nothing to copy.
    if text == "jwt" { Ok(HeaderValue::from_static("jwt")) } else { HeaderValue::from_bytes(text.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_written_as_far_as_headers_go() {
        for (name, expected) in
            [("alice", Some("alice".as_bytes())), ("", None), ("Zoë", Some("Zoë".as_bytes())), ("a\r\nx: y", None)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_CERTIFICATE, HeaderValue::from_static("Subject=\"CN=admin\""));
            set(&mut headers, &Principal::new("jwt", name));
            assert_eq!(headers.get(NAME).map(HeaderValue::as_bytes), expected, "{name:?}");
            assert_eq!(headers.get(TYPE).unwrap(), "jwt");
            strip(&mut headers);
            assert!(headers.is_empty());
        }
    }
}
