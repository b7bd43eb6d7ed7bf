//! What is read.

use std::{fs, path::Path, time::Duration};

use temporal_authz::{Access, Scope};
use temporal_claim_mapper::CredentialMode;
use temporal_interceptor::{
    Limits,
    config::{
        AuthorizationConfig, ClientCertificates, CrossNamespaceCommands, DynamicConfig, PemSource, Plugin, Policy,
    },
};

use crate::{GOOD, data, read};

#[test]
fn a_whole_production_file_is_read_and_the_rest_of_it_listed() {
    let config = AuthorizationConfig::from_file(data("production.yaml")).unwrap();
    assert_eq!(
        config.ignored_sections(),
        [
            "log",
            "persistence",
            "services",
            "clusterMetadata",
            "dcRedirectionPolicy",
            "archival",
            "namespaceDefaults",
            "publicClient",
            "global.membership",
            "global.pprof",
            "global.metrics",
            "global.tls.internode",
            "global.tls.systemWorker",
        ]
    );
    assert!(config.warnings().is_empty(), "{:?}", config.warnings());
    assert!(!format!("{config:?}").contains("correct horse"));

    let authorization = config.authorization();
    let sources: Vec<String> = authorization.key_sources.iter().map(ToString::to_string).collect();
    assert_eq!(
        sources,
        [
            "https://login.example.com/realms/temporal/protocol/openid-connect/certs",
            "file /etc/temporal/jwks/break-glass.json"
        ]
    );
    assert_eq!(authorization.refresh_interval, Some(Duration::from_secs(60)));
    assert_eq!(authorization.permissions_regex.as_deref(), Some(r"^(?P<namespace>[\w-]+):(?P<role>\w+)$"));
    assert_eq!((authorization.authorizer, authorization.claim_mapper), (Plugin::Default, Plugin::Default));
    assert_eq!(
        (authorization.auth_header.as_str(), authorization.extra_header.as_str()),
        ("authorization", "authorization-extras")
    );
    assert_eq!(authorization.audience.as_deref(), Some("temporal.example.com"));

    let tls = config.frontend_tls();
    let server = tls.server.as_ref().unwrap();
    assert_eq!(server.certificate, PemSource::File("/etc/temporal/certs/frontend.pem".into()));
    assert_eq!(server.client_ca.len(), 2);
    assert_eq!(server.client_certificates, ClientCertificates::Required);
    assert_eq!(tls.host_overrides["accounting.temporal.example"].client_certificates, ClientCertificates::NotAsked);
    assert_eq!(tls.refresh_interval, Duration::from_secs(3600));
    assert_eq!(tls.expiration_checks.error_window, Duration::from_secs(48 * 3600));

    let dynamic = config.dynamic_config_client().unwrap();
    assert_eq!(dynamic.file, Path::new("config/dynamicconfig/production.yaml"));
    assert_eq!(dynamic.poll_interval, Duration::from_secs(60));

    let profile = config.profile();
    assert_eq!((profile.policy, profile.mode), (Policy::Temporal, CredentialMode::Token));
    assert_eq!(profile.cross_namespace_commands, CrossNamespaceCommands::Always);
    assert_eq!(config.limits().call, Limits::default());
    let gateway = config.gateway();
    assert_eq!(gateway.listen.to_string(), "127.0.0.1:7233");
    assert_eq!((gateway.upstream.address.as_str(), gateway.upstream.connections), ("127.0.0.1:7234", 2));
    assert!(!gateway.upstream.forward_authorization);
    // Without `gateway.upstream.tls` the upstream is met as any other client would meet the frontend.
    assert_eq!(gateway.upstream.tls, tls.client);
    assert_eq!(tls.client.as_ref().unwrap().server_name.as_deref(), Some("frontend.temporal.internal"));
}

#[test]
fn every_key_of_the_gateway_is_read() {
    let text = fs::read_to_string(data("gateway.yaml")).unwrap();
    let config = AuthorizationConfig::from_yaml(&text, "/srv").unwrap();
    assert!(config.ignored_sections().is_empty());
    assert!(config.warnings().is_empty(), "{:?}", config.warnings());
    assert_eq!(config.authorization().auth_header.as_str(), "x-authorization");
    assert_eq!(config.authorization().extra_header.as_str(), "x-authorization-extras");

    let server = config.frontend_tls().server.as_ref().unwrap();
    assert_eq!(server.key, PemSource::File("/srv/tls/gateway.key".into()));
    assert_eq!(server.client_ca, [PemSource::Data(b"ca".to_vec())]);
    assert_eq!(server.client_certificates, ClientCertificates::Optional);
    assert_eq!(config.dynamic_config_client().unwrap().file, Path::new("/srv/dynamic.yaml"));

    let gateway = config.gateway();
    assert_eq!(gateway.listen.to_string(), "[::]:7233");
    let upstream = &gateway.upstream;
    assert_eq!((upstream.address.as_str(), upstream.connections), ("temporal.internal:7233", 8));
    assert!(upstream.forward_authorization);
    assert_eq!(upstream.token_file.as_deref(), Some(Path::new("/srv/secrets/token")));
    let tls = upstream.tls.as_ref().unwrap();
    assert_eq!(tls.server_name.as_deref(), Some("frontend.temporal.internal"));
    assert_eq!(tls.root_ca, [PemSource::Data(b"root".to_vec())]);
    assert_eq!(tls.identity, Some((PemSource::Data(b"cert".to_vec()), PemSource::Data(b"key".to_vec()))));
    assert!(tls.disable_host_verification && tls.force_tls);

    let profile = config.profile();
    assert_eq!((profile.policy, profile.mode), (Policy::Strict, CredentialMode::TokenOrCertificate));
    assert_eq!(profile.cross_namespace_commands, CrossNamespaceCommands::Follow);
    assert_eq!(profile.certificates.len(), 2);
    let [people, actions, old] = profile.issuers.as_slice() else { panic!("{:?}", profile.issuers) };
    assert_eq!(people.audiences, ["temporal", "temporal-ui"]);
    assert_eq!(
        people.sources[0].to_string(),
        "https://login.example.com/realms/people/.well-known/openid-configuration"
    );
    assert_eq!((actions.sources.len(), actions.algorithms.len()), (2, 2));
    assert!(old.sources.is_empty());
    let method = profile.methods.find("/temporal.api.workflowservice.v1.WorkflowService/NewMethod");
    assert_eq!((method.scope(), method.access(), method.namespace_field()), (Scope::Namespace, Access::Write, Some(3)));
    let method = profile.methods.find("/acme.v1.Clock/Watch");
    assert_eq!((method.scope(), method.access(), method.is_streaming()), (Scope::Cluster, Access::ReadOnly, true));

    let limits = config.limits();
    let call = limits.call;
    assert_eq!((call.max_token_bytes, call.max_namespace_bytes, call.max_targets), (8192, 255, 50));
    assert_eq!((call.max_request_bytes, call.max_buffered_bytes), (1 << 20, 16 << 20));
    assert_eq!(call.request_timeout, Duration::from_secs(5));
    assert_eq!((limits.max_header_list_bytes, limits.max_permissions), (32_768, 100));
    assert_eq!((limits.max_jwks_bytes, limits.max_jwks_keys), (65_536, 20));
    let times = [limits.claim_mapper_timeout, limits.authorizer_timeout, limits.jwks_timeout];
    assert_eq!(times, [3, 2, 4].map(Duration::from_secs));

    assert_eq!(
        config.summary(),
        [
            "policy: strict; callers show a token or a certificate",
            "keys of https://login.example.com/realms/people: \
             https://login.example.com/realms/people/.well-known/openid-configuration; loaded again every 300s",
            "keys of https://token.actions.example: https://token.actions.example/.well-known/jwks, \
             file /etc/jwks/actions.json; loaded again every 300s",
            "keys of old: https://old.example/jwks.json; loaded again every 300s",
            "audience: temporal; of https://login.example.com/realms/people: temporal, temporal-ui",
            "headers: x-authorization, x-authorization-extras",
            "commands to other namespaces: judged when system.enableCrossNamespaceCommands says so",
        ]
    );
}

#[test]
fn everybody_is_let_in_only_by_name_and_with_a_warning() {
    let open = "gateway: { authorization: { allowEveryone: true } }";
    let config = AuthorizationConfig::from_yaml(open, "").unwrap();
    assert_eq!(config.authorization().authorizer, Plugin::AllowEveryone);
    assert_eq!(config.authorization().claim_mapper, Plugin::AllowEveryone);
    assert_eq!(config.warnings()[0].reason(), "EVERYBODY IS ALLOWED EVERYTHING");
    assert_eq!(config.summary()[0], "policy: temporal; EVERYBODY IS A SYSTEM ADMIN; EVERYBODY MAY DO EVERYTHING");
}

#[test]
fn scalars_are_texts_where_temporal_reads_texts() {
    let config = read("    audience: 1.10\n    permissionsClaimName: on\n").unwrap();
    assert_eq!(config.authorization().audience.as_deref(), Some("1.10"));
    assert_eq!(config.authorization().permissions_claim_name, "on");
    let config = read("    audience: ' a '\n    permissionsClaimName: ~\n    authHeaderName: ''\n").unwrap();
    assert_eq!(config.authorization().audience.as_deref(), Some(" a "));
    assert_eq!(config.authorization().permissions_claim_name, "permissions");
    assert_eq!(read("    audience: '  '\n").unwrap().authorization().audience, None);
}

#[test]
fn a_byte_order_mark_and_carriage_returns_change_nothing() {
    let text = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    let config = AuthorizationConfig::from_yaml(&text, "").unwrap();
    assert_eq!(config.authorization().key_sources[0].to_string(), "https://issuer.example/jwks.json");
    let error = AuthorizationConfig::from_yaml(&format!("{text}    audiance: x\r\n"), "").unwrap_err();
    assert!(error.to_string().starts_with("configuration:6: key `global.authorization.audiance`: "), "{error}");
}

#[test]
fn a_dynamic_file_of_a_whole_server_is_read() {
    let config = DynamicConfig::from_file(data("dynamic.yaml")).unwrap();
    assert!(config.cross_namespace_commands() && !config.streaming_authorizer_disabled());
    assert!(config.principal_propagation("payments") && !config.principal_propagation("orders"));
}
