//! Listeners with TLS: certificates as credentials, alone and beside tokens.

use std::{net::SocketAddr, sync::Arc};

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use temporal_gateway::demo::pki::{ClientName, KeyedCertificate, Pki};

use super::{
    caller::{Answer, Caller, finish, request},
    calls::{alice, issuer, naming, token, with_token, workflow},
    running::{Config, Directory, Gateway, arguments},
    upstream::{Manner, Upstream},
};

const RULES: &str = "{ mode: tokenOrCertificate, certificates: [\
    { match: { subject: { CN: payments-worker, O: acme } }, permissions: ['payments:write'] }] }";

pub fn pki() -> Pki {
    Pki::generate(&name("payments-worker", "acme")).unwrap()
}

fn name(common_name: &str, organization: &str) -> ClientName {
    ClientName { common_name: common_name.into(), organization: organization.into(), ..ClientName::default() }
}

/// `server` of `global.tls.frontend` with the authority's files in `files`.
fn listener(pki: &Pki, files: &Directory, more: &str) -> String {
    pki.write_to(&files.path("pki")).unwrap();
    let file = |name: &str| files.path("pki").join(name).display().to_string();
    format!(
        "{{ frontend: {{ server: {{ certFile: '{}', keyFile: '{}', clientCaFiles: ['{}'], {more} }} }} }}",
        file("server.pem"),
        file("server-key.pem"),
        file("ca.pem")
    )
}

/// A client that trusts the authority and shows `identity`.
fn client(pki: &Pki, identity: Option<&KeyedCertificate>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pki.ca().as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(pair) => {
            let certificate = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
            builder.with_client_auth_cert(vec![certificate], key).unwrap()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

/// `None` when the handshake is refused, which a client of TLS 1.3 may learn from its first call only.
async fn start_workflow(gateway: SocketAddr, config: ClientConfig, namespace: &str, token: &str) -> Option<Answer> {
    let caller = Caller::tls(gateway, "localhost", config).await?;
    let call = with_token(request(&workflow("StartWorkflowExecution"), naming(namespace)), token);
    Some(finish(caller.open(call).await.ok()?).await)
}

#[tokio::test]
async fn required_certificates_admit_and_rules_say_to_what() {
    let (issuer, upstream, pki) = (issuer().await, Upstream::start(Manner::Answer).await, pki());
    let files = Directory::new();
    let tls = listener(&pki, &files, "requireClientAuth: true");
    let config = Config { tls: &tls, authorization: RULES, ..Config::new(issuer.jwks_uri(), upstream.addr) };
    let gateway = Gateway::start(&config).await;

    let mapped = pki.client();
    let unmapped = pki.issue_client(&name("payments-worker", "other")).unwrap();
    let foreign = self::pki();
    let good = token(&issuer, &["default:write"]);
    let bad = issuer.wrong_signature_token(&alice(&["payments:write"])).unwrap();
    // Certificate, token, namespace, status; without a status the handshake is refused.
    let rows = [
        ("mapped", Some(mapped), "", "payments", Some("0")),
        ("mapped, elsewhere", Some(mapped), "", "default", Some("7")),
        ("unmapped", Some(&unmapped), "", "payments", Some("7")),
        ("mapped, bad token", Some(mapped), bad.as_str(), "payments", Some("7")),
        ("mapped, token for another namespace", Some(mapped), &good, "payments", Some("7")),
        ("mapped, good token", Some(mapped), &good, "default", Some("0")),
        ("unmapped, good token", Some(&unmapped), &good, "default", Some("0")),
        ("of another authority", Some(foreign.client()), &good, "default", None),
        ("none", None, &good, "default", None),
    ];
    for (row, identity, token, namespace, expected) in rows {
        let before = upstream.calls().len();
        let answer = start_workflow(gateway.addr, client(&pki, identity), namespace, token).await;
        assert_eq!(answer.as_ref().map(Answer::status), expected, "{row}");
        assert_eq!(upstream.calls().len() - before, usize::from(expected == Some("0")), "{row}");
    }
}

#[tokio::test]
async fn optional_certificates_count_when_they_are_shown() {
    let (issuer, upstream, pki) = (issuer().await, Upstream::start(Manner::Answer).await, pki());
    let files = Directory::new();
    let tls = listener(&pki, &files, "");
    let config = Config { tls: &tls, authorization: RULES, ..Config::new(issuer.jwks_uri(), upstream.addr) };
    let yaml = config.yaml().replace("gateway:\n", "gateway:\n  clientCertificates: optional\n");
    let gateway = Gateway::run(arguments(&files, &yaml), files).await;

    let foreign = self::pki();
    let good = token(&issuer, &["default:write"]);
    let rows = [
        ("certificate", Some(pki.client()), "", "payments", Some("0")),
        ("certificate, elsewhere", Some(pki.client()), "", "default", Some("7")),
        ("token", None, good.as_str(), "default", Some("0")),
        ("nothing", None, "", "payments", Some("7")),
        ("of another authority", Some(foreign.client()), &good, "default", None),
    ];
    for (row, identity, token, namespace, expected) in rows {
        let answer = start_workflow(gateway.addr, client(&pki, identity), namespace, token).await;
        assert_eq!(answer.as_ref().map(Answer::status), expected, "{row}");
    }
}
