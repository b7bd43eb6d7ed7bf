//! `gateway.authorization.certificates`: what client certificates are worth.

use temporal_claim_mapper::{CertificateClaimMapper, CertificateRule, CredentialMode};

use super::{
    authorization::{text, texts},
    problems::Problems,
    profile::uses_certificates,
    raw,
};

const SECTION: &str = "gateway.authorization.certificates";

pub(super) fn read(
    problems: &mut Problems<'_>,
    mode: CredentialMode,
    raw: Vec<raw::CertificateRule>,
) -> Vec<CertificateRule> {
    if uses_certificates(mode) && raw.is_empty() {
        problems.error(SECTION, "is missing: without a rule no certificate is accepted");
    }
    if !uses_certificates(mode) && !raw.is_empty() {
        problems.error(SECTION, "has no effect with `mode: token`");
    }
    let mut rules = Vec::new();
    for (index, raw) in raw.into_iter().enumerate() {
        let rule = rule(raw);
        let checked = CertificateClaimMapper::builder().rule(rule.clone()).build();
        if problems.check(&format!("{SECTION}[{index}]"), checked).is_some() {
            rules.push(rule);
        }
    }
    rules
}

fn rule(raw: raw::CertificateRule) -> CertificateRule {
    let raw::CertificateMatch { subject, dns, uri, email, spiffe } = raw.matches.unwrap_or_default();
    let raw::Subject { common_name, organization, organizational_unit } = subject.unwrap_or_default();
    let with = |rule, value, set: fn(CertificateRule, String) -> CertificateRule| match text(value) {
        Some(value) => set(rule, value),
        None => rule,
    };
    let mut rule = CertificateRule::new();
    rule = with(rule, common_name, CertificateRule::common_name);
    rule = with(rule, organization, CertificateRule::organization);
    rule = with(rule, organizational_unit, CertificateRule::organizational_unit);
    rule = with(rule, dns, CertificateRule::dns);
    rule = with(rule, uri, CertificateRule::uri);
    rule = with(rule, email, CertificateRule::email);
    rule = with(rule, spiffe, CertificateRule::spiffe);
    rule.permissions(texts(raw.permissions).map(|(_, permission)| permission))
}
