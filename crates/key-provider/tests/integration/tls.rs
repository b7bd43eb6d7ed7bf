//! `https` sources and the authorities they are trusted by.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use temporal_key_provider::Source;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::server::Server;
use crate::support::signer::{jwk, jwks};
use crate::support::{eager, keys};

/// A server for `localhost` with a certificate of its own authority: its port, and the authority's certificate in PEM.
async fn serve(server: Server) -> (u16, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = leaf.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            if let Ok(connection) = acceptor.accept(connection).await {
                server.adopt(connection);
            }
        }
    });
    (port, authority_pem)
}

#[tokio::test]
async fn a_given_authority_is_trusted_and_no_other() {
    let server = Server::with(jwks(&[jwk("a")])).await;
    let (port, authority) = serve(server.clone()).await;
    let url = |host: &str| -> Source { format!("https://{host}:{port}/jwks").parse().unwrap() };
    let provider = eager().ca_pem(authority.clone()).source(url("localhost")).build().await.unwrap();
    assert!(keys(&provider, "a").await.is_ok());

    let wrong_name = eager().ca_pem(authority).source(url("127.0.0.1")).build().await.unwrap_err();
    assert!(wrong_name.to_string().contains("certificate"), "{wrong_name}");
    let (_, other_authority) = serve(server.clone()).await;
    let wrong_authority = eager().ca_pem(other_authority).source(url("localhost")).build().await.unwrap_err();
    assert!(wrong_authority.to_string().contains("certificate"), "{wrong_authority}");
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn plain_text_is_not_mistaken_for_tls() {
    let server = Server::with(jwks(&[jwk("a")])).await;
    let (_, authority) = serve(server.clone()).await;
    let source = format!("https://{}/jwks", server.address).parse().unwrap();
    let error = eager().ca_pem(authority).source(source).build().await.unwrap_err();
    assert!(error.to_string().contains("request failed"), "{error}");
}
