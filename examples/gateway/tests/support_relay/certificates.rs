//! Authorities and the certificates that they sign, fresh for each test.

use std::{path::PathBuf, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use temporal_gateway::{
    tls::{ReloadingAcceptor, client, server},
    upstream::UpstreamTls,
};
use temporal_interceptor::config::{AuthorizationConfig, ClientCertificates, ClientTls, FrontendTls, PemSource};

pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
#[derive(Clone)]
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "Test authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> PemSource {
        PemSource::Data(self.0.pem().into_bytes())
    }

    /// The authority's own certificate, as a leaf.
    pub fn itself(&self) -> Pair {
        Pair { certificate: self.0.pem(), key: self.0.key().serialize_pem() }
    }

    pub fn sign(&self, name: &str) -> Pair {
        self.sign_with(name, |_| {})
    }

    pub fn sign_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Pair { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    pub fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        roots
    }

    /// A client that trusts this authority and shows `identity`.
    pub fn client(&self, identity: Option<&Pair>) -> ClientConfig {
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots());
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(pair) => builder.with_client_auth_cert(vec![pair.der()], pair.private_key()).unwrap(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }

    /// What the gateway uses towards an upstream whose certificate this authority signed for `host`.
    pub fn upstream_tls(&self, host: &str) -> UpstreamTls {
        let mut tls = ClientTls::default();
        tls.root_ca = vec![self.pem()];
        client(&tls, host).unwrap()
    }

    /// A listener's acceptor with a certificate for `localhost`, asking for nothing.
    pub fn acceptor(&self) -> ReloadingAcceptor {
        let tls = self.sign("localhost").frontend_tls(&[], ClientCertificates::NotAsked);
        server(&tls).unwrap().unwrap()
    }
}

impl Pair {
    pub fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()
    }

    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap()
    }

    /// `global.tls.frontend` with this pair in `server`.
    pub fn frontend_tls(&self, client_ca: &[&Authority], client_certificates: ClientCertificates) -> FrontendTls {
        let yaml = "{ gateway: { authorization: { allowEveryone: true } },
                      global: { tls: { frontend: { server: { certFile: tls.crt, keyFile: tls.key } } } } }";
        let mut tls = AuthorizationConfig::from_yaml(yaml, "").unwrap().frontend_tls().clone();
        let server = tls.server.as_mut().unwrap();
        server.certificate = PemSource::Data(self.certificate.clone().into_bytes());
        server.key = PemSource::Data(self.key.clone().into_bytes());
        server.client_ca = client_ca.iter().map(|authority| authority.pem()).collect();
        server.client_certificates = client_certificates;
        tls
    }
}

/// A directory of its own, gone with the value.
pub struct Files(PathBuf);

impl Files {
    pub fn new(test: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("relay-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
