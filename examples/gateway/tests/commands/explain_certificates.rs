//! `explain` with client certificates.

use temporal_gateway::{
    demo::pki::{ClientName, Pki},
    explain::Verdict::{self, Allow, Deny},
};

use super::scratch::Scratch;

const RULES: &str = "certificates: [{ match: { subject: { CN: worker } }, permissions: ['payments:write'] }]";
const START: [&str; 4] = ["--method", "StartWorkflowExecution", "--namespace", "payments"];

/// A scratch directory with certificates, whose gateway has this mode.
fn scratch(name: &str, mode: &str, asks: &str) -> Scratch {
    let scratch = Scratch::new(name);
    let pki = Pki::generate(&client("worker")).unwrap();
    pki.write_to(&scratch.0.join("pki")).unwrap();
    scratch.write("stranger.pem", &pki.issue_client(&client("stranger")).unwrap().certificate);
    let dir = scratch.0.join("pki");
    let dir = dir.display();
    scratch.configure(&format!(
        "  tls:
    frontend:
      server:
        certFile: {dir}/server.pem
        keyFile: {dir}/server-key.pem
        clientCaFiles: [{dir}/ca.pem]
gateway:
  clientCertificates: {asks}
  authorization:
    mode: {mode}
    {RULES}
"
    ));
    scratch
}

fn client(name: &str) -> ClientName {
    ClientName { common_name: name.to_owned(), ..ClientName::default() }
}

async fn explain(scratch: &Scratch, token: &str, certificate: &str) -> (String, Verdict) {
    let path = scratch.0.join(certificate);
    let mut args = vec!["--token", token];
    if !certificate.is_empty() {
        args.extend(["--certificate", path.to_str().unwrap()]);
    }
    args.extend(START);
    scratch.explain(&args).await.unwrap()
}

#[tokio::test]
async fn certificates_and_tokens_count_as_the_mode_says() {
    const WORKER: &str = "pki/client.pem";
    for (mode, asks, permissions, certificate, expected, part) in [
        ("certificate", "optional", None, WORKER, Allow, "verdict: allow as mtls \"worker\""),
        (
            "certificate",
            "optional",
            None,
            "stranger.pem",
            Deny,
            "certificate  FAIL    credentials refused: certificate_not_mapped",
        ),
        ("certificate", "optional", None, "", Deny, "verdict: deny (missing_credentials)"),
        (
            "certificate",
            "optional",
            Some("payments:write"),
            "",
            Deny,
            "token        note    not looked at with `mode: certificate`",
        ),
        ("certificate", "follow", None, WORKER, Deny, "certificate  note    never sent: the listener asks for none"),
        ("tokenOrCertificate", "optional", None, WORKER, Allow, "mtls \"worker\""),
        (
            "tokenOrCertificate",
            "optional",
            Some("payments:write"),
            "stranger.pem",
            Allow,
            "certificate  note    not looked at beside a token",
        ),
        ("tokenOrCertificate", "optional", Some("orders:write"), WORKER, Deny, "verdict: deny (insufficient_role)"),
        ("tokenAndCertificate", "optional", Some("payments:write"), WORKER, Allow, "verdict: allow as jwt \"alice\""),
        (
            "tokenAndCertificate",
            "optional",
            Some("payments:write"),
            "",
            Deny,
            "credentials  FAIL    credentials refused: missing_credentials (a client certificate is required beside the token)",
        ),
        ("tokenAndCertificate", "optional", None, WORKER, Deny, "a token is required beside the client certificate"),
        (
            "tokenAndCertificate",
            "optional",
            Some("payments:write"),
            "stranger.pem",
            Deny,
            "verdict: deny (certificate_not_mapped)",
        ),
    ] {
        let scratch = scratch("certificates", mode, asks);
        let token = permissions.map(|permission| scratch.token(&[permission], 0)).unwrap_or_default();
        let (out, verdict) = explain(&scratch, &token, certificate).await;
        assert_eq!(verdict, expected, "{mode} {permissions:?} {certificate:?}:\n{out}");
        assert!(out.contains(part), "{mode} {permissions:?} {certificate:?}: no {part:?} in\n{out}");
    }
}

#[tokio::test]
async fn a_file_without_a_certificate_is_an_error_that_quotes_nothing() {
    let scratch = scratch("no-certificate", "certificate", "optional");
    for name in ["pki/client-key.pem", "gateway.yaml"] {
        let path = scratch.0.join(name);
        let mut args = vec!["--certificate", path.to_str().unwrap()];
        args.extend(START);
        let error = scratch.explain(&args).await.unwrap_err();
        assert_eq!(error, format!("{}: no certificate in PEM", path.display()));
    }
}
