//! What a caller showed of itself.

use std::{fmt, net::SocketAddr, sync::Arc};

use http::HeaderMap;

use crate::PeerCertificate;

/// The credentials of one call, as they arrived: Temporal's `authorization.AuthInfo`.
#[derive(Clone)]
pub struct AuthInfo<'a> {
    /// Bytes: who only compares it need not read it through first.
    auth_token: &'a [u8],
    extra_data: &'a str,
    audience: &'a str,
    peer: Option<Arc<PeerCertificate>>,
    peer_addr: Option<SocketAddr>,
    headers: &'a HeaderMap,
}

impl<'a> AuthInfo<'a> {
    /// No credentials yet, of a call with these headers.
    pub fn new(headers: &'a HeaderMap) -> Self {
        Self { auth_token: b"", extra_data: "", audience: "", peer: None, peer_addr: None, headers }
    }

    /// Sets the value of the token header, scheme and all.
    pub fn with_auth_token(mut self, token: &'a str) -> Self {
        self.auth_token = token.as_bytes();
        self
    }

    /// The same for a header's value as it came, which need not be text.
    pub fn with_auth_token_bytes(mut self, token: &'a [u8]) -> Self {
        self.auth_token = token;
        self
    }

    /// Sets the value of the extra header.
    pub fn with_extra_data(mut self, extra: &'a str) -> Self {
        self.extra_data = extra;
        self
    }

    /// Sets the audience that the call is for.
    pub fn with_audience(mut self, audience: &'a str) -> Self {
        self.audience = audience;
        self
    }

    /// Sets the client certificate, which must have been verified by the handshake.
    pub fn with_peer(mut self, peer: Option<Arc<PeerCertificate>>) -> Self {
        self.peer = peer;
        self
    }

    /// Sets the address of the caller.
    pub fn with_peer_addr(mut self, addr: Option<SocketAddr>) -> Self {
        self.peer_addr = addr;
        self
    }

    /// The value of the token header (`Bearer …`); empty when there is none. One that is no text is shown as U+FFFD, which
    /// is nobody's token, and is not the absence of one.
    pub fn auth_token(&self) -> &'a str {
        std::str::from_utf8(self.auth_token).unwrap_or("\u{fffd}")
    }

    /// The same as it came, for a mapper that compares it with what it remembers. `auth_token` looks each time whether all
    /// of it is text.
    pub fn auth_token_bytes(&self) -> &'a [u8] {
        self.auth_token
    }

    /// The value of the extra header; empty when there is none.
    pub fn extra_data(&self) -> &'a str {
        self.extra_data
    }

    /// The audience that the call is for; blank when nobody said.
    pub fn audience(&self) -> &'a str {
        self.audience
    }

    /// The verified client certificate.
    pub fn peer(&self) -> Option<&PeerCertificate> {
        self.peer.as_deref()
    }

    /// The caller's address, where the server knows it.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer_addr
    }

    /// All headers of the call, for mappers with credentials of another kind.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// Whether there is a token or a verified certificate. Without either, a mapper that requires auth info is not
    /// asked (Temporal's `Interceptor.GetAuthInfo`); the extra header alone is no credential.
    pub fn has_credentials(&self) -> bool {
        !self.auth_token.is_empty() || self.peer.is_some()
    }
}

// Headers and extra data can hold credentials too: none of them is shown.
impl fmt::Debug for AuthInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthInfo")
            .field("auth_token", &format_args!("{} bytes", self.auth_token.len()))
            .field("extra_data", &format_args!("{} bytes", self.extra_data.len()))
            .field("audience", &self.audience)
            .field("peer", &self.peer)
            .field("peer_addr", &self.peer_addr)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_same_from_text_and_from_bytes() {
        let headers = HeaderMap::new();
        let from = |bytes| AuthInfo::new(&headers).with_auth_token_bytes(bytes);
        assert_eq!(from(b"Bearer x").auth_token(), "Bearer x");
        assert_eq!(AuthInfo::new(&headers).with_auth_token("Bearer \u{e9}").auth_token_bytes(), b"Bearer \xc3\xa9");
        // What is no text is neither a token nor none.
        assert_eq!((from(b"\xff").auth_token(), from(b"\xff").has_credentials()), ("\u{fffd}", true));
    }

    #[test]
    fn debug_shows_no_credential() {
        let mut headers = HeaderMap::new();
        headers.insert("x-secret", "hush".parse().unwrap());
        let info = AuthInfo::new(&headers).with_auth_token("Bearer secret-token").with_extra_data("hush");
        let shown = format!("{info:?}");
        assert!(!shown.contains("secret") && !shown.contains("hush"), "{shown}");
        assert!(info.has_credentials());
        assert!(!AuthInfo::new(&headers).with_extra_data("hush").has_credentials());
    }
}
