//! Certificates with any names in them, and clients that show them.

use std::{sync::Arc, time::SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose,
    SigningKey as _,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

use super::Directory;

/// An authority, and a listener's certificate of its making.
pub struct Authority {
    params: CertificateParams,
    key: KeyPair,
    root: CertificateDer<'static>,
}

/// A client's chain, leaf first, and the leaf's key.
pub struct Client {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

/// What stands in a client's certificate.
#[derive(Default)]
pub struct Names {
    /// The subject: relative names, each of attributes (the last number of 2.5.4.n, and the text).
    pub subject: Vec<Vec<(u8, String)>>,
    /// The alternative names: the context tag (1 e-mail, 2 DNS, 6 URI, 7 address), and the bytes.
    pub alternative: Vec<(u8, Vec<u8>)>,
    pub ends: Option<SystemTime>,
}

pub const CN: u8 = 3;
pub const O: u8 = 10;
pub const OU: u8 = 11;

impl Names {
    /// A subject whose attributes stand one by one.
    pub fn subject(attributes: &[(u8, &str)]) -> Self {
        let subject = attributes.iter().map(|(kind, text)| vec![(*kind, (*text).to_owned())]).collect();
        Self { subject, ..Self::default() }
    }

    /// A subject whose attributes all stand in one relative name.
    pub fn together(attributes: &[(u8, &str)]) -> Self {
        let together = attributes.iter().map(|(kind, text)| (*kind, (*text).to_owned())).collect();
        Self { subject: vec![together], ..Self::default() }
    }

    pub fn dns(self, name: impl AsRef<[u8]>) -> Self {
        self.alternative(2, name)
    }

    pub fn uri(self, uri: impl AsRef<[u8]>) -> Self {
        self.alternative(6, uri)
    }

    pub fn alternative(mut self, tag: u8, name: impl AsRef<[u8]>) -> Self {
        self.alternative.push((tag, name.as_ref().to_vec()));
        self
    }

    pub fn ends(mut self, at: SystemTime) -> Self {
        self.ends = Some(at);
        self
    }

    /// The subject as a `Name` (RFC 5280, 4.1.2.4).
    fn encoded_subject(&self) -> Vec<u8> {
        let attribute = |(kind, text): &(u8, String)| {
            let text = tlv(0x0c, text.as_bytes());
            tlv(0x30, &[vec![6, 3, 0x55, 4, *kind], text].concat())
        };
        let relative = |names: &Vec<_>| {
            let mut names: Vec<Vec<u8>> = names.iter().map(attribute).collect();
            names.sort();
            tlv(0x31, &names.concat())
        };
        tlv(0x30, &self.subject.iter().map(relative).collect::<Vec<_>>().concat())
    }

    fn extension(&self) -> Option<CustomExtension> {
        let names = self.alternative.iter().map(|(tag, name)| tlv(0x80 | tag, name)).collect::<Vec<_>>().concat();
        let names = tlv(0x30, &names);
        (!self.alternative.is_empty()).then(|| CustomExtension::from_oid_content(&[2, 5, 29, 17], names))
    }
}

impl Authority {
    pub fn new() -> Self {
        let mut params = authority("an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { params, key, root }
    }

    /// `server` of `global.tls.frontend`, with a certificate for localhost; `more` are further keys.
    pub fn listener(&self, files: &Directory, more: &str) -> String {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer()).unwrap().pem();
        let certificate = files.write("server.pem", &certificate);
        let key = files.write("server-key.pem", &key.serialize_pem());
        let root = self.params.self_signed(&self.key).unwrap().pem();
        let root = files.write("ca.pem", &root);
        format!(
            "{{ frontend: {{ server: {{ certFile: '{certificate}', keyFile: '{key}', clientCaFiles: ['{root}'], {more} }} }} }}"
        )
    }

    /// A client's certificate by this authority.
    pub fn client(&self, names: &Names) -> Client {
        let key = KeyPair::generate().unwrap();
        Client { chain: vec![certificate(names, IsCa::NoCa, &key, &self.params, &self.key)], key }
    }

    /// A certificate by an authority under this one, whose own certificate has these names.
    pub fn client_under(&self, between: &Names, names: &Names) -> (Client, Client) {
        let middle_key = KeyPair::generate().unwrap();
        let is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let middle = certificate(between, is_ca, &middle_key, &self.params, &self.key);
        let mut params = authority(PLACEHOLDER);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().unwrap();
        let mut leaf = certificate(names, IsCa::NoCa, &key, &params, &middle_key);
        // The issuer's name in the leaf is the placeholder: it is the subject of the one between.
        let (old, new) = (Names::subject(&[(CN, PLACEHOLDER)]).encoded_subject(), between.encoded_subject());
        leaf = resigned(&leaf, &old, &new, &middle_key);
        (Client { chain: vec![leaf, middle.clone()], key }, Client { chain: vec![middle], key: middle_key })
    }

    fn issuer(&self) -> rcgen::Issuer<'_, &KeyPair> {
        rcgen::Issuer::from_params(&self.params, &self.key)
    }

    /// A client of the listener that shows `client`.
    pub fn config(&self, client: Option<&Client>) -> ClientConfig {
        self.config_of(client, rustls::ALL_VERSIONS)
    }

    /// The same with these versions of TLS.
    pub fn config_of(
        &self,
        client: Option<&Client>,
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match client {
            None => builder.with_no_client_auth(),
            Some(Client { chain, key }) => {
                let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
                builder.with_client_auth_cert(chain.clone(), key).unwrap()
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }
}

const PLACEHOLDER: &str = "a placeholder for a name";

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

/// Made with a placeholder for a subject, which is then replaced by the bytes that are asked for, and signed again.
fn certificate(
    names: &Names,
    is_ca: IsCa,
    key: &KeyPair,
    by: &CertificateParams,
    with: &KeyPair,
) -> CertificateDer<'static> {
    let subject = "the subject of the client";
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, subject);
    params.is_ca = is_ca;
    params.custom_extensions.extend(names.extension());
    if let Some(ends) = names.ends {
        params.not_after = ends.into();
    }
    let certificate = params.signed_by(key, &rcgen::Issuer::from_params(by, with)).unwrap();
    let old = Names::subject(&[(CN, subject)]).encoded_subject();
    resigned(certificate.der(), &old, &names.encoded_subject(), with)
}

/// A certificate with other bytes in the place of `old`, signed anew.
fn resigned(der: &CertificateDer<'_>, old: &[u8], new: &[u8], key: &KeyPair) -> CertificateDer<'static> {
    let (tbs, rest) = value(value(der).0);
    let at = tbs.windows(old.len()).position(|part| part == old).expect("the name that is replaced");
    let tbs = tlv(0x30, &[&tbs[..at], new, &tbs[at + old.len()..]].concat());
    // The algorithm stays; the signature is a bit string without unused bits.
    let algorithm = &rest[..rest.len() - value(rest).1.len()];
    let signature = tlv(3, &[&[0][..], &key.sign(&tbs).unwrap()].concat());
    tlv(0x30, &[&tbs[..], algorithm, &signature].concat()).into()
}

/// The value of the first element, and what follows it.
fn value(der: &[u8]) -> (&[u8], &[u8]) {
    let (start, length) = match der[1] {
        short @ ..=127 => (2, usize::from(short)),
        0x81 => (3, usize::from(der[2])),
        _ => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
    };
    (&der[start..start + length], &der[start + length..])
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let head = match length {
        ..128 => vec![tag, length as u8],
        128..256 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, value.to_vec()].concat()
}
