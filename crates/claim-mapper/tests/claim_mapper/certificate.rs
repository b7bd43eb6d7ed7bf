use std::sync::Arc;

use http::HeaderMap;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper as _, Claims, PeerCertificate, Reason, Role};
use temporal_claim_mapper::{CertificateClaimMapper, CertificateRule, CertificateRuleError};

use crate::support::*;

/// The last second of the certificates made here: 1 January 2030.
const END: i64 = 1_893_456_000;

/// A certificate with these subject attributes and alternative names.
pub fn certificate(subject: &[(DnType, &str)], names: &[SanType]) -> Arc<PeerCertificate> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in subject {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params.subject_alt_names = names.to_vec();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2030, 1, 1);
    let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
    Arc::new(PeerCertificate::from_verified_der(&der).unwrap())
}

fn cn(name: &str) -> Arc<PeerCertificate> {
    certificate(&[(DnType::CommonName, name)], &[])
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

fn uri(name: &str) -> SanType {
    SanType::URI(name.try_into().unwrap())
}

fn email(name: &str) -> SanType {
    SanType::Rfc822Name(name.try_into().unwrap())
}

pub fn mapper(rules: impl IntoIterator<Item = CertificateRule>) -> CertificateClaimMapper {
    let builder = CertificateClaimMapper::builder().clock(FakeClock::at(NOW));
    rules.into_iter().fold(builder, |builder, rule| builder.rule(rule)).build().unwrap()
}

async fn ask(mapper: &CertificateClaimMapper, peer: &Arc<PeerCertificate>) -> Result<Claims, ClaimError> {
    let headers = HeaderMap::new();
    let info = AuthInfo::new(&headers).with_peer(Some(Arc::clone(peer)));
    let answer = mapper.get_claims(&info).await;
    let at_hand = mapper.claims_at_hand(&info).unwrap();
    assert_eq!(format!("{answer:?}"), format!("{at_hand:?}"), "one answer on both ways");
    answer.map(Option::unwrap)
}

async fn matches(rule: CertificateRule, peer: &Arc<PeerCertificate>) -> bool {
    match ask(&mapper([rule]), peer).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.reason(), Reason::CertificateNotMapped, "{error}");
            false
        }
    }
}

fn rule() -> CertificateRule {
    CertificateRule::new()
}

// 90, 94
#[tokio::test]
async fn names_are_compared_as_typed_values() {
    let peer = certificate(
        &[
            (DnType::OrganizationName, "ACME, Inc."),
            (DnType::OrganizationalUnitName, "CN=admin"),
            (DnType::CommonName, "O=good, CN=x"),
        ],
        &[dns("Worker.Example.com"), dns("*.example.org"), email("w@example.com"), uri("https://example.com/w")],
    );
    for (rule, expected) in [
        (rule().common_name("O=good, CN=x"), true),
        (rule().common_name("x"), false),
        (rule().common_name("admin"), false),
        (rule().common_name("worker.example.com"), false),
        (rule().organization("ACME, Inc."), true),
        (rule().organization("ACME"), false),
        (rule().organization("good"), false),
        (rule().organizational_unit("CN=admin"), true),
        (rule().organizational_unit("admin"), false),
        (rule().dns("worker.example.com"), true),
        (rule().dns("WORKER.EXAMPLE.COM"), true),
        (rule().dns("example.com"), false),
        (rule().dns("a.example.org"), false),
        (rule().uri("https://example.com/w"), true),
        (rule().uri("https://example.com/W"), false),
        (rule().uri("https://example.com/w/"), false),
        (rule().email("w@example.com"), true),
        (rule().email("W@example.com"), false),
        (rule().common_name("O=good, CN=x").organization("ACME, Inc.").dns("worker.example.com"), true),
        (rule().common_name("O=good, CN=x").organization("other"), false),
        (rule().dns("worker.example.com").email("x@example.com"), false),
    ] {
        let shown = format!("{rule:?}");
        assert_eq!(matches(rule, &peer).await, expected, "{shown}");
    }
}

// 91
#[tokio::test]
async fn a_certificate_that_is_no_valid_svid_is_nobodys() {
    let rules = || [rule().common_name("w"), rule().spiffe("spiffe://td/*")];
    for (names, valid) in [
        (vec![uri("spiffe://td/worker")], true),
        (vec![uri("spiffe://td/worker"), dns("w.example")], true),
        (vec![], true),
        (vec![uri("https://example.com/")], true),
        (vec![uri("spiffe://td/worker"), uri("https://example.com/")], false),
        (vec![uri("spiffe://td/worker"), uri("spiffe://td/other")], false),
        (vec![uri("spiffe://td/../x")], false),
        (vec![uri("spiffe://TD/x")], false),
        (vec![uri("spiffe://td:443/x")], false),
        (vec![uri("spiffe://td/x?y")], false),
        (vec![uri("spiffe://td/x/")], false),
        (vec![uri("spiffe://td")], false),
        (vec![uri("spiffe://td/")], false),
        (vec![uri("spiffe://td/a%2Fb")], false),
        (vec![uri("SPIFFE://td/x")], false),
    ] {
        let peer = certificate(&[(DnType::CommonName, "w")], &names);
        let outcome = ask(&mapper(rules()), &peer).await.map_err(|error| error.reason());
        assert_eq!(outcome.err(), (!valid).then_some(Reason::CertificateNotMapped), "{names:?}");
    }
}

// 92
#[tokio::test]
async fn a_prefix_means_whole_segments() {
    for (id, exact, below) in [
        ("spiffe://td/ns/prod", true, false),
        ("spiffe://td/ns/prod/w", false, true),
        ("spiffe://td/ns/prod-evil", false, false),
        ("spiffe://td/ns/prod-evil/w", false, false),
        ("spiffe://td.evil/ns/prod", false, false),
        ("spiffe://td.evil/ns/prod/w", false, false),
    ] {
        let peer = certificate(&[], &[uri(id)]);
        assert_eq!(matches(rule().spiffe("spiffe://td/ns/prod"), &peer).await, exact, "{id}");
        assert_eq!(matches(rule().spiffe("spiffe://td/ns/prod/*"), &peer).await, below, "{id}");
    }
}

#[tokio::test]
async fn all_rules_that_match_grant() {
    let mapper = mapper([
        rule().common_name("w").permission("a:read"),
        rule().dns("w.example").permissions(["a:worker", "temporal-system:READ"]),
        rule().common_name("other").permission("b:admin"),
    ]);
    let claims = ask(&mapper, &certificate(&[(DnType::CommonName, "w")], &[dns("w.example")])).await.unwrap();
    assert_eq!(claims.namespace("a"), Role::READER | Role::WORKER);
    assert_eq!((claims.system(), claims.namespace("b")), (Role::READER, Role::empty()));
    assert_eq!((claims.auth_type(), claims.expires_at()), ("mtls", Some(time(END))));
    let error = ask(&mapper, &cn("nobody")).await.unwrap_err();
    assert_eq!(error.reason(), Reason::CertificateNotMapped);
}

#[tokio::test]
async fn the_subject_is_the_spiffe_id_or_what_the_first_rule_asks_for() {
    let names = [dns("w.example"), email("w@example.com"), uri("https://example.com/w")];
    let full = certificate(&[(DnType::CommonName, "w"), (DnType::OrganizationName, "acme")], &names);
    for (rule, subject) in [
        (rule().common_name("w"), "w"),
        (rule().email("w@example.com").common_name("w"), "w"),
        (rule().email("w@example.com").dns("W.example"), "w.example"),
        (rule().email("w@example.com").uri("https://example.com/w"), "https://example.com/w"),
        (rule().organization("acme").email("w@example.com"), "w@example.com"),
        (rule().organization("acme"), "w"),
    ] {
        assert_eq!(ask(&mapper([rule]), &full).await.unwrap().subject(), subject);
    }
    let svid = certificate(&[(DnType::CommonName, "w")], &[uri("spiffe://td/w")]);
    assert_eq!(ask(&mapper([rule().common_name("w")]), &svid).await.unwrap().subject(), "spiffe://td/w");
    let unnamed = certificate(&[(DnType::OrganizationName, "acme")], &[dns("w.example")]);
    assert!(!matches(rule().organization("acme"), &unnamed).await, "nobody's name");
}

// 93
#[tokio::test]
async fn dates_are_looked_at_in_each_call() {
    let clock = FakeClock::at(NOW);
    let mapper = CertificateClaimMapper::builder().rule(rule().common_name("w")).clock(clock.clone()).build().unwrap();
    let peer = cn("w");
    for (now, expected) in [
        (NOW, None),
        (END, None),
        (END + 1, Some(Reason::Expired)),
        (1_000_000_000, Some(Reason::NotYetValid)),
        (NOW, None),
    ] {
        clock.set(now);
        assert_eq!(ask(&mapper, &peer).await.err().map(|error| error.reason()), expected, "{now}");
    }
}

#[tokio::test]
async fn without_a_certificate_it_knows_nobody() {
    let answer = claims_of(&mapper([rule().common_name("w")]), "Bearer x").await;
    assert!(answer.unwrap().is_none());
}

// 101
#[test]
fn rules_that_cannot_be_meant_are_told_at_once() {
    let build = |rule: CertificateRule| CertificateClaimMapper::builder().rule(rule).build().map(drop).unwrap_err();
    let none = CertificateClaimMapper::builder().build().map(drop).unwrap_err();
    assert_eq!(none, CertificateRuleError::NoRule);
    assert_eq!(build(rule()), CertificateRuleError::MatchesEverything(1));
    assert_eq!(build(rule().permission("a:read")), CertificateRuleError::MatchesEverything(1));
    assert_eq!(build(rule().dns("a").dns("b")), CertificateRuleError::Twice("dns"));
    for (bad, field) in [
        (rule().common_name(""), "subject.CN"),
        (rule().organization("a\nb"), "subject.O"),
        (rule().organizational_unit("\0"), "subject.OU"),
        (rule().dns("*.example.com"), "dns"),
        (rule().dns("*"), "dns"),
        (rule().dns("a..b"), "dns"),
        (rule().dns("a.b."), "dns"),
        (rule().dns("10.0.0.1"), "dns"),
        (rule().dns("::1"), "dns"),
        (rule().dns("bücher.example"), "dns"),
        (rule().uri("spiffe://td/x"), "uri"),
        (rule().uri("https://bücher.example"), "uri"),
        (rule().email("a b@example.com"), "email"),
        (rule().spiffe("spiffe://td"), "spiffe"),
        (rule().spiffe("spiffe://td/ns/prod*"), "spiffe"),
        (rule().spiffe("*"), "spiffe"),
    ] {
        let error = build(bad);
        assert!(matches!(&error, CertificateRuleError::Name { field: found, .. } if *found == field), "{error}");
    }
    for permission in
        ["default", ":admin", "default:owner", "default:", "default : read", " default:read", "a:b:read", ""]
    {
        let error = build(rule().common_name("w").permission(permission));
        assert!(matches!(error, CertificateRuleError::Permission { .. }), "{permission}: {error}");
    }
}
