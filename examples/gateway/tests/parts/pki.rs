//! The demo's certificates, used for what they are for: a handshake in which both sides show one.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use temporal_authz::{PeerCertificate, SubjectAttribute};
use temporal_gateway::demo::pki::{ClientName, KeyedCertificate, Pki};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::mint::{Scratch, mode};

fn alice() -> ClientName {
    ClientName {
        common_name: "alice".to_owned(),
        organization: "ACME, Inc.".to_owned(),
        organizational_unit: "Payments".to_owned(),
    }
}

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn key(pair: &KeyedCertificate) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap()
}

fn roots(pki: &Pki) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(pki.ca())).unwrap();
    Arc::new(roots)
}

/// The client certificate that the server saw, or why there was no connection. The client trusts `trusted`.
async fn handshake(
    pki: &Pki,
    trusted: &Pki,
    name: &str,
    client: Option<&KeyedCertificate>,
) -> Result<CertificateDer<'static>, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(pki), Arc::clone(&provider)).build().unwrap();
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate(&pki.server().certificate)], key(pki.server()))
        .unwrap();
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots(trusted));
    let config = match client {
        Some(pair) => builder.with_client_auth_cert(vec![certificate(&pair.certificate)], key(pair)).unwrap(),
        None => builder.with_no_client_auth(),
    };
    let (near, far) = tokio::io::duplex(64 << 10);
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let (seen, connected) = tokio::join!(
        TlsAcceptor::from(Arc::new(server)).accept(far),
        TlsConnector::from(Arc::new(config)).connect(name, near),
    );
    connected.map_err(|error| error.to_string())?;
    let seen = seen.map_err(|error| error.to_string())?;
    Ok(seen.get_ref().1.peer_certificates().unwrap()[0].clone())
}

#[tokio::test]
async fn both_sides_of_a_handshake_accept_the_certificates_of_one_authority_only() {
    let pki = Pki::generate(&alice()).unwrap();
    let other = Pki::generate(&alice()).unwrap();
    for name in ["localhost", "127.0.0.1", "::1"] {
        let seen = handshake(&pki, &pki, name, Some(pki.client())).await.unwrap();
        assert_eq!(seen, certificate(&pki.client().certificate));
    }
    let second = pki.issue_client(&ClientName { common_name: "bob".to_owned(), ..ClientName::default() }).unwrap();
    let seen = handshake(&pki, &pki, "localhost", Some(&second)).await.unwrap();
    let seen = PeerCertificate::from_verified_der(&seen).unwrap();
    assert_eq!(seen.subject(SubjectAttribute::CommonName), Some("bob"));
    assert_eq!(seen.subject(SubjectAttribute::Organization), None);

    for (trusted, name, client) in [
        (&pki, "example.com", Some(pki.client())),
        (&other, "localhost", Some(pki.client())),
        (&pki, "localhost", Some(other.client())),
        (&pki, "localhost", Some(pki.server())),
        (&pki, "localhost", None),
    ] {
        assert!(handshake(&pki, trusted, name, client).await.is_err(), "{name} {client:?}");
    }
}

#[test]
fn the_client_is_named_as_asked_and_valid_for_thirty_days() {
    let pki = Pki::generate(&alice()).unwrap();
    let now = SystemTime::now();
    let day = Duration::from_secs(86_400);
    let parsed = PeerCertificate::from_verified_der(&certificate(&pki.client().certificate)).unwrap();
    assert_eq!(parsed.subject(SubjectAttribute::CommonName), Some("alice"));
    assert_eq!(parsed.subject(SubjectAttribute::Organization), Some("ACME, Inc."));
    assert_eq!(parsed.subject(SubjectAttribute::OrganizationalUnit), Some("Payments"));
    for pem in [pki.ca(), &pki.server().certificate, &pki.client().certificate] {
        let parsed = PeerCertificate::from_verified_der(&certificate(pem)).unwrap();
        assert!(parsed.not_after() > now + 29 * day && parsed.not_after() <= now + 30 * day);
    }
}

#[test]
fn files_are_written_with_keys_for_their_owner_alone() {
    let scratch = Scratch::new("pki-files");
    let dir = scratch.0.join("tls");
    // The second time in the place of the first.
    for _ in 0..2 {
        let pki = Pki::generate(&alice()).unwrap();
        pki.write_to(&dir).unwrap();
        for (name, contents, expected) in [
            ("ca.pem", pki.ca(), 0o644),
            ("server.pem", &pki.server().certificate, 0o644),
            ("server-key.pem", &pki.server().key, 0o600),
            ("client.pem", &pki.client().certificate, 0o644),
            ("client-key.pem", &pki.client().key, 0o600),
        ] {
            assert_eq!(std::fs::read_to_string(dir.join(name)).unwrap(), contents);
            assert_eq!(mode(&dir.join(name)), expected, "{name}");
        }
        assert_eq!(mode(&dir), 0o700);
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 5);
        assert!(!format!("{pki:?} {:?}", pki.client()).contains("PRIVATE"));
    }
}
