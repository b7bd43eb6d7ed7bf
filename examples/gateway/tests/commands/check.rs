//! `check`.

use temporal_gateway::demo::pki::{ClientName, Pki};

use super::scratch::{Scratch, check};

#[tokio::test]
async fn a_good_file_is_summed_up() {
    let scratch = Scratch::new("good");
    scratch.configure("log: { level: info }\ngateway: { listen: '127.0.0.1:7300' }");
    let out = check(&scratch.0.join("gateway.yaml")).await.unwrap();
    for part in [
        "gateway.yaml: good\n",
        "listener: 127.0.0.1:7300, plaintext\n",
        "upstream: 127.0.0.1:7234, plaintext\n",
        "policy: temporal; callers show a token\n",
        "keys of any issuer: file ",
        "audience: not looked at\n",
        "not for the gateway: log\n",
    ] {
        assert!(out.contains(part), "no {part:?} in\n{out}");
    }
}

#[tokio::test]
async fn what_is_allowed_and_hardly_meant_is_a_warning() {
    let scratch = Scratch::new("warnings");
    for (more, part) in [
        ("    remoteClusterAuth: { require: true }", "warning: "),
        (
            "gateway:\n  authorization: { mode: tokenOrCertificate, certificates: [{ match: { dns: a.b } }] }",
            "warning: certificates count, and the listener asks for none: set `global.tls.frontend",
        ),
    ] {
        scratch.configure(more);
        let out = check(&scratch.0.join("gateway.yaml")).await.unwrap();
        assert!(out.contains(part), "{more}: no {part:?} in\n{out}");
    }
}

#[tokio::test]
async fn a_wrong_file_is_an_error_with_key_line_and_reason() {
    let scratch = Scratch::new("wrong");
    for (more, line) in [
        (
            "    authoriser: default",
            ":6: key `global.authorization.authoriser`: unknown key; did you mean `authorizer`?",
        ),
        ("    permissionsRegex: '('", ":6: key `global.authorization.permissionsRegex`: "),
        ("gateway: { listen: nowhere }", ":6: key `gateway.listen`: expected an IP address"),
    ] {
        scratch.configure(more);
        let error = check(&scratch.0.join("gateway.yaml")).await.unwrap_err();
        assert!(error.contains(&format!("gateway.yaml{line}")), "{error}");
    }
    let error = check(&scratch.0.join("absent.yaml")).await.unwrap_err();
    assert!(error.contains("absent.yaml: cannot be read"), "{error}");
}

#[tokio::test]
async fn the_files_that_a_start_needs_are_tried_and_every_problem_is_told() {
    let scratch = Scratch::new("files");
    let pki = Pki::generate(&ClientName { common_name: "worker".to_owned(), ..ClientName::default() }).unwrap();
    pki.write_to(&scratch.0).unwrap();
    let token = scratch.write("token.txt", "a.b.c\n");
    let dynamic = scratch.write("dynamic.yaml", "system.disableStreamingAuthorizer: [{ value: false }]\n");
    let dir = scratch.0.display();
    let configure = || {
        scratch.configure(&format!(
            "  tls: {{ frontend: {{ server: {{ certFile: {dir}/server.pem, keyFile: {dir}/server-key.pem }} }} }}
dynamicConfigClient: {{ filepath: {dir}/dynamic.yaml, pollInterval: 10s }}
gateway:
  upstream:
    tls: {{ rootCaFiles: [{dir}/ca.pem] }}
    credential: {{ tokenFile: {dir}/token.txt }}
"
        ));
    };
    configure();
    let file = scratch.0.join("gateway.yaml");
    let out = check(&file).await.unwrap();
    assert!(out.contains("7233, TLS, client certificates not asked for\n"), "{out}");
    assert!(out.contains("7234, TLS\n"), "{out}");

    std::fs::write(&token, "\n").unwrap();
    std::fs::write(&dynamic, "system.disableStreamingAuthorizer: true\n").unwrap();
    scratch.write("ca.pem", "no PEM");
    scratch.write("server.pem", "no PEM");
    let error = check(&file).await.unwrap_err();
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 4, "{error}");
    for (line, start) in lines.iter().zip([
        "dynamicConfigClient.filepath: ",
        "global.tls.frontend.server.certFile (",
        "gateway.upstream: upstream tls.rootCaFiles (",
        "gateway.upstream.credential.tokenFile (",
    ]) {
        assert!(line.starts_with(start), "no {start:?} in\n{error}");
    }
    assert!(lines[0].contains("dynamic.yaml:1: key `system.disableStreamingAuthorizer`"), "{error}");
}
