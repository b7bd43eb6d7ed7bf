//! TLS towards the upstream.

use std::sync::Arc;

use rustls::{ServerConfig, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use temporal_gateway::demo::pki::Pki;
use tokio_rustls::TlsAcceptor;

use super::{
    caller::Caller,
    calls::{framed, issuer, token},
    running::{Config, Directory, Gateway, arguments},
    tls::pki,
    upstream::{Manner, Upstream},
};

fn acceptor(pki: &Pki) -> TlsAcceptor {
    let pair = pki.server();
    let certificate = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn the_flag_turns_tls_on_and_the_file_says_whom_to_trust() {
    let (issuer, pki, foreign) = (issuer().await, pki(), pki());
    let tls = Some(acceptor(&pki));
    let upstream = Upstream::listen("127.0.0.1:0".parse().unwrap(), Manner::Answer, tls).await;
    let token = token(&issuer, &["default:read"]);
    let rows = [
        ("the right authority", Some(pki.ca()), "https", "", "0"),
        ("another authority", Some(foreign.ca()), "https", "", "14"),
        ("a name that the certificate does not have", Some(pki.ca()), "https", "serverName: elsewhere", "14"),
        ("the system's authorities", None, "https", "", "14"),
        ("plaintext, which the upstream does not speak", Some(pki.ca()), "http", "", "14"),
    ];
    for (row, trusted, scheme, more, expected) in rows {
        let directory = Directory::new();
        let roots = trusted.map(|ca| format!("rootCaFiles: ['{}']", directory.write("ca.pem", ca)));
        let towards_upstream = format!("tls: {{ {}, {more} }}", roots.unwrap_or("forceTLS: true".to_owned()));
        let nowhere = "127.0.0.1:1".parse().unwrap();
        let config = Config { towards_upstream: &towards_upstream, ..Config::new(issuer.jwks_uri(), nowhere) };
        let mut arguments = arguments(&directory, &config.yaml());
        arguments.upstream = Some(format!("{scheme}://{}", upstream.addr));
        let gateway = Gateway::run(arguments, directory).await;
        let caller = Caller::new(gateway.addr).await;
        assert_eq!(caller.describe("default", &token).await, expected, "{row}");
        let denied = caller.temporal("DescribeNamespace", framed(0, b""), "").await;
        assert_eq!(denied.status(), "7", "{row}: the verdict does not wait for the upstream");
    }
    assert_eq!(upstream.calls().len(), 1);
}
