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
    /// The values of both headers; "" for one that is absent or empty.
    ///
    /// A header that stands twice is refused: the reference takes the first, and whoever reads the request after it may
    /// take the last.
    pub(crate) fn read<'h>(&self, headers: &'h HeaderMap, max_bytes: usize) -> Result<(&'h str, &'h str), Reason> {
        Ok((single(headers, &self.token, max_bytes)?, single(headers, &self.extra, max_bytes)?))
    }

    /// Removes both headers.
    pub(crate) fn remove(&self, headers: &mut HeaderMap) {
        headers.remove(&self.token);
        headers.remove(&self.extra);
    }
}

fn single<'h>(headers: &'h HeaderMap, name: &HeaderName, max_bytes: usize) -> Result<&'h str, Reason> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok("") };
    if values.next().is_some() {
        return Err(Reason::DuplicateCredentials);
    }
    if value.len() > max_bytes {
        return Err(Reason::MalformedCredentials);
    }
    // A header value holds visible ASCII, spaces, tabs and bytes that are not ASCII (RFC 9110 section 5.5).
    std::str::from_utf8(value.as_bytes()).ok().filter(|text| text.is_ascii()).ok_or(Reason::MalformedCredentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_header_stands_once_and_is_visible_ascii() {
        let long = "x".repeat(33);
        for (values, expected) in [
            (vec![], Ok("")),
            (vec![b"".as_slice()], Ok("")),
            (vec![b"Bearer a.b.c"], Ok("Bearer a.b.c")),
            (vec![b"Bearer a", b"Bearer b"], Err(Reason::DuplicateCredentials)),
            (vec![b"Bearer a", b"Bearer a"], Err(Reason::DuplicateCredentials)),
            (vec![b"", b"Bearer a"], Err(Reason::DuplicateCredentials)),
            (vec![b"Bearer \xc3\xa9"], Err(Reason::MalformedCredentials)),
            (vec![long.as_bytes()], Err(Reason::MalformedCredentials)),
        ] {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append("authorization", http::HeaderValue::from_bytes(value).unwrap());
            }
            let read = CredentialHeaders::default().read(&headers, 32);
            assert_eq!(read.map(|(token, _)| token), expected, "{values:?}");
        }
    }
}
