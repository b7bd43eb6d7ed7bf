//! SPIFFE IDs (the SPIFFE-ID and X509-SVID standards).

use temporal_authz::PeerCertificate;

use super::{error::CertificateRuleError, names::refused};

const SCHEME: &str = "spiffe://";
const MAX_ID_BYTES: usize = 2048;
const MAX_TRUST_DOMAIN_BYTES: usize = 255;

/// What a certificate says of its SPIFFE ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Svid<'c> {
    /// It has none.
    None,
    /// It has this one.
    Id(&'c str),
    /// It has a SPIFFE URI and is no valid X509-SVID: the identity of nobody.
    Invalid,
}

impl<'c> Svid<'c> {
    /// The ID of a workload's certificate: its only URI, with a path (X509-SVID sections 2 and 4.1).
    pub(super) fn of(certificate: &'c PeerCertificate) -> Self {
        match certificate.uris() {
            uris if !uris.iter().any(|uri| is_spiffe(uri)) => Self::None,
            [id] if is_workload_id(id) => Self::Id(id),
            _ => Self::Invalid,
        }
    }
}

/// Whether the URI means to be a SPIFFE ID. Schemes are compared in any case (RFC 3986 section 3.1).
pub(super) fn is_spiffe(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("spiffe"))
}

/// The SPIFFE IDs that a rule means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// This one.
    Exact(String),
    /// Those below it, by whole segments; ends in a slash.
    Below(String),
}

impl Pattern {
    /// Reads an ID, or an ID or trust domain followed by `/*`.
    pub(super) fn parse(text: &str) -> Result<Self, CertificateRuleError> {
        let problem =
            || refused("spiffe", text, "is not spiffe://trust-domain/path, or such a prefix with /* behind it");
        match text.strip_suffix("/*") {
            Some(prefix) if is_prefix(prefix) => Ok(Self::Below(format!("{prefix}/"))),
            None if is_workload_id(text) => Ok(Self::Exact(text.to_owned())),
            _ => Err(problem()),
        }
    }

    pub(super) fn matches(&self, id: &str) -> bool {
        match self {
            Self::Exact(exact) => id == exact,
            Self::Below(prefix) => id.starts_with(prefix.as_str()),
        }
    }
}

fn is_workload_id(id: &str) -> bool {
    id.len() <= MAX_ID_BYTES
        && id
            .strip_prefix(SCHEME)
            .and_then(|rest| rest.split_once('/'))
            .is_some_and(|(domain, path)| is_trust_domain(domain) && is_path(path))
}

fn is_prefix(prefix: &str) -> bool {
    let domain = prefix.strip_prefix(SCHEME);
    is_workload_id(prefix) || domain.is_some_and(is_trust_domain)
}

/// Lower-case letters, digits, dot, hyphen and underscore: no port, no user.
fn is_trust_domain(domain: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
    !domain.is_empty() && domain.len() <= MAX_TRUST_DOMAIN_BYTES && domain.bytes().all(allowed)
}

/// Segments without percent-encoding, query or fragment, none of them empty, `.` or `..`.
fn is_path(path: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    path.split('/').all(|segment| !matches!(segment, "" | "." | "..") && segment.bytes().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_form() {
        let long = format!("spiffe://td/{}", "x".repeat(2048));
        for (id, good) in [
            ("spiffe://td/worker", true),
            ("spiffe://prod.example-1_2/ns/Prod/sa/w.0", true),
            ("spiffe://td/...", true),
            ("spiffe://td", false),
            ("spiffe://td/", false),
            ("spiffe:///x", false),
            ("spiffe://TD/x", false),
            ("SPIFFE://td/x", false),
            ("spiffe://td:8080/x", false),
            ("spiffe://user@td/x", false),
            ("spiffe://td/x?q", false),
            ("spiffe://td/x#f", false),
            ("spiffe://td/a%2Fb", false),
            ("spiffe://td/../x", false),
            ("spiffe://td/./x", false),
            ("spiffe://td//x", false),
            ("spiffe://td/x/", false),
            ("https://td/x", false),
            ("", false),
            (&long, false),
        ] {
            assert_eq!(is_workload_id(id), good, "{id}");
        }
    }

    #[test]
    fn prefixes_match_whole_segments() {
        let pattern = Pattern::parse("spiffe://td/ns/prod/*").unwrap();
        for (id, expected) in [
            ("spiffe://td/ns/prod/w", true),
            ("spiffe://td/ns/prod/sa/w", true),
            ("spiffe://td/ns/prod", false),
            ("spiffe://td/ns/prod-evil", false),
            ("spiffe://td/ns/prod-evil/w", false),
            ("spiffe://td.evil/ns/prod/w", false),
        ] {
            assert_eq!(pattern.matches(id), expected, "{id}");
        }
        let domain = Pattern::parse("spiffe://td/*").unwrap();
        assert!(domain.matches("spiffe://td/x") && !domain.matches("spiffe://td.evil/x"));
        let exact = Pattern::parse("spiffe://td/x").unwrap();
        assert!(exact.matches("spiffe://td/x") && !exact.matches("spiffe://td/x/y"));
    }

    #[test]
    fn patterns_that_mean_nothing_are_refused() {
        for text in [
            "",
            "*",
            "/*",
            "spiffe://*",
            "spiffe:///*",
            "spiffe://td",
            "spiffe://td/a*",
            "spiffe://td/*/x",
            "spiffe://TD/*",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
