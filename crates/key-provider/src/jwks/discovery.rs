//! OpenID Connect Discovery 1.0: an issuer's document names the URL of its keys.

use serde_json::Value;
use url::Url;

use super::address::is_name_or_public;
use super::error::LoadError;
use super::http::UrlsOf;
use crate::escape::escaped;
use crate::strict_json;

const MAX_DEPTH: u8 = 16;
const MAX_URI_BYTES: usize = 2048;

/// The `jwks_uri` of the document that was found at `document`, and how far it may be trusted.
pub(super) fn jwks_uri(body: &[u8], issuer: &str, document: &Url) -> Result<(Url, UrlsOf), LoadError> {
    let value = strict_json::from_slice(body, body.len(), MAX_DEPTH)?;
    // Section 4.3: exactly the issuer that was asked for, or one issuer could speak for another.
    let found = value.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if found != issuer {
        return Err(LoadError::IssuerMismatch(escaped(found)));
    }
    let uri = value.get("jwks_uri").and_then(Value::as_str).ok_or(LoadError::JwksUri("missing"))?;
    if uri.len() > MAX_URI_BYTES {
        return Err(LoadError::JwksUri("longer than 2048 bytes"));
    }
    let url = Url::parse(uri).map_err(|_| LoadError::JwksUri("not a URL"))?;
    match url.scheme() {
        "https" => {}
        "http" if document.scheme() == "http" => {}
        _ => return Err(LoadError::JwksUri("not https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LoadError::JwksUri("has a user or a password"));
    }
    if url.host() == document.host() {
        return Ok((url, UrlsOf::Operator));
    }
    if !is_name_or_public(&url) {
        return Err(LoadError::JwksUri("not a public address"));
    }
    Ok((url, UrlsOf::Stranger))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://issuer.example/a";

    fn learn(body: &str) -> Result<(String, bool), LoadError> {
        let document = "https://issuer.example/a/.well-known/openid-configuration".parse().unwrap();
        jwks_uri(body.as_bytes(), ISSUER, &document).map(|(url, urls)| (url.into(), urls == UrlsOf::Operator))
    }

    #[test]
    fn the_uri_of_the_right_issuer_is_learned() {
        for (uri, own_host) in
            [("https://issuer.example/keys", true), ("https://keys.example/a", false), ("https://8.8.8.8/", false)]
        {
            let body = format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{uri}"}}"#);
            assert_eq!(learn(&body).unwrap(), (uri.to_owned(), own_host));
        }
    }

    #[test]
    fn another_issuer_is_refused_byte_for_byte() {
        for issuer in [
            "https://issuer.example/a/",
            "https://ISSUER.example/a",
            "https://issuer.example",
            "",
            "https://other.example",
        ] {
            let body = format!(r#"{{"issuer":"{issuer}","jwks_uri":"https://issuer.example/keys"}}"#);
            assert!(matches!(learn(&body), Err(LoadError::IssuerMismatch(_))), "{issuer}");
        }
        for body in [r#"{"jwks_uri":"https://issuer.example/keys"}"#, r#"{"issuer":["https://issuer.example/a"]}"#] {
            assert!(matches!(learn(body), Err(LoadError::IssuerMismatch(_))), "{body}");
        }
    }

    #[test]
    fn a_uri_that_must_not_be_followed_is_refused() {
        for uri in [
            "",
            "/keys",
            "http://issuer.example/keys",
            "file:///etc/passwd",
            "https://user:secret@issuer.example/keys",
            "https://169.254.169.254/latest",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.0.0.1/",
            "https://0x7f.1/",
        ] {
            let body = format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{uri}"}}"#);
            assert!(matches!(learn(&body), Err(LoadError::JwksUri(_))), "{uri}");
        }
        assert!(matches!(learn(&format!(r#"{{"issuer":"{ISSUER}"}}"#)), Err(LoadError::JwksUri("missing"))));
    }
}
