//! What keeps the gateway from starting, and how it says so.

use temporal_gateway::serve::ServeArgs;
use tokio::net::TcpListener;

use super::running::{Config, Directory, arguments, free_address, refusal};

fn good() -> String {
    Config::new(format!("http://{}/keys", free_address()), free_address()).yaml()
}

#[tokio::test]
async fn a_port_in_use_is_told_with_the_flag_that_helps() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = taken.local_addr().unwrap();
    let directory = Directory::new();
    let flag = ServeArgs { listen: Some(addr), ..arguments(&directory, &good()) };
    let yaml = good().replace("gateway:", &format!("gateway:\n  listen: {addr}"));
    let file = ServeArgs { listen: None, ..arguments(&directory, &yaml) };
    for arguments in [flag, file] {
        let error = refusal(&arguments).await;
        for part in [addr.to_string().as_str(), "--listen", "in use"] {
            assert!(error.contains(part), "{part} in {error}");
        }
    }
}

#[tokio::test]
async fn a_mistake_in_the_file_is_told_with_its_key_and_line() {
    let rows = [
        ("claimMapper: default", "claimsMapper: default", ":4: key `global.authorization.claimsMapper`: unknown key"),
        ("claimMapper: default", "claimMapper: ''", ":4: key `global.authorization.claimMapper`: "),
        (
            "refreshInterval: 1s",
            "refreshInterval: soon",
            ":6: key `global.authorization.jwtKeyProvider.refreshInterval`",
        ),
        ("gateway:", "gateway:\n  listen: somewhere", ":9: key `gateway.listen`: "),
        ("gateway:", "gateway:\n  clientCertificates: optional", ":9: key `gateway.clientCertificates`: "),
        ("authorization: {}", "authorization: { policy: strict }", ":9: key `gateway.authorization.issuers`: "),
        (
            "tls: {}",
            "tls: { frontend: { server: { certFile: a.pem } } }",
            "key `global.tls.frontend.server.certFile`: ",
        ),
        (
            "tls: {}",
            "tls: { frontend: { server: { certFile: no.pem, keyFile: no.pem } } }",
            "global.tls.frontend.server.certFile (no.pem): ",
        ),
        (
            "gateway:",
            "dynamicConfigClient: { filepath: no.yaml, pollInterval: 5s }\ngateway:",
            "no.yaml: cannot be read",
        ),
        ("global:", "global: [", "temporal.yaml:"),
    ];
    for (line, wrong, expected) in rows {
        let directory = Directory::new();
        let yaml = good();
        assert!(yaml.contains(line), "{line}");
        let error = refusal(&arguments(&directory, &yaml.replacen(line, wrong, 1))).await;
        assert!(error.contains(expected), "{wrong}: {error}");
    }
}

#[tokio::test]
async fn a_wrong_flag_or_file_is_named() {
    let directory = Directory::new();
    let arguments = arguments(&directory, &good());
    for (wrong, expected) in [
        (ServeArgs { config: directory.path("none.yaml"), ..arguments.clone() }, "none.yaml: cannot be read"),
        (ServeArgs { upstream: Some("127.0.0.1:7234".into()), ..arguments.clone() }, "--upstream 127.0.0.1:7234"),
        (ServeArgs { upstream: Some("grpc://a:1".into()), ..arguments.clone() }, "expected http://HOST:PORT"),
    ] {
        let error = refusal(&wrong).await;
        assert!(error.contains(expected), "{error}");
    }
}
