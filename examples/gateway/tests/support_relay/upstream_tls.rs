//! TLS towards the upstream.

use std::{net::SocketAddr, sync::Arc};

use rustls::{RootCertStore, ServerConfig, crypto::aws_lc_rs, server::WebPkiClientVerifier};
use temporal_gateway::{listener::ListenerOptions, tls::client};
use temporal_interceptor::config::{ClientTls, PemSource};
use tokio_rustls::TlsAcceptor;

use super::{
    Gateway,
    caller::Caller,
    certificates::{Authority, Files, Pair},
    frontend::Frontend,
    one_connection,
};

/// A frontend with a certificate for `frontend.example`, and perhaps an authority that its clients must chain to.
async fn frontend(authority: &Authority, clients: Option<&Authority>) -> Frontend {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let pair = authority.sign("frontend.example");
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let roots: RootCertStore = clients.roots();
            builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap(),
            )
        }
    };
    let mut config = builder.with_single_cert(vec![pair.der()], pair.private_key()).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Frontend::listen("127.0.0.1:0".parse().unwrap(), Some(TlsAcceptor::from(Arc::new(config)))).await
}

async fn status(upstream: SocketAddr, tls: &ClientTls, host: &str) -> String {
    let mut options = one_connection(upstream);
    options.tls = Some(client(tls, host).unwrap());
    let gateway = Gateway::start(options, ListenerOptions::default(), None).await;
    let caller = Caller::new(gateway.addr).await;
    caller.call("/t.T/Unary", "x").await.status().to_owned()
}

#[tokio::test]
async fn the_upstream_is_verified_by_chain_and_name() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let frontend = frontend(&authority, None).await;
    let rows = [
        // trusted, host of the address, serverName, disableHostVerification, status
        (&authority, "frontend.example", None, false, "0"),
        (&authority, "127.0.0.1", Some("frontend.example"), false, "0"),
        (&authority, "127.0.0.1", None, false, "14"),
        (&authority, "frontend.example", Some("other.example"), false, "14"),
        (&authority, "other.example", None, true, "0"),
        (&authority, "[::1]", None, true, "0"),
        (&stranger, "frontend.example", None, false, "14"),
        (&stranger, "frontend.example", None, true, "14"),
    ];
    for (row, (trusted, host, server_name, any_name, expected)) in rows.into_iter().enumerate() {
        let mut tls = ClientTls::default();
        tls.root_ca = vec![trusted.pem()];
        tls.server_name = server_name.map(str::to_owned);
        tls.disable_host_verification = any_name;
        assert_eq!(status(frontend.addr, &tls, host).await, expected, "row {row}");
    }
    assert_eq!(frontend.calls()[0].uri.scheme_str(), Some("https"));
}

#[tokio::test]
async fn our_certificate_is_shown_and_read_again_for_each_connection() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let frontend = frontend(&authority, Some(&clients)).await;
    let mut tls = ClientTls::default();
    tls.root_ca = vec![authority.pem()];
    assert_eq!(status(frontend.addr, &tls, "frontend.example").await, "14", "without one");

    let files = Files::new("identity");
    let write = |pair: &Pair| {
        (PemSource::File(files.write("tls.crt", &pair.certificate)), PemSource::File(files.write("tls.key", &pair.key)))
    };
    tls.identity = Some(write(&Authority::new().sign("gateway")));
    let mut options = one_connection(frontend.addr);
    options.tls = Some(client(&tls, "frontend.example").unwrap());
    let gateway = Gateway::start(options, ListenerOptions::default(), None).await;
    let caller = Caller::new(gateway.addr).await;
    assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "14", "of an unknown authority");
    write(&clients.sign("gateway"));
    assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "0", "renewed");
    files.write("tls.crt", "half");
    assert_eq!(caller.call("/t.T/Break", "x").await.status(), "14");
    assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "0", "the last good one");
}

#[test]
fn mistakes_are_named_by_key_and_file() {
    let mut tls = ClientTls::default();
    tls.root_ca = vec![PemSource::File("/nowhere/ca.crt".into())];
    let error = client(&tls, "x").unwrap_err().to_string();
    assert!(error.contains("rootCaFiles (/nowhere/ca.crt)"), "{error}");
    tls.root_ca = vec![Authority::new().pem()];
    let error = client(&tls, "no host name").unwrap_err().to_string();
    assert_eq!(error, r#"serverName: "no host name" is neither a host name nor an address"#);
}
