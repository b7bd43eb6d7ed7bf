//! The credentials of a call, as its headers carry them.

use http::{HeaderMap, HeaderName};
use temporal_authz::Reason;

/// Which headers carry credentials.
#[derive(Debug, Clone)]
pub(crate) struct CredentialHeaders {
    pub(crate) token: HeaderName,
    pub(crate) extra: HeaderName,
}

impl Default for CredentialHeaders {
    fn default() -> Self {
        Self { token: http::header::AUTHORIZATION, extra: HeaderName::from_static("authorization-extras") }
    }
}

impl CredentialHeaders {
    /// The values of both headers, as they came; empty for one that is absent.
    ///
    /// A header that stands twice is refused: the reference takes the first, and whoever reads the request after it may
    /// take the last. A header value holds visible ASCII, spaces, tabs and bytes that are not ASCII (RFC 9110 section 5.5);
    /// the last are refused in the extra header here, and in the token where the caller is looked at.
    pub(crate) fn read<'h>(&self, headers: &'h HeaderMap, max_bytes: usize) -> Result<(&'h [u8], &'h str), Reason> {
        let (mut token, mut extra) = (None, None);
        // There are few, and each look-up by name would hash.
        for (name, value) in headers {
            for (wanted, found) in [(&self.token, &mut token), (&self.extra, &mut extra)] {
                if name == wanted && found.replace(value.as_bytes()).is_some() {
                    return Err(Reason::DuplicateCredentials);
                }
            }
        }
        if token.iter().chain(&extra).any(|value| value.len() > max_bytes) {
            return Err(Reason::MalformedCredentials);
        }
        let extra = std::str::from_utf8(extra.unwrap_or_default()).ok().filter(|extra| extra.is_ascii());
        Ok((token.unwrap_or_default(), extra.ok_or(Reason::MalformedCredentials)?))
    }

    /// Removes both headers.
    pub(crate) fn remove(&self, headers: &mut HeaderMap) {
        headers.remove(&self.token);
        // Seldom there: to look is cheaper than to remove.
        if headers.keys().any(|name| *name == self.extra) {
            headers.remove(&self.extra);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_header_stands_once_and_is_not_long() {
        let long = "x".repeat(33);
        let (duplicate, malformed) = (Reason::DuplicateCredentials, Reason::MalformedCredentials);
        // As the token's header, and as the extra one.
        for (values, token, extra) in [
            (vec![], Ok(b"".as_slice()), Ok("")),
            (vec![b"".as_slice()], Ok(b""), Ok("")),
            (vec![b"Bearer a.b.c"], Ok(b"Bearer a.b.c"), Ok("Bearer a.b.c")),
            (vec![b"Bearer a", b"Bearer b"], Err(duplicate), Err(duplicate)),
            (vec![b"Bearer a", b"Bearer a"], Err(duplicate), Err(duplicate)),
            (vec![b"", b"Bearer a"], Err(duplicate), Err(duplicate)),
            (vec![b"Bearer \xc3\xa9"], Ok(b"Bearer \xc3\xa9"), Err(malformed)),
            (vec![b"Bearer \xff"], Ok(b"Bearer \xff"), Err(malformed)),
            (vec![long.as_bytes()], Err(malformed), Err(malformed)),
            (vec![long.as_bytes(), b"Bearer a"], Err(duplicate), Err(duplicate)),
        ] {
            let read = |name: &'static str| {
                let mut headers = HeaderMap::new();
                headers.insert("x-else", http::HeaderValue::from_static("else"));
                for value in &values {
                    headers.append(name, http::HeaderValue::from_bytes(value).unwrap());
                }
                let read = CredentialHeaders::default().read(&headers, 32);
                read.map(|(token, extra)| (token.to_owned(), extra.to_owned()))
            };
            assert_eq!(read("authorization"), token.map(|token| (token.to_owned(), String::new())), "{values:?}");
            assert_eq!(read("authorization-extras"), extra.map(|extra| (Vec::new(), extra.to_owned())), "{values:?}");
        }
    }
}
