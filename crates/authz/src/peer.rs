//! A client certificate that the handshake verified, parsed once.

use std::time::{Duration, SystemTime};

use x509_parser::{
    certificate::X509Certificate,
    extensions::GeneralName,
    oid_registry::{OID_X509_COMMON_NAME, OID_X509_ORGANIZATION_NAME, OID_X509_ORGANIZATIONAL_UNIT, Oid},
    prelude::FromDer,
};

/// An attribute of a certificate's subject that rules may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectAttribute {
    /// CN.
    CommonName,
    /// O.
    Organization,
    /// OU.
    OrganizationalUnit,
}

/// The identity in a client certificate: the leaf of a chain that the TLS stack verified.
///
/// Attributes are kept apart. A flattened subject is ambiguous (`O = "ACME, Inc.", OU = "CN=admin"`), and is not offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    // A value that is no text (BMPString, T61String) is None: it matches no rule, and still counts as a value.
    subject: Vec<(SubjectAttribute, Option<String>)>,
    dns_names: Vec<String>,
    uris: Vec<String>,
    emails: Vec<String>,
    not_before: SystemTime,
    not_after: SystemTime,
}

impl PeerCertificate {
    /// Reads the leaf certificate of a chain that the handshake verified; nothing is verified here.
    ///
    /// # Errors
    /// Bytes that are no certificate, bytes behind it, a name with control characters, an alternative name that is not
    /// ASCII: what two readers could read in two ways is nobody's identity.
    pub fn from_verified_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| CertificateError::Malformed)?;
        if !rest.is_empty() {
            return Err(CertificateError::Malformed);
        }
        let mut peer = Self {
            subject: subject(&certificate)?,
            dns_names: Vec::new(),
            uris: Vec::new(),
            emails: Vec::new(),
            not_before: time(certificate.validity().not_before.timestamp()),
            not_after: time(certificate.validity().not_after.timestamp()),
        };
        let names = certificate.subject_alternative_name().map_err(|_| CertificateError::Malformed)?;
        for name in names.iter().flat_map(|extension| &extension.value.general_names) {
            match name {
                GeneralName::DNSName(text) => peer.dns_names.push(ascii(text)?),
                GeneralName::URI(text) => peer.uris.push(ascii(text)?),
                GeneralName::RFC822Name(text) => peer.emails.push(ascii(text)?),
                // Not UTF-8, for one. Passed over, a second URI would not count as one.
                GeneralName::Invalid(..) => return Err(CertificateError::Malformed),
                _ => {}
            }
        }
        Ok(peer)
    }

    /// The value of a subject attribute that stands exactly once; `None` when it is absent, repeated or no text.
    pub fn subject(&self, attribute: SubjectAttribute) -> Option<&str> {
        let mut values = self.subject.iter().filter(|(kind, _)| *kind == attribute);
        let (_, value) = values.next()?;
        if values.next().is_some() { None } else { value.as_deref() }
    }

    /// The DNS names among the alternative names.
    pub fn dns_names(&self) -> &[String] {
        &self.dns_names
    }

    /// The URIs among the alternative names.
    pub fn uris(&self) -> &[String] {
        &self.uris
    }

    /// The e-mail addresses among the alternative names.
    pub fn emails(&self) -> &[String] {
        &self.emails
    }

    /// When the certificate expires.
    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// Whether `now` lies within the certificate's validity, both ends included (RFC 5280, 4.1.2.5). The handshake
    /// looks at it once; a connection can outlive it.
    pub fn is_valid_at(&self, now: SystemTime) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}

/// A client certificate that cannot serve as an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Not one DER certificate, or one whose extensions or alternative names do not parse.
    #[error("client certificate does not parse")]
    Malformed,
    /// A name holds control characters, or an alternative name is not ASCII.
    #[error("client certificate has a name with characters that names do not have")]
    UnprintableName,
}

fn subject(certificate: &X509Certificate<'_>) -> Result<Vec<(SubjectAttribute, Option<String>)>, CertificateError> {
    let mut subject = Vec::new();
    for attribute in certificate.subject().iter_attributes() {
        let Some(kind) = kind(attribute.attr_type()) else { continue };
        let value = attribute.as_str().ok();
        if value.is_some_and(|text| text.chars().any(char::is_control)) {
            return Err(CertificateError::UnprintableName);
        }
        subject.push((kind, value.map(str::to_owned)));
    }
    Ok(subject)
}

fn kind(oid: &Oid<'_>) -> Option<SubjectAttribute> {
    if *oid == OID_X509_COMMON_NAME {
        Some(SubjectAttribute::CommonName)
    } else if *oid == OID_X509_ORGANIZATION_NAME {
        Some(SubjectAttribute::Organization)
    } else if *oid == OID_X509_ORGANIZATIONAL_UNIT {
        Some(SubjectAttribute::OrganizationalUnit)
    } else {
        None
    }
}

fn ascii(text: &str) -> Result<String, CertificateError> {
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err(CertificateError::UnprintableName)
    }
}

fn time(unix_seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(unix_seconds.unsigned_abs());
    let at = if unix_seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    at.unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    use super::*;

    fn certificate(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2030, 1, 1);
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn names_are_kept_apart() {
        let der = certificate(|params| {
            params.distinguished_name.push(DnType::OrganizationName, "ACME, Inc.");
            params.distinguished_name.push(DnType::OrganizationalUnitName, "CN=admin");
            params.distinguished_name.push(DnType::CommonName, "O=good, CN=x");
            params.subject_alt_names = vec![
                SanType::DnsName("worker.example.com".try_into().unwrap()),
                SanType::URI("spiffe://td/worker".try_into().unwrap()),
                SanType::Rfc822Name("w@example.com".try_into().unwrap()),
            ];
        });
        let peer = PeerCertificate::from_verified_der(&der).unwrap();
        assert_eq!(peer.subject(SubjectAttribute::Organization), Some("ACME, Inc."));
        assert_eq!(peer.subject(SubjectAttribute::OrganizationalUnit), Some("CN=admin"));
        assert_eq!(peer.subject(SubjectAttribute::CommonName), Some("O=good, CN=x"));
        assert_eq!(peer.dns_names(), ["worker.example.com"]);
        assert_eq!(peer.uris(), ["spiffe://td/worker"]);
        assert_eq!(peer.emails(), ["w@example.com"]);
    }

    #[test]
    fn a_certificate_that_can_be_read_in_two_ways_is_nobodys() {
        for (der, error) in [
            (
                certificate(|p| p.distinguished_name.push(DnType::CommonName, "worker\0.evil")),
                CertificateError::UnprintableName,
            ),
            ([certificate(|_| {}), vec![0]].concat(), CertificateError::Malformed),
            (b"junk".to_vec(), CertificateError::Malformed),
            (Vec::new(), CertificateError::Malformed),
        ] {
            assert_eq!(PeerCertificate::from_verified_der(&der), Err(error));
        }
    }

    #[test]
    fn an_alternative_name_that_is_no_text_is_not_passed_over() {
        for name in [
            SanType::DnsName("beside".try_into().unwrap()),
            SanType::URI("beside".try_into().unwrap()),
            SanType::Rfc822Name("beside".try_into().unwrap()),
        ] {
            let mut der = certificate(|params| {
                params.subject_alt_names = vec![SanType::URI("spiffe://td/worker".try_into().unwrap()), name];
            });
            let at = der.windows(6).position(|bytes| bytes == b"beside").unwrap();
            der[at] = 0xff;
            assert_eq!(PeerCertificate::from_verified_der(&der), Err(CertificateError::Malformed));
        }
    }

    #[test]
    fn a_common_name_of_another_string_type_is_no_text() {
        let der = certificate(|params| {
            let name = rcgen::string::BmpString::try_from("admin").unwrap();
            params.distinguished_name.push(DnType::CommonName, rcgen::DnValue::BmpString(name));
        });
        let peer = PeerCertificate::from_verified_der(&der).unwrap();
        assert_eq!(peer.subject(SubjectAttribute::CommonName), None);
    }

    #[test]
    fn validity_is_judged_at_the_time_of_the_call() {
        let peer = PeerCertificate::from_verified_der(&certificate(|_| {})).unwrap();
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000);
        assert_eq!(peer.not_after(), end);
        assert!(peer.is_valid_at(end));
        assert!(!peer.is_valid_at(end + Duration::from_secs(1)));
        assert!(!peer.is_valid_at(SystemTime::UNIX_EPOCH));
    }
}
