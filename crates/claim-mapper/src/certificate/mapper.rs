//! The claim mapper for client certificates.

use std::sync::Arc;

use async_trait::async_trait;
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper, Claims, PeerCertificate, Reason, SubjectAttribute};

use super::{
    error::CertificateRuleError,
    rule::{CertificateRule, Compiled},
    spiffe::Svid,
};
use crate::clock::{Clock, SystemClock};

/// What `auth_type` is in claims from a certificate.
const AUTH_TYPE: &str = "mtls";

/// Claims from a verified client certificate, by rules on its names.
///
/// Every rule that matches grants; a certificate that no rule matches is refused
/// ([`Reason::CertificateNotMapped`]). So is one with a SPIFFE URI that is no valid X509-SVID (two URIs, a malformed ID),
/// whatever its other names are. The dates are looked at in each call, because connections outlive certificates.
///
/// The claims' subject is the SPIFFE ID, where there is one. Else it is what the first matching rule asks for: the CN, the
/// DNS name, the URI or the e-mail address, in this order; for a rule that only asks for O or OU, the certificate's only CN.
/// The claims end when the certificate does.
///
/// Without a certificate it knows nobody (`Ok(None)`).
#[derive(Debug, Clone)]
pub struct CertificateClaimMapper {
    rules: Arc<[Compiled]>,
    clock: Arc<dyn Clock>,
}

/// Collects the rules of a [`CertificateClaimMapper`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct CertificateClaimMapperBuilder {
    rules: Vec<CertificateRule>,
    clock: Arc<dyn Clock>,
}

impl CertificateClaimMapper {
    /// A mapper without rules.
    pub fn builder() -> CertificateClaimMapperBuilder {
        CertificateClaimMapperBuilder { rules: Vec::new(), clock: Arc::new(SystemClock) }
    }

    fn claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        let Some(certificate) = info.peer() else { return Ok(None) };
        self.check_dates(certificate)?;
        let svid = Svid::of(certificate);
        if svid == Svid::Invalid {
            return Err(not_mapped("a SPIFFE URI, and not a valid X509-SVID"));
        }
        let mut matching = self.rules.iter().filter(|rule| rule.matches(certificate, svid));
        let Some(first) = matching.next() else {
            return Err(not_mapped("no rule matches"));
        };
        let subject = match svid {
            Svid::Id(id) => Some(id),
            _ => first.subject().or(certificate.subject(SubjectAttribute::CommonName)),
        };
        let Some(subject) = subject.filter(|subject| !subject.is_empty()) else {
            return Err(not_mapped("a rule matches, and the certificate has no name to go by"));
        };
        let claims = Claims::builder(AUTH_TYPE, subject).expires_at(certificate.not_after());
        let claims = matching.fold(first.grant(claims), |claims, rule| rule.grant(claims));
        claims.build().map(Some).map_err(ClaimError::failed)
    }

    fn check_dates(&self, certificate: &PeerCertificate) -> Result<(), ClaimError> {
        let now = self.clock.now();
        if certificate.is_valid_at(now) {
            Ok(())
        } else if now > certificate.not_after() {
            Err(ClaimError::rejected_with(Reason::Expired, "the client certificate has expired"))
        } else {
            Err(ClaimError::rejected_with(Reason::NotYetValid, "the client certificate is not valid yet"))
        }
    }
}

impl CertificateClaimMapperBuilder {
    /// Adds a rule.
    pub fn rule(mut self, rule: CertificateRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The clock that dates are compared with. Default: the system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The mapper.
    ///
    /// # Errors
    /// No rule, a rule that would match everything, a name that no certificate can have, a permission that would grant
    /// nothing.
    pub fn build(self) -> Result<CertificateClaimMapper, CertificateRuleError> {
        if self.rules.is_empty() {
            return Err(CertificateRuleError::NoRule);
        }
        let numbered = (1_usize..).zip(self.rules);
        let rules = numbered.map(|(number, rule)| rule.compile(number)).collect::<Result<_, _>>()?;
        Ok(CertificateClaimMapper { rules, clock: self.clock })
    }
}

#[async_trait]
impl ClaimMapper for CertificateClaimMapper {
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        self.claims(info)
    }

    fn claims_at_hand(&self, info: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
        Some(self.claims(info))
    }
}

fn not_mapped(detail: &str) -> ClaimError {
    ClaimError::rejected_with(Reason::CertificateNotMapped, detail)
}
