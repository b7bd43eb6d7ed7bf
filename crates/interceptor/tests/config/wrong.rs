//! What is refused, and what is warned of.

use std::fs;

use temporal_interceptor::config::AuthorizationConfig;

use crate::{data, read};

#[test]
fn a_wrong_configuration_is_refused_with_everything_that_is_wrong() {
    let table = fs::read_to_string(data("wrong.txt")).unwrap();
    let cases: Vec<&str> = table.split("\n### ").skip(1).collect();
    let mut failed = Vec::new();
    for case in &cases {
        let (name, body) = case.split_once('\n').unwrap();
        let (errors, yaml): (Vec<&str>, Vec<&str>) = body.lines().partition(|line| line.starts_with("=> "));
        let yaml = yaml.join("\n");
        let read = if name.starts_with("whole: ") { AuthorizationConfig::from_yaml(&yaml, "") } else { read(&yaml) };
        let expected = errors.iter().map(|line| &line[3..]).collect::<Vec<_>>().join("\n");
        let found = read.map_or_else(|error| error.to_string(), |_| "no error".to_owned());
        if expected != found {
            failed.push(format!("{name}\n  expected:\n{expected}\n  found:\n{found}\n"));
        }
        assert!(!found.contains("hunter2"), "{name}: {found}");
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(cases.len() >= 60, "{}", cases.len());
}

#[test]
fn a_file_is_named_in_its_errors() {
    let missing = data("nowhere.yaml");
    let error = AuthorizationConfig::from_file(&missing).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{missing}: cannot be read: ")), "{error}");
    let wrong = data("wrong.txt");
    let error = AuthorizationConfig::from_file(&wrong).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{wrong}:")), "{error}");
}

#[test]
fn what_is_allowed_and_probably_not_meant_is_warned_of() {
    for (more, warning) in [
        ("", ""),
        (
            "  tls: { frontend: { server: { certFile: a, keyFile: b, clientCaFiles: [ca] } } }",
            "configuration:6: key `global.tls.frontend.server.clientCaFiles`: has no effect: no client certificate is asked \
             for without `requireClientAuth: true` or `gateway.clientCertificates: optional`",
        ),
        (
            "    remoteClusterAuth: { require: true }",
            "configuration:6: key `global.authorization.remoteClusterAuth.require`: has no effect here: it concerns what \
             Temporal's own clusters send to each other",
        ),
        (
            "gateway: { authorization: { allowEveryone: true } }",
            "configuration:6: key `gateway.authorization.allowEveryone`: has no effect: `authorizer` and `claimMapper` are \
             both `default`",
        ),
        (
            "gateway: { authorization: { issuers: [{ issuer: 'https://a.example' }] } }",
            "configuration:3: key `global.authorization.jwtKeyProvider.keySourceURIs`: has no effect: every issuer of \
             `gateway.authorization.issuers` has sources of its own",
        ),
        (
            "gateway: { authorization: { mode: certificate, certificates: [{ match: { dns: a } }] } }",
            "configuration:3: key `global.authorization.jwtKeyProvider.keySourceURIs`: has no effect with `mode: certificate`",
        ),
    ] {
        let warnings: Vec<String> = read(more).unwrap().warnings().iter().map(ToString::to_string).collect();
        assert_eq!(warnings.join("\n"), warning);
    }
}
