//! The service over real sockets, with real tokens and certificates.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "test code"
)]

mod support;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use temporal_claim_mapper::{CertificateClaimMapper, CertificateRule};
use tonic::{
    Code,
    transport::{Certificate, Channel, ClientTlsConfig, Identity, Server, ServerTlsConfig},
};

use support::{Client, FAR, Issuer, connect, start};

#[tokio::test]
async fn a_writer_creates_orders_in_its_own_namespace_and_the_handler_sees_who_it_is() {
    let issuer = Issuer::new();
    let client = connect(&start(Server::builder(), issuer.mapper().await).await).await;
    let alice = client.with_token(issuer.permitting("alice", "shop:write", FAR));
    let order = alice.create("shop").await.unwrap();
    assert_eq!((order.namespace.as_str(), order.item.as_str()), ("shop", "tea"));
    assert_eq!(order.ordered_by, "jwt:alice");
}

#[tokio::test]
async fn what_is_not_granted_is_refused() {
    let issuer = Issuer::new();
    let client = connect(&start(Server::builder(), issuer.mapper().await).await).await;
    let writer = issuer.permitting("alice", "shop:write", FAR);
    let stranger = Issuer::new().permitting("alice", "shop:write", FAR);
    for (who, caller, namespace, expected) in [
        ("the writer", client.with_token(&writer), "shop", Code::Ok),
        ("in another namespace", client.with_token(&writer), "bank", Code::PermissionDenied),
        ("in a namespace of another case", client.with_token(&writer), "Shop", Code::PermissionDenied),
        ("in no namespace", client.with_token(&writer), "", Code::PermissionDenied),
        ("a reader", client.with_token(issuer.permitting("bob", "shop:read", FAR)), "shop", Code::PermissionDenied),
        (
            "a system writer",
            client.with_token(issuer.permitting("root", "temporal-system:write", FAR)),
            "bank",
            Code::Ok,
        ),
        ("nobody", client.clone(), "shop", Code::Unauthenticated),
        ("expired", client.with_token(issuer.permitting("alice", "shop:write", 1)), "shop", Code::Unauthenticated),
        ("signed by a stranger", client.with_token(stranger), "shop", Code::Unauthenticated),
    ] {
        assert_eq!(caller.create_code(namespace).await, expected, "{who}");
    }
}

#[tokio::test]
async fn a_reader_of_the_whole_system_watches_and_a_reader_of_one_namespace_does_not() {
    let issuer = Issuer::new();
    let client = connect(&start(Server::builder(), issuer.mapper().await).await).await;
    let auditor = client.with_token(issuer.permitting("auditor", "temporal-system:read", FAR));
    let mut orders = auditor.watch().await.unwrap();
    client.with_token(issuer.permitting("alice", "shop:write", FAR)).create("shop").await.unwrap();
    assert_eq!(orders.message().await.unwrap().unwrap().ordered_by, "jwt:alice");

    let reader = client.with_token(issuer.permitting("bob", "shop:admin", FAR));
    assert_eq!(reader.watch().await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(client.watch().await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_client_certificate_is_an_identity() {
    // Without it rustls cannot choose when a dependency has compiled in another provider. An error: it is set.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let authority = Authority::new();
    let server = Server::builder().tls_config(authority.server()).unwrap();
    let till = CertificateRule::new().common_name("till-7").permission("shop:write");
    let address = start(server, CertificateClaimMapper::builder().rule(till).build().unwrap()).await;

    let till = authority.connect(&address, Some("till-7")).await;
    assert_eq!(till.create("shop").await.unwrap().ordered_by, "mtls:till-7");
    assert_eq!(till.create_code("bank").await, Code::PermissionDenied);
    let unheard_of = authority.connect(&address, Some("till-8")).await;
    assert_eq!(unheard_of.create_code("shop").await, Code::Unauthenticated);
    let nobody = authority.connect(&address, None).await;
    assert_eq!(nobody.create_code("shop").await, Code::Unauthenticated);
}

/// Signs certificates for the server and for clients.
struct Authority {
    pem: String,
    issuer: rcgen::Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: rcgen::Issuer::new(params, key) }
    }

    fn identity(&self, common_name: &str) -> Identity {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, common_name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity::from_pem(certificate.pem(), key.serialize_pem())
    }

    /// TLS that verifies a certificate where there is one: the guard says what becomes of callers without.
    fn server(&self) -> ServerTlsConfig {
        let authority = Certificate::from_pem(&self.pem);
        ServerTlsConfig::new().identity(self.identity("server")).client_ca_root(authority).client_auth_optional(true)
    }

    async fn connect(&self, address: &str, common_name: Option<&str>) -> Client {
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&self.pem)).domain_name("localhost");
        let tls = common_name.into_iter().fold(tls, |tls, name| tls.identity(self.identity(name)));
        let endpoint = Channel::from_shared(format!("https://{address}")).unwrap().tls_config(tls).unwrap();
        Client::over(endpoint.connect().await.unwrap())
    }
}
