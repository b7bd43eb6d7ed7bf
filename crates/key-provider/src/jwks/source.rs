//! Where keys come from, as the operator writes it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::{Host, Url};

use crate::escape::escaped;

/// One place that publishes keys, and the issuer it is trusted for.
///
/// `"https://…"`, `"http://…"`, `"file:///path"` and `"file://localhost/path"` parse into a source, as Temporal's `keySourceURIs` do; the
/// constructors make the others. `Display` and `Debug` leave out user, password, query and fragment of a URL, and the text of inline keys.
#[derive(Clone)]
pub struct Source {
    kind: Kind,
    issuer: Option<String>,
}

#[derive(Clone)]
pub(super) enum Kind {
    JwksUrl(Url),
    JwksFile(PathBuf),
    InlineJwks(String),
    Pem { kid: String, text: String },
    PemFile { kid: String, path: PathBuf },
    Discovery { issuer: String, document: Url },
}

/// Why a text is no source. The messages do not repeat the text: a URL may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It does not parse as an absolute URL.
    #[error("key source is not a URL: {0}")]
    NotAUrl(url::ParseError),
    /// The scheme is not one of `http`, `https` and `file`; for discovery, not one of the first two.
    #[error("key source scheme \"{0}\" is not supported (http, https or file)")]
    UnsupportedScheme(String),
    /// A `file:` URL with a host other than `localhost`, or without an absolute path.
    #[error("key source file URL must be file:///path or file://localhost/path")]
    FileUrl,
    /// The issuer has a query or a fragment, which OpenID Connect Discovery section 4 rules out.
    #[error("issuer URL must have no query and no fragment")]
    IssuerUrl,
}

impl Source {
    /// A JWK Set at an `http` or `https` URL. Its address is the operator's word: it is not checked, whatever it resolves to.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when the text is no such URL.
    pub fn jwks_url(url: &str) -> Result<Self, SourceError> {
        web_url(url).map(|url| Self::of(Kind::JwksUrl(url)))
    }

    /// A JWK Set in a file, read again at each refresh.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::of(Kind::JwksFile(path.into()))
    }

    /// A JWK Set given as text. It never changes.
    #[must_use]
    pub fn inline_jwks(text: impl Into<String>) -> Self {
        Self::of(Kind::InlineJwks(text.into()))
    }

    /// One public key in PEM (`PUBLIC KEY`), under this key id. It never changes.
    #[must_use]
    pub fn pem(kid: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of(Kind::Pem { kid: kid.into(), text: text.into() })
    }

    /// One public key in a PEM file, under this key id, read again at each refresh.
    #[must_use]
    pub fn pem_file(kid: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self::of(Kind::PemFile { kid: kid.into(), path: path.into() })
    }

    /// The JWK Set that an issuer's OpenID Connect discovery document names. The source is bound to this issuer.
    ///
    /// The document's `issuer` must equal `issuer` byte for byte. The learned `jwks_uri` must be `https` if the issuer is, and unless its
    /// host is the issuer's own it must lead to a public address, which is checked where the connection is made.
    ///
    /// # Errors
    ///
    /// [`SourceError`] when `issuer` is no `http` or `https` URL, or has a query or a fragment.
    pub fn discovery(issuer: &str) -> Result<Self, SourceError> {
        let url = web_url(issuer)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(SourceError::IssuerUrl);
        }
        // OpenID Connect Discovery section 4.1: a terminating slash is removed before the path is appended.
        let document = web_url(&format!("{}/.well-known/openid-configuration", issuer.trim().trim_end_matches('/')))?;
        let mut source = Self::of(Kind::Discovery { issuer: issuer.to_owned(), document });
        source.issuer = Some(issuer.to_owned());
        Ok(source)
    }

    /// The same source, trusted for the tokens of this issuer only. Tokens of an issuer that has such sources find no other keys.
    ///
    /// A discovery source is bound to its own issuer; another one makes `build` fail.
    #[must_use]
    pub fn bound_to_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    pub(super) fn kind(&self) -> &Kind {
        &self.kind
    }

    pub(super) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Whether it is what it is, for ever: nothing to fetch.
    pub(super) fn is_inline(&self) -> bool {
        matches!(self.kind, Kind::InlineJwks(_) | Kind::Pem { .. })
    }

    /// Whether its keys cross a network without TLS: `http`, and not to this very host.
    pub(super) fn is_unprotected(&self) -> bool {
        let (Kind::JwksUrl(url) | Kind::Discovery { document: url, .. }) = &self.kind else {
            return false;
        };
        let local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.scheme() == "http" && !local
    }

    fn of(kind: Kind) -> Self {
        Self { kind, issuer: None }
    }
}

fn web_url(text: &str) -> Result<Url, SourceError> {
    let url = Url::parse(text).map_err(SourceError::NotAUrl)?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(SourceError::UnsupportedScheme(escaped(other))),
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let url = Url::parse(text).map_err(SourceError::NotAUrl)?;
        if url.scheme() != "file" {
            return Self::jwks_url(text);
        }
        // The parser lets `file:name` pass as `/name`, and turns the host `localhost` into none.
        let absolute = text.trim_start().get(..7).is_some_and(|head| head.eq_ignore_ascii_case("file://"));
        match url.to_file_path() {
            Ok(path) if absolute && path != Path::new("/") => Ok(Self::file(path)),
            _ => Err(SourceError::FileUrl),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::JwksUrl(url) => f.write_str(&without_secrets(url)),
            Kind::JwksFile(path) => write!(f, "file {}", path.display()),
            Kind::InlineJwks(_) => f.write_str("inline JWKS"),
            Kind::Pem { kid, .. } => write!(f, "inline PEM key \"{}\"", escaped(kid)),
            Kind::PemFile { kid, path } => write!(f, "PEM key \"{}\" in file {}", escaped(kid), path.display()),
            Kind::Discovery { document, .. } => f.write_str(&without_secrets(document)),
        }
    }
}

fn without_secrets(url: &Url) -> String {
    let mut shown = url.clone();
    // Neither fails for a URL with a host, which http and https URLs have.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("place", &self.to_string()).field("issuer", &self.issuer).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uris_that_temporal_knows_parse() {
        for (text, shown) in [
            ("https://issuer.example/jwks.json", "https://issuer.example/jwks.json"),
            ("HTTP://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
            ("file:///etc/keys/jwks.json", "file /etc/keys/jwks.json"),
            ("file://localhost/etc/my%20keys.json", "file /etc/my keys.json"),
        ] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn other_texts_are_no_source() {
        for text in [
            "",
            "jwks.json",
            "/etc/jwks.json",
            "ftp://issuer.example/jwks.json",
            "data:application/json,{}",
            "http://",
            "file://elsewhere/etc/jwks.json",
            "file:jwks.json",
            "file:/etc/jwks.json",
            "file://",
        ] {
            assert!(text.parse::<Source>().is_err(), "{text:?}");
        }
        for issuer in ["issuer.example", "file:///issuer", "https://i.example?tenant=1", "https://i.example#x"] {
            assert!(Source::discovery(issuer).is_err(), "{issuer:?}");
        }
    }

    #[test]
    fn discovery_binds_to_its_issuer_and_asks_at_the_well_known_path() {
        for (issuer, document) in [
            ("https://i.example", "https://i.example/.well-known/openid-configuration"),
            ("https://i.example/", "https://i.example/.well-known/openid-configuration"),
            ("https://i.example/realms/a", "https://i.example/realms/a/.well-known/openid-configuration"),
        ] {
            let source = Source::discovery(issuer).unwrap();
            assert_eq!(source.issuer(), Some(issuer));
            assert_eq!(source.to_string(), document);
        }
    }

    #[test]
    fn a_source_shows_no_secret() {
        let url: Source = "https://user:hunter2@issuer.example/jwks?key=hunter2#hunter2".parse().unwrap();
        let inline = Source::inline_jwks("hunter2");
        let pem = Source::pem("kid", "hunter2");
        for source in [url, inline, pem] {
            let shown = format!("{source} {source:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
