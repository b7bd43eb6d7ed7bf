//! The listener's TLS: client certificates, names, files that change.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rustls_pki_types::CertificateDer;
use temporal_gateway::{
    listener::{ListenerOptions, serve},
    tls::{ReloadingAcceptor, server},
    upstream::Upstream,
};
use temporal_interceptor::config::{ClientCertificates, FrontendTls, PemSource, ServerTls};
use tokio::{net::TcpListener, net::TcpStream};
use tokio_rustls::TlsConnector;

use super::{
    caller::Caller,
    certificates::{Authority, Files, Pair},
    frontend::Frontend,
    one_connection,
};

type Seen = Arc<Mutex<Vec<Option<Vec<CertificateDer<'static>>>>>>;

/// A gateway with `tls`, and the peer certificates of its connections.
async fn gateway(tls: &FrontendTls) -> (std::net::SocketAddr, Seen) {
    let frontend = Frontend::start().await;
    let acceptor = server(tls).unwrap().unwrap();
    let upstream = Upstream::new(one_connection(frontend.addr));
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = tcp.local_addr().unwrap();
    let seen = Seen::default();
    let record = Arc::clone(&seen);
    tokio::spawn(serve(
        tcp,
        Some(acceptor),
        ListenerOptions::default(),
        move |connection| {
            record.lock().unwrap().push(connection.peer_certificates.clone());
            upstream.clone()
        },
        std::future::pending(),
    ));
    (addr, seen)
}

/// Whether a call goes through with `identity`. With TLS 1.3 a client learns that its certificate was refused only after its side of
/// the handshake.
async fn admits(addr: std::net::SocketAddr, authority: &Authority, identity: Option<&Pair>) -> bool {
    let Some(caller) = Caller::tls(addr, "localhost", authority.client(identity)).await else {
        return false;
    };
    match caller.open(super::caller::request("/t.T/Unary", "x")).await {
        Ok(answer) => super::caller::finish(answer).await.status() == "0",
        Err(_) => false,
    }
}

#[tokio::test]
async fn client_certificates_are_asked_for_verified_and_shown_as_configured() {
    use ClientCertificates::{NotAsked, Optional, Required};
    let authority = Authority::new();
    let stranger = Authority::new();
    let good = authority.sign("worker");
    let unknown = stranger.sign("worker");
    let expired = authority.sign_with("worker", |params| params.not_after = rcgen::date_time_ymd(2020, 1, 1));
    let for_servers = authority.sign_with("worker", |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    });
    // Case 93: an authority's own certificate is no leaf.
    let the_authority = authority.itself();

    let rows = [
        // asked, presented, admitted, shown (cases 89 and 93)
        (NotAsked, None, true, false),
        (NotAsked, Some(&good), true, false),
        (NotAsked, Some(&unknown), true, false),
        (Optional, None, true, false),
        (Optional, Some(&good), true, true),
        (Optional, Some(&unknown), false, false),
        (Optional, Some(&expired), false, false),
        (Optional, Some(&the_authority), false, false),
        (Required, None, false, false),
        (Required, Some(&good), true, true),
        (Required, Some(&unknown), false, false),
        (Required, Some(&expired), false, false),
        (Required, Some(&for_servers), false, false),
        (Required, Some(&the_authority), false, false),
    ];
    for (row, (asked, identity, admitted, shown)) in rows.into_iter().enumerate() {
        let (addr, seen) = gateway(&authority.sign("localhost").frontend_tls(&[&authority], asked)).await;
        assert_eq!(admits(addr, &authority, identity).await, admitted, "row {row}");
        let expected: &[Option<Vec<_>>] = match (admitted, shown) {
            (false, _) => &[],
            (true, false) => &[None],
            (true, true) => &[Some(vec![good.der()])],
        };
        assert_eq!(&seen.lock().unwrap()[..], expected, "row {row}");
    }
}

#[tokio::test]
async fn a_session_is_never_resumed() {
    // It would bring the client certificate of the first handshake along, unverified.
    let authority = Authority::new();
    let (addr, _) =
        gateway(&authority.sign("localhost").frontend_tls(&[&authority], ClientCertificates::Required)).await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let pair = authority.sign("worker");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(authority.roots())
            .with_client_auth_cert(vec![pair.der()], pair.private_key())
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        for turn in 0..2 {
            // The clone shares the client's session store.
            let tcp = TcpStream::connect(addr).await.unwrap();
            let name = "localhost".try_into().unwrap();
            let io = TlsConnector::from(Arc::new(config.clone())).connect(name, tcp).await.unwrap();
            let kind = io.get_ref().1.handshake_kind();
            assert_eq!(kind, Some(rustls::HandshakeKind::Full), "{version:?}, turn {turn}");
            assert_eq!(Caller::on(io).await.call("/t.T/Unary", "x").await.status(), "0");
        }
    }
}

/// The certificate that the acceptor shows to one who asks for `name`.
async fn shown_to(acceptor: &ReloadingAcceptor, authority: &Authority, name: &str) -> CertificateDer<'static> {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let mut config = authority.client(None);
    config.dangerous().set_certificate_verifier(Arc::new(Anything));
    let name = rustls_pki_types::ServerName::try_from(name.to_owned()).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let (accepted, connected) =
        futures_util::future::join(acceptor.accept(theirs), connector.connect(name, ours)).await;
    accepted.unwrap();
    connected.unwrap().get_ref().1.peer_certificates().unwrap()[0].clone()
}

#[tokio::test]
async fn the_certificate_is_chosen_by_name_in_any_case() {
    let authority = Authority::new();
    let (default, special) = (authority.sign("default.example"), authority.sign("special.example"));
    let not_asked = ClientCertificates::NotAsked;
    let mut tls = default.frontend_tls(&[], not_asked);
    tls.host_overrides.insert("Special.Example".to_owned(), special.frontend_tls(&[], not_asked).server.unwrap());
    let acceptor = server(&tls).unwrap().unwrap();
    let rows = [
        ("special.example", &special),
        ("SPECIAL.example", &special),
        ("default.example", &default),
        ("sub.special.example", &default),
        // No SNI goes with an address.
        ("127.0.0.1", &default),
    ];
    for (name, expected) in rows {
        assert!(shown_to(&acceptor, &authority, name).await == expected.der(), "{name}");
    }
}

#[tokio::test]
async fn a_certificate_replaced_on_disk_is_used_and_a_broken_one_is_not() {
    let authority = Authority::new();
    let files = Files::new("reload");
    let pairs = [authority.sign("localhost"), authority.sign("localhost")];
    let mut tls = pairs[0].frontend_tls(&[], ClientCertificates::NotAsked);
    let host = tls.server.as_mut().unwrap();
    host.certificate = PemSource::File(files.write("tls.crt", &pairs[0].certificate));
    host.key = PemSource::File(files.write("tls.key", &pairs[0].key));
    let refresh = Duration::from_millis(20);
    tls.refresh_interval = refresh;
    let acceptor = server(&tls).unwrap().unwrap();
    assert!(shown_to(&acceptor, &authority, "localhost").await == pairs[0].der());

    // Half of it, then a certificate without its key: neither is used.
    for half_way in [pairs[1].certificate.get(..100).unwrap(), &pairs[1].certificate] {
        files.write("tls.crt", half_way);
        tokio::time::sleep(refresh * 5).await;
        assert!(shown_to(&acceptor, &authority, "localhost").await == pairs[0].der());
    }
    files.write("tls.key", &pairs[1].key);
    tokio::time::timeout(super::SOON, async {
        while shown_to(&acceptor, &authority, "localhost").await != pairs[1].der() {
            tokio::time::sleep(refresh).await;
        }
    })
    .await
    .expect("the new certificate");
}

#[tokio::test]
async fn mistakes_are_named_by_key_and_file() {
    let authority = Authority::new();
    let files = Files::new("mistakes");
    let (one, two) = (authority.sign("one"), authority.sign("two"));
    let file = |name: &str, text: &str| PemSource::File(files.write(name, text));
    let missing = PemSource::File("/nowhere/tls.crt".into());
    type Change<'a> = Box<dyn Fn(&mut ServerTls) + 'a>;
    let rows: Vec<(&str, Change<'_>)> = vec![
        (
            "global.tls.frontend.server.certFile (/nowhere/tls.crt): No such file",
            Box::new(|host| host.certificate = missing.clone()),
        ),
        ("certFile (", Box::new(|host| host.certificate = file("empty.crt", ""))),
        ("empty.crt): no certificate in it", Box::new(|host| host.certificate = file("empty.crt", ""))),
        (
            "server.certData: no certificate in it",
            Box::new(|host| host.certificate = PemSource::Data(one.key.clone().into())),
        ),
        (
            "half.crt): not PEM: a section has no end",
            Box::new(|host| host.certificate = file("half.crt", one.certificate.get(..90).unwrap())),
        ),
        ("tls.key): no private key in it", Box::new(|host| host.key = file("tls.key", &one.certificate))),
        (
            "server.certData with global.tls.frontend.server.keyData: ",
            Box::new(|host| host.key = PemSource::Data(two.key.clone().into())),
        ),
        (
            "global.tls.frontend.server: client certificates are asked for",
            Box::new(|host| host.client_certificates = ClientCertificates::Required),
        ),
        (
            "clientCaFiles (",
            Box::new(|host| {
                host.client_certificates = ClientCertificates::Optional;
                host.client_ca = vec![authority.pem(), file("ca.crt", "nothing")];
            }),
        ),
    ];
    for (expected, change) in rows {
        let mut tls = one.frontend_tls(&[], ClientCertificates::NotAsked);
        change(tls.server.as_mut().unwrap());
        let error = server(&tls).expect_err(expected);
        assert!(error.to_string().contains(expected), "{expected:?} in {error}");
        assert!(!error.to_string().contains("BEGIN"), "no key material: {error}");
    }
    let mut tls = one.frontend_tls(&[], ClientCertificates::NotAsked);
    tls.host_overrides
        .insert("two.example".to_owned(), two.frontend_tls(&[], ClientCertificates::Required).server.unwrap());
    let error = server(&tls).unwrap_err().to_string();
    assert!(error.contains("global.tls.frontend.hostOverrides.two.example: client certificates"), "{error}");
    tls.server = None;
    assert!(server(&tls).unwrap_err().to_string().contains("needs global.tls.frontend.server"));
    assert!(server(&FrontendTls::default()).unwrap().is_none(), "nothing configured is plaintext");
}

/// Accepts every certificate: these tests look at which one it is.
#[derive(Debug)]
struct Anything;

mod anything {
    use rustls::{
        DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::aws_lc_rs,
    };
    use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

    impl ServerCertVerifier for super::Anything {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
        }
    }
}
