//! What is asked of a key provider: the JOSE header of a token, and the issuer it claims.

use crate::Algorithm;

/// The members of a JOSE header that choose a key. Unverified: nothing here is trusted before the signature is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoseHeader {
    alg: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
}

impl JoseHeader {
    /// A header with these values of `alg`, `kid` and `typ`; absent members are `None`.
    #[must_use]
    pub fn new(alg: Algorithm, kid: Option<String>, typ: Option<String>) -> Self {
        Self { alg, kid, typ }
    }

    /// The algorithm the token says it is signed with.
    #[must_use]
    pub fn alg(&self) -> Algorithm {
        self.alg
    }

    /// The id of the key the token says it is signed with.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The media type of the token (`JWT`, `at+jwt`).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }
}

/// A question to a [`TokenKeyProvider`](crate::TokenKeyProvider): which keys may have signed this token?
#[derive(Clone, Copy, Debug)]
pub struct KeyQuery<'a> {
    header: &'a JoseHeader,
    issuer: Option<&'a str>,
}

impl<'a> KeyQuery<'a> {
    /// A query for the token with this header, by whatever issuer.
    #[must_use]
    pub fn new(header: &'a JoseHeader) -> Self {
        Self { header, issuer: None }
    }

    /// The same query for a token whose `iss` is `issuer`. It is unverified and only chooses the sources.
    #[must_use]
    pub fn with_issuer(mut self, issuer: &'a str) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// The header of the token.
    #[must_use]
    pub fn header(&self) -> &'a JoseHeader {
        self.header
    }

    /// The unverified `iss` of the token, if it has one.
    #[must_use]
    pub fn issuer(&self) -> Option<&'a str> {
        self.issuer
    }
}
