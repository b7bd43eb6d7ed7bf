//! What is built.

use std::{convert::Infallible, fs, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use temporal_interceptor::{
    Settings,
    config::{AuthorizationConfig, BuildError, ConfigError, DynamicConfig, DynamicSettings},
};
use tower::{Layer, ServiceExt, service_fn};

use crate::{GOOD, data};

fn built(more: &str) -> Result<AuthorizationConfig, ConfigError> {
    // A key source that answers at once, with an error.
    let text = format!("{GOOD}{more}").replace("https://issuer.example/jwks.json", "file:///nowhere/jwks.json");
    AuthorizationConfig::from_yaml(&text, data(""))
}

#[tokio::test]
async fn a_layer_starts_without_its_keys_and_says_so() {
    let built = built("dynamicConfigClient: { filepath: dynamic.yaml, pollInterval: 5s }").unwrap();
    let built = built.assemble().await.unwrap();
    assert!(!built.keys.unwrap().ready());
    assert!(built.settings.cross_namespace_commands());
    assert!(built.settings.principal_propagation("payments") && !built.settings.principal_propagation("other"));
}

#[tokio::test]
async fn every_mode_is_built() {
    let rule = "certificates: [{ match: { dns: a.example } }]";
    for (more, keys) in [
        (String::new(), true),
        (format!("gateway: {{ authorization: {{ mode: certificate, {rule} }} }}"), false),
        (format!("gateway: {{ authorization: {{ mode: tokenOrCertificate, {rule} }} }}"), true),
        (format!("gateway: {{ authorization: {{ mode: tokenAndCertificate, {rule} }} }}"), true),
        (
            "    audience: a\ngateway: { authorization: { policy: strict, issuers: [{ issuer: a, discovery: false, \
             algorithms: [ES384] }] } }"
                .to_owned(),
            true,
        ),
    ] {
        let built = built(&more).unwrap().assemble().await.unwrap();
        assert_eq!(built.keys.is_some(), keys, "{more}");
    }
    let open = "gateway: { authorization: { allowEveryone: true } }";
    AuthorizationConfig::from_yaml(open, "").unwrap().build().await.unwrap();
}

#[tokio::test]
async fn dynamic_settings_that_cannot_be_read_stop_the_start() {
    for (file, error) in [("nowhere.yaml", "nowhere.yaml: cannot be read: "), ("wrong.txt", "wrong.txt:")] {
        let config = built(&format!("dynamicConfigClient: {{ filepath: {file}, pollInterval: 5s }}")).unwrap();
        let Err(BuildError::Dynamic(found)) = config.build().await else { panic!("{file}") };
        assert!(found.to_string().contains(error), "{found}");
    }
}

#[tokio::test(start_paused = true)]
async fn dynamic_settings_follow_their_file_and_survive_a_broken_one() {
    let directory = std::env::temp_dir().join(format!("dynamic-settings-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let file = directory.join("dynamic.yaml");
    let write = |text: &str| fs::write(&file, text).unwrap();
    write("frontend.exposeAuthorizerErrors: [{ value: true }]");
    let interval = Duration::from_secs(10);
    let settings = DynamicSettings::follow(&file, interval).await.unwrap();
    assert!(settings.expose_authorizer_errors());

    write("frontend.exposeAuthorizerErrors: [{ value: perhaps }]");
    tokio::time::sleep(interval * 3).await;
    assert!(settings.expose_authorizer_errors());
    fs::remove_file(&file).unwrap();
    tokio::time::sleep(interval * 3).await;
    assert!(settings.expose_authorizer_errors());

    write("system.disableStreamingAuthorizer: [{ value: true }]");
    tokio::time::sleep(interval * 3).await;
    assert!(settings.streaming_authorizer_disabled() && !settings.expose_authorizer_errors());
    assert_eq!(*settings.current(), DynamicConfig::from_file(&file).unwrap());
    fs::remove_dir_all(&directory).unwrap();
}

/// An RS256 token of issuer, audience and subject "a", good until 2100, whose signature nobody can check.
const UNVERIFIABLE: &str = "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.\
                            eyJpc3MiOiJhIiwiYXVkIjoiYSIsInN1YiI6ImEiLCJleHAiOjQxMDI0NDQ4MDB9.AAAA";

#[tokio::test]
async fn the_policy_decides_what_a_caller_is_told() {
    let strict = "    audience: a\n    authHeaderName: X-Token\ngateway: { authorization: { policy: strict, issuers: \
                  [{ issuer: a, discovery: false }] } }";
    for (more, header, value, code) in [
        ("", "x-none", "", "7"),
        ("", "authorization", "nonsense", "7"),
        ("", "authorization", UNVERIFIABLE, "7"),
        (strict, "authorization", UNVERIFIABLE, "16"),
        (strict, "x-token", "nonsense", "16"),
        (strict, "x-token", UNVERIFIABLE, "14"),
    ] {
        let layer = built(more).unwrap().build().await.unwrap();
        let inner = service_fn(|_| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) });
        let request = Request::post("/temporal.api.workflowservice.v1.WorkflowService/ListNamespaces")
            .header("content-type", "application/grpc")
            .header(header, value)
            .body(Empty::<Bytes>::new());
        let response = layer.layer(inner).oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.headers()["grpc-status"], code, "{more} {header}: {value}");
    }
}
