use std::sync::Arc;

use http::HeaderMap;
use rcgen::DnType;
use serde_json::json;
use temporal_authz::{AuthInfo, ClaimMapper as _, PeerCertificate, Reason};
use temporal_claim_mapper::{CertificateRule, CombinedClaimMapper, CredentialMode};

use crate::{
    certificate::{certificate, mapper},
    support::*,
};

const ALICE: Result<Option<&str>, Reason> = Ok(Some("alice"));
const WORKER: Result<Option<&str>, Reason> = Ok(Some("worker"));

async fn ask(
    mapper: &CombinedClaimMapper,
    token: &str,
    peer: Option<&Arc<PeerCertificate>>,
) -> Result<Option<String>, Reason> {
    let headers = HeaderMap::new();
    let info = AuthInfo::new(&headers).with_auth_token(token).with_peer(peer.cloned());
    let answer = mapper.get_claims(&info).await;
    let answer = answer.map(|claims| claims.map(|claims| claims.subject().to_owned())).map_err(|error| error.reason());
    // What is at hand is what the long way says.
    if let Some(at_hand) = mapper.claims_at_hand(&info) {
        let at_hand = at_hand.map(|claims| claims.map(|claims| claims.subject().to_owned()));
        assert_eq!(at_hand.map_err(|error| error.reason()), answer);
    } else {
        assert!(!matches!(answer, Ok(Some(_))), "good credentials are at hand the second time");
    }
    answer
}

// 63
#[tokio::test]
async fn each_mode_asks_for_its_credentials_and_a_bad_one_is_never_made_up_for() {
    use CredentialMode::{Certificate, Token, TokenAndCertificate as Both, TokenOrCertificate as Either};
    use Reason::{CertificateNotMapped as NotMapped, Expired, MissingCredentials as Missing};
    let keys = MemoryKeys::new();
    let good_token = token(&good());
    let bad_token = token(&payload(json!({"exp": 1})));
    let good_peer = certificate(&[(DnType::CommonName, "worker")], &[]);
    let bad_peer = certificate(&[(DnType::CommonName, "stranger")], &[]);
    let (none, good, bad) = (None, Some(&good_peer), Some(&bad_peer));
    for (mode, token, peer, expected) in [
        (Token, good_token.as_str(), none, ALICE),
        (Token, &good_token, bad, ALICE),
        (Token, &bad_token, good, Err(Expired)),
        (Token, "", good, Ok(None)),
        (Certificate, "", good, WORKER),
        (Certificate, &bad_token, good, WORKER),
        (Certificate, &good_token, bad, Err(NotMapped)),
        (Certificate, &good_token, none, Ok(None)),
        (Either, &good_token, none, ALICE),
        (Either, &good_token, good, ALICE),
        (Either, &good_token, bad, ALICE),
        (Either, &bad_token, good, Err(Expired)),
        (Either, "", good, WORKER),
        (Either, "", bad, Err(NotMapped)),
        (Either, "", none, Ok(None)),
        (Both, &good_token, good, ALICE),
        (Both, &good_token, bad, Err(NotMapped)),
        (Both, &bad_token, good, Err(Expired)),
        (Both, &bad_token, bad, Err(NotMapped)),
        (Both, &good_token, none, Err(Missing)),
        (Both, "", good, Err(Missing)),
        (Both, "", none, Ok(None)),
    ] {
        let certificates = mapper([CertificateRule::new().common_name("worker")]);
        let combined = CombinedClaimMapper::new(mode, strict(&keys).build().unwrap(), certificates);
        let answer = ask(&combined, token, peer).await;
        let expected = expected.map(|subject| subject.map(str::to_owned));
        assert_eq!(answer, expected, "{mode:?} token {} peer {}", token.len(), peer.is_some());
    }
}

#[tokio::test]
async fn nobody_is_asked_about_without_credentials() {
    for mode in [CredentialMode::Token, CredentialMode::Certificate, CredentialMode::TokenOrCertificate] {
        let certificates = mapper([CertificateRule::new().common_name("worker")]);
        let combined = CombinedClaimMapper::new(mode, strict(&MemoryKeys::new()).build().unwrap(), certificates);
        assert!(combined.auth_info_required());
        assert!(!format!("{combined:?}").is_empty());
    }
}
