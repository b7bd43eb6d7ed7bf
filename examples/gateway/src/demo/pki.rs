//! A certificate authority for an afternoon: a server certificate for this machine, and client certificates.

use std::{
    fmt, io,
    path::Path,
    time::{Duration, SystemTime},
};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use thiserror::Error;

use crate::mint::files::{self, PRIVATE, PUBLIC};

/// How long all certificates are valid. rcgen's own default is the year 4096.
const VALIDITY: Duration = Duration::from_secs(30 * 86_400);
/// How long before now they begin, for machines whose clock is behind.
const BACKDATED: Duration = Duration::from_secs(3_600);

/// The subject of a client certificate, which certificate rules match on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientName {
    /// CN.
    pub common_name: String,
    /// O, left out when empty.
    pub organization: String,
    /// OU, left out when empty.
    pub organizational_unit: String,
}

/// A certificate with its private key, both in PEM.
#[derive(Clone)]
pub struct KeyedCertificate {
    /// The certificate.
    pub certificate: String,
    /// Its private key, PKCS #8: a secret.
    pub key: String,
}

/// A certificate authority with what it has signed.
pub struct Pki {
    ca: String,
    issuer: Issuer<'static, KeyPair>,
    server: KeyedCertificate,
    client: KeyedCertificate,
}

/// Why there are no certificates.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PkiError {
    /// A key or a certificate could not be made.
    #[error("the certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The clock is too near the end of time.
    #[error("the clock shows a time that no certificate can be valid at")]
    Clock,
}

impl Pki {
    /// Makes an authority, a server certificate for `localhost`, `127.0.0.1` and `::1`, and one for `client`. All are
    /// valid for 30 days. Keys are P-256.
    ///
    /// # Errors
    /// A key or a certificate could not be made.
    pub fn generate(client: &ClientName) -> Result<Self, PkiError> {
        let mut params = params(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "temporal-gateway demo CA");
        let key = KeyPair::generate()?;
        let ca = params.self_signed(&key)?.pem();
        let issuer = Issuer::new(params, key);

        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let server = leaf(&issuer, names.to_vec(), ExtendedKeyUsagePurpose::ServerAuth, |name| {
            name.push(DnType::CommonName, "localhost");
        })?;
        let client = client_certificate(&issuer, client)?;
        Ok(Self { ca, issuer, server, client })
    }

    /// The authority's certificate, in PEM.
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// The server's certificate.
    pub fn server(&self) -> &KeyedCertificate {
        &self.server
    }

    /// The client's certificate.
    pub fn client(&self) -> &KeyedCertificate {
        &self.client
    }

    /// A certificate for one more client, by the same authority.
    ///
    /// # Errors
    /// The key or the certificate could not be made.
    pub fn issue_client(&self, name: &ClientName) -> Result<KeyedCertificate, PkiError> {
        client_certificate(&self.issuer, name)
    }

    /// Writes `ca.pem`, `server.pem`, `server-key.pem`, `client.pem` and `client-key.pem` into `dir`, in the place of
    /// those that are there. The directory is made for its owner alone (0700) if it does not exist; keys are 0600.
    ///
    /// # Errors
    /// A file or the directory cannot be written.
    pub fn write_to(&self, dir: &Path) -> io::Result<()> {
        files::create_dir(dir)?;
        for (name, contents, mode) in [
            ("ca.pem", &self.ca, PUBLIC),
            ("server.pem", &self.server.certificate, PUBLIC),
            ("server-key.pem", &self.server.key, PRIVATE),
            ("client.pem", &self.client.certificate, PUBLIC),
            ("client-key.pem", &self.client.key, PRIVATE),
        ] {
            files::replace(&dir.join(name), contents, mode)?;
        }
        Ok(())
    }
}

/// Without keys.
impl fmt::Debug for Pki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pki").field("ca", &self.ca).finish_non_exhaustive()
    }
}

/// Without the key.
impl fmt::Debug for KeyedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyedCertificate").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

fn client_certificate(issuer: &Issuer<'static, KeyPair>, client: &ClientName) -> Result<KeyedCertificate, PkiError> {
    leaf(issuer, Vec::new(), ExtendedKeyUsagePurpose::ClientAuth, |name| {
        for (kind, value) in [
            (DnType::OrganizationName, &client.organization),
            (DnType::OrganizationalUnitName, &client.organizational_unit),
            (DnType::CommonName, &client.common_name),
        ] {
            if !value.is_empty() {
                name.push(kind, value.as_str());
            }
        }
    })
}

fn leaf(
    issuer: &Issuer<'static, KeyPair>,
    alternative_names: Vec<String>,
    purpose: ExtendedKeyUsagePurpose,
    subject: impl FnOnce(&mut DistinguishedName),
) -> Result<KeyedCertificate, PkiError> {
    let mut params = params(alternative_names)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![purpose];
    params.use_authority_key_identifier_extension = true;
    subject(&mut params.distinguished_name);
    let key = KeyPair::generate()?;
    Ok(KeyedCertificate { certificate: params.signed_by(&key, issuer)?.pem(), key: key.serialize_pem() })
}

fn params(alternative_names: Vec<String>) -> Result<CertificateParams, PkiError> {
    let now = SystemTime::now();
    let mut params = CertificateParams::new(alternative_names)?;
    params.distinguished_name = DistinguishedName::new();
    params.not_before = now.checked_sub(BACKDATED).ok_or(PkiError::Clock)?.into();
    params.not_after = now.checked_add(VALIDITY).ok_or(PkiError::Clock)?.into();
    Ok(params)
}
