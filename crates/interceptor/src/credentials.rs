//! The credentials of a call, as its headers carry them.

use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use temporal_authz::Reason;

use crate::principal;

/// Which headers carry credentials.
#[derive(Debug, Clone)]
pub(crate) struct CredentialHeaders {
    token: HeaderName,
    extra: HeaderName,
    /// How long the names are that a look is for, modulo 64: nearly all others are passed over by it.
    lengths: u64,
}

impl Default for CredentialHeaders {
    fn default() -> Self {
        Self::new(http::header::AUTHORIZATION, HeaderName::from_static("authorization-extras"))
    }
}

/// What one look at the headers of a call finds: there are few, and to look each up by its name would hash.
#[derive(Debug, Default)]
pub(crate) struct Look<'h> {
    content_type: Option<&'h HeaderValue>,
    token: Option<&'h HeaderValue>,
    extra: Option<&'h HeaderValue>,
    is_twice: bool,
    is_forged: bool,
}

impl CredentialHeaders {
    fn new(token: HeaderName, extra: HeaderName) -> Self {
        let names = [&token, &extra, &CONTENT_TYPE].into_iter().chain(&principal::FORBIDDEN);
        let lengths = names.fold(0, |lengths, name| lengths | bit(name));
        Self { token, extra, lengths }
    }

    pub(crate) fn set_token(&mut self, name: HeaderName) {
        *self = Self::new(name, self.extra.clone());
    }

    pub(crate) fn set_extra(&mut self, name: HeaderName) {
        *self = Self::new(self.token.clone(), name);
    }

    #[inline]
    pub(crate) fn look<'h>(&self, headers: &'h HeaderMap) -> Look<'h> {
        let mut look = Look::default();
        for (name, value) in headers {
            if self.lengths & bit(name) == 0 {
                continue;
            }
            if *name == CONTENT_TYPE {
                look.content_type.get_or_insert(value);
            }
            if *name == self.token {
                look.is_twice |= look.token.replace(value).is_some();
            }
            if *name == self.extra {
                look.is_twice |= look.extra.replace(value).is_some();
            }
            look.is_forged |= principal::FORBIDDEN.contains(name);
        }
        look
    }

    /// Removes the headers in which credentials were found.
    pub(crate) fn remove(&self, found: Found, headers: &mut HeaderMap) {
        for (name, is_there) in [(&self.token, found.token), (&self.extra, found.extra)] {
            if is_there {
                headers.remove(name);
            }
        }
    }
}

/// Which of the headers of credentials a call has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    token: bool,
    extra: bool,
}

impl<'h> Look<'h> {
    /// The first one; empty when there is none.
    pub(crate) fn content_type(&self) -> &'h [u8] {
        self.content_type.map_or(b"", HeaderValue::as_bytes)
    }

    /// Whether there is a header that says who is calling, which no caller may write.
    pub(crate) fn is_forged(&self) -> bool {
        self.is_forged
    }

    pub(crate) fn found(&self) -> Found {
        Found { token: self.token.is_some(), extra: self.extra.is_some() }
    }

    /// The values of both headers, as they came; empty for one that is absent.
    ///
    /// A header that stands twice is refused: the reference takes the first, and whoever reads the request after it may
    /// take the last. A header value holds visible ASCII, spaces, tabs and bytes that are not ASCII (RFC 9110 section 5.5);
    /// no credential has the last, so that they are refused in both headers.
    #[inline]
    pub(crate) fn credentials(&self, max_bytes: usize) -> Result<(&'h [u8], &'h str), Reason> {
        if self.is_twice {
            return Err(Reason::DuplicateCredentials);
        }
        let value = |found: Option<&'h HeaderValue>| match found.map_or(&b""[..], HeaderValue::as_bytes) {
            value if value.len() <= max_bytes && is_ascii(value) => Ok(value),
            _ => Err(Reason::MalformedCredentials),
        };
        let (token, extra) = (value(self.token)?, value(self.extra)?);
        Ok((token, std::str::from_utf8(extra).map_err(|_| Reason::MalformedCredentials)?))
    }
}

/// As `is_ascii` says it, which stops at the first byte that is not: for one that is nearly always read to its end, that is slower.
fn is_ascii(value: &[u8]) -> bool {
    const AT_ONCE: usize = 64;
    let any = |bytes: &[u8]| bytes.iter().fold(0, |all, byte| all | byte);
    // The last bytes are looked at twice rather than one by one.
    let Some(mut all) = value.last_chunk::<AT_ONCE>().copied() else { return any(value) < 0x80 };
    for bytes in value.as_chunks::<AT_ONCE>().0 {
        all.iter_mut().zip(bytes).for_each(|(all, byte)| *all |= byte);
    }
    any(&all) < 0x80
}

#[inline]
fn bit(name: &HeaderName) -> u64 {
    1_u64.rotate_left(u32::try_from(name.as_str().len()).unwrap_or_default())
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
            (vec![b"Bearer \xc3\xa9"], Err(malformed), Err(malformed)),
            (vec![b"Bearer \xff"], Err(malformed), Err(malformed)),
            (vec![long.as_bytes()], Err(malformed), Err(malformed)),
            (vec![long.as_bytes(), b"Bearer a"], Err(duplicate), Err(duplicate)),
        ] {
            let read = |name: &'static str| {
                let mut headers = HeaderMap::new();
                headers.insert("x-else", http::HeaderValue::from_static("else"));
                for value in &values {
                    headers.append(name, http::HeaderValue::from_bytes(value).unwrap());
                }
                let read = CredentialHeaders::default().look(&headers).credentials(32);
                read.map(|(token, extra)| (token.to_owned(), extra.to_owned()))
            };
            assert_eq!(read("authorization"), token.map(|token| (token.to_owned(), String::new())), "{values:?}");
            assert_eq!(read("authorization-extras"), extra.map(|extra| (Vec::new(), extra.to_owned())), "{values:?}");
        }
    }

    #[test]
    fn one_byte_that_is_not_ascii_is_found_wherever_it_stands() {
        for length in [0, 1, 63, 64, 65, 127, 128, 200] {
            let mut value = vec![0x7f; length];
            assert!(is_ascii(&value), "{length}");
            for at in 0..length {
                value[at] = 0x80;
                assert!(!is_ascii(&value), "{at} of {length}");
                value[at] = 0;
            }
        }
    }

    #[test]
    fn a_name_that_is_looked_for_twice_is_found_twice() {
        let value = HeaderValue::from_static("a");
        for name in [CONTENT_TYPE, principal::FORBIDDEN[0].clone()] {
            let mut headers = CredentialHeaders::default();
            headers.set_token(name.clone());
            headers.set_extra(name.clone());
            let map = HeaderMap::from_iter([(name.clone(), value.clone())]);
            let look = headers.look(&map);
            assert_eq!(look.credentials(9), Ok((&b"a"[..], "a")), "{name}");
            assert_eq!((look.content_type() == b"a", look.is_forged()), (name == CONTENT_TYPE, name != CONTENT_TYPE));
        }
    }

    #[test]
    fn every_name_is_found_whatever_its_length() {
        for length in 1..200 {
            let long: HeaderName = "x".repeat(length).parse().unwrap();
            let mut headers = CredentialHeaders::default();
            headers.set_extra(long.clone());
            headers.set_token(HeaderName::from_static("token"));
            let mut map = HeaderMap::new();
            let values = [(CONTENT_TYPE, "a"), (CONTENT_TYPE, "b"), ("token".parse().unwrap(), "t"), (long, "e")];
            for (name, value) in values {
                map.append(name, HeaderValue::from_static(value));
            }
            let look = headers.look(&map);
            assert_eq!((look.content_type(), look.is_forged()), (&b"a"[..], false), "the first one");
            assert_eq!(look.credentials(9), Ok((&b"t"[..], "e")), "{length}");
            headers.remove(look.found(), &mut map);
            assert_eq!((map.keys_len(), map.contains_key(CONTENT_TYPE)), (1, true));
        }
        for forged in &principal::FORBIDDEN {
            let map = HeaderMap::from_iter([(forged.clone(), HeaderValue::from_static("admin"))]);
            assert!(CredentialHeaders::default().look(&map).is_forged(), "{forged}");
        }
    }
}
