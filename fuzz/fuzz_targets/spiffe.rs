//! A SPIFFE rule and the URIs of a certificate, each in a line of its own: the rule is taken, and the certificate let in,
//! when a slow reading of the SPIFFE-ID standard says so.

#![no_main]

use std::sync::{Arc, LazyLock};

use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use regex::Regex;
use temporal_authz::{AuthInfo, ClaimMapper as _, PeerCertificate, Reason, Role};
use temporal_claim_mapper::{CertificateClaimMapper, CertificateRule};
use temporal_fuzz::{der::Description, keys::Still};

static TRUST_DOMAIN: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[a-z0-9._-]{1,255}$").expect("a pattern"));
static SEGMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[A-Za-z0-9._-]+$").expect("a pattern"));

/// Trust domain and segments of an ID, if it is one.
fn parts(id: &str) -> Option<Vec<&str>> {
    let mut parts = id.strip_prefix("spiffe://")?.split('/');
    let domain = parts.next()?;
    let path: Vec<&str> = parts.collect();
    let is_segment = |segment: &&str| SEGMENT.is_match(segment) && *segment != "." && *segment != "..";
    (TRUST_DOMAIN.is_match(domain) && path.iter().all(is_segment) && id.len() <= 2048)
        .then(|| [vec![domain], path].concat())
}

/// An ID that a workload can have.
fn workload(id: &str) -> Option<Vec<&str>> {
    parts(id).filter(|parts| parts.len() > 1)
}

enum Rule<'r> {
    Exact(Vec<&'r str>),
    Below(Vec<&'r str>),
}

fn rule(text: &str) -> Option<Rule<'_>> {
    match text.strip_suffix("/*") {
        Some(prefix) => parts(prefix).map(Rule::Below),
        None => workload(text).map(Rule::Exact),
    }
}

/// Whether a certificate with these URIs is let in.
fn admits(rule: &Rule<'_>, uris: &[&str]) -> bool {
    let [uri] = uris else { return false };
    let Some(id) = workload(uri) else { return false };
    match rule {
        Rule::Exact(wanted) => id == *wanted,
        Rule::Below(wanted) => id.len() > wanted.len() && id[..wanted.len()] == wanted[..],
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.split('\n');
    let asked = lines.next().unwrap_or_default();
    let uris: Vec<&str> = lines.collect();
    let builder = CertificateClaimMapper::builder().clock(Still);
    let built = builder.rule(CertificateRule::new().spiffe(asked).permission("here:write")).build();
    let wanted = rule(asked);
    assert_eq!(built.is_ok(), wanted.is_some(), "{asked:?}: {built:?}");
    let (Ok(mapper), Some(wanted)) = (built, wanted) else { return };
    let uris: Vec<&str> = uris.into_iter().take(4).filter(|uri| uri.len() < 8000).collect();
    let bytes: Vec<&[u8]> = uris.iter().map(|uri| uri.as_bytes()).collect();
    let peer = PeerCertificate::from_verified_der(&Description::of_uris(&bytes).der());
    let visible = uris.iter().all(|uri| uri.bytes().all(|byte| byte.is_ascii_graphic()));
    assert_eq!(peer.is_ok(), visible, "{uris:?}");
    let Ok(peer) = peer else { return };
    let headers = HeaderMap::new();
    let info = AuthInfo::new(&headers).with_peer(Some(Arc::new(peer)));
    match mapper.claims_at_hand(&info).expect("at hand") {
        Ok(claims) => {
            let claims = claims.expect("somebody");
            assert!(admits(&wanted, &uris), "{asked:?} let {uris:?} in");
            assert_eq!((claims.subject(), claims.namespace("here")), (uris[0], Role::WRITER));
            assert!(claims.system().is_empty() && claims.namespaces().count() == 1);
        }
        Err(error) => {
            assert_eq!(error.reason(), Reason::CertificateNotMapped);
            assert!(!admits(&wanted, &uris), "{asked:?} kept {uris:?} out");
        }
    }
});
