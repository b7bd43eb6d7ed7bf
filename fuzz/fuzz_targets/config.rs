//! A configuration: read again it is the same, a comment in front of it moves its lines and nothing else, no error repeats
//! what stands in a section for others, and two ways to write the same are the same.
//!
//! An input that begins with a zero byte describes a configuration out of known keys; any other is a text.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{
    arbitrary::{Arbitrary, Result, Unstructured},
    fuzz_target,
};
use serde_json::{Map, Value};
use temporal_authz::{MethodInfo, MethodTable};
use temporal_interceptor::config::{AuthorizationConfig, ConfigError, Problem};

static TEMPORAL: LazyLock<MethodTable> = LazyLock::new(MethodTable::temporal);

const SECRET: &str = "zebra4711";

/// All that was read, and what was remarked, with its lines.
#[derive(Debug, PartialEq, Eq)]
struct Reading {
    config: Option<String>,
    ignored: Vec<String>,
    remarks: Vec<(Option<u64>, String, String)>,
}

fn read(text: &str) -> Reading {
    let remarks = |problems: &[Problem]| {
        problems.iter().map(|it| (it.line(), it.key().to_owned(), it.reason().to_owned())).collect()
    };
    match AuthorizationConfig::from_yaml(text, "base") {
        Ok(config) => Reading {
            config: Some(whole(&config)),
            ignored: config.ignored_sections().to_vec(),
            remarks: remarks(config.warnings()),
        },
        Err(error @ ConfigError::Invalid { .. }) => {
            let shown = error.to_string();
            let ConfigError::Invalid { problems } = error else { unreachable!() };
            assert!(!problems.is_empty() && shown.starts_with("configuration:"), "{shown:?}");
            Reading { config: None, ignored: Vec::new(), remarks: remarks(&problems) }
        }
        Err(error) => panic!("no file was read: {error}"),
    }
}

fn whole(config: &AuthorizationConfig) -> String {
    let profile = config.profile();
    // The table itself is in no order, and Temporal's own rows are always there.
    let mut methods: Vec<&MethodInfo> =
        profile.methods.iter().filter(|row| TEMPORAL.find(row.path()) != *row).collect();
    methods.sort_by_key(|row| row.path());
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {methods:?} {:?} {:?} {:?} {:?}",
        config.authorization(),
        profile.policy,
        profile.issuers,
        profile.mode,
        profile.certificates,
        profile.cross_namespace_commands,
        config.gateway(),
        config.frontend_tls(),
        config.limits(),
        config.dynamic_config_client(),
    )
}

fn text(text: &str) {
    let reading = read(text);
    assert_eq!(read(text), reading);
    let lines = text.split(['\n', '\r']).count() as u64;
    assert!(reading.remarks.iter().all(|(line, ..)| line.is_none_or(|line| (1..=lines + 1).contains(&line))));
    // A byte order mark is one at the beginning alone, and a directive of YAML wants to be the first.
    if text.starts_with(['\u{feff}', '%']) {
        return;
    }
    let mut moved = read(&format!("# a comment\n{text}"));
    for (line, ..) in &mut moved.remarks {
        *line = line.map(|line| line - 1);
    }
    assert_eq!(moved, reading);
    if !text.contains(SECRET) {
        let beside = read(&format!("others: {{ password: {SECRET} }}\n{text}"));
        assert!(beside.remarks.iter().all(|(_, key, reason)| !key.contains(SECRET) && !reason.contains(SECRET)));
    }
}

/// Keys of ours, some that are misspelt, and some of other sections.
const KEYS: [&str; 60] = [
    "global.authorization.jwtKeyProvider.keySourceURIs",
    "global.authorization.jwtKeyProvider.refreshInterval",
    "global.authorization.permissionsClaimName",
    "global.authorization.permissionsRegex",
    "global.authorization.authorizer",
    "global.authorization.claimMapper",
    "global.authorization.authHeaderName",
    "global.authorization.authExtraHeaderName",
    "global.authorization.audience",
    "global.authorization.audiense",
    "global.authorization.remoteClusterAuth.require",
    "global.authorization",
    "global.tls.frontend.server.certFile",
    "global.tls.frontend.server.keyFile",
    "global.tls.frontend.server.certData",
    "global.tls.frontend.server.keyData",
    "global.tls.frontend.server.clientCaFiles",
    "global.tls.frontend.server.requireClientAuth",
    "global.tls.frontend.client.serverName",
    "global.tls.frontend.client.rootCaFiles",
    "global.tls.frontend.client.disableHostVerification",
    "global.tls.frontend.client.forceTLS",
    "global.tls.frontend.hostOverrides.a.certFile",
    "global.tls.frontend.hostOverrides.a.keyFile",
    "global.tls.refreshInterval",
    "global.tls.expirationChecks.warningWindow",
    "global.tls.expirationChecks.checkInterval",
    "global.tls.internode.server.certFile",
    "global.membership.maxJoinDuration",
    "dynamicConfigClient.filepath",
    "dynamicConfigClient.pollInterval",
    "log.level",
    "gateway.listen",
    "gateway.clientCertificates",
    "gateway.upstream.address",
    "gateway.upstream.connections",
    "gateway.upstream.forwardAuthorization",
    "gateway.upstream.credential.tokenFile",
    "gateway.upstream.tls.serverName",
    "gateway.upstream.tls.forceTLS",
    "gateway.authorization.policy",
    "gateway.authorization.allowEveryone",
    "gateway.authorization.issuers",
    "gateway.authorization.mode",
    "gateway.authorization.certificates",
    "gateway.authorization.crossNamespaceCommands",
    "gateway.authorization.methods",
    "gateway.limits.maxTokenBytes",
    "gateway.limits.maxHeaderListBytes",
    "gateway.limits.maxNamespaceBytes",
    "gateway.limits.maxRequestBytes",
    "gateway.limits.requestTimeout",
    "gateway.limits.maxBufferedBytes",
    "gateway.limits.claimMapperTimeout",
    "gateway.limits.maxPermissions",
    "gateway.limits.maxTargets",
    "gateway.limits.maxJwksBytes",
    "gateway.limits.jwksTimeout",
    "gateway.limits",
    "gateway.limit",
];

const VALUES: [&str; 40] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "1.5",
    "5000000000",
    "18446744073709551616",
    "{}",
    "[]",
    r#""""#,
    r#"" ""#,
    r#""default""#,
    r#""Default""#,
    r#""temporal""#,
    r#""strict""#,
    r#""follow""#,
    r#""optional""#,
    r#""always""#,
    r#""token""#,
    r#""certificate""#,
    r#""tokenOrCertificate""#,
    r#""1m""#,
    r#""1h30m""#,
    r#""-5s""#,
    r#""1e3s""#,
    r#""x-header""#,
    r#""127.0.0.1:7233""#,
    r#""host:7233""#,
    r#""aGVsbG8=""#,
    r#""(?P<namespace>\\w+):(?P<role>\\w+)""#,
    r#"["file:///a", "", null, "https://issuer.example/jwks"]"#,
    r#"["ftp://a"]"#,
    r#"[{"issuer": "https://issuer.example"}]"#,
    r#"[{"issuer": "a", "keySourceURIs": ["file:///b"], "audiences": ["c"], "algorithms": ["ES256"]}]"#,
    r#"[{"issuer": "a", "keySourceURIs": ["file:///b"], "discovery": true, "x": 1}]"#,
    r#"[{"match": {"spiffe": "spiffe://td/*", "subject": {"CN": "a"}}, "permissions": ["a:read"]}]"#,
    r#"[{"match": {"dns": "*"}, "permissions": ["a"]}]"#,
    r#"[{"path": "/a.B/C", "scope": "namespace", "access": "write", "namespaceField": 1, "streaming": false}]"#,
];

struct Tree(Value);

impl<'a> Arbitrary<'a> for Tree {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        // The least that works, so that what follows is looked at.
        let mut root: Value = serde_json::json!({"global": {"authorization": {
            "authorizer": "default", "claimMapper": "default", "jwtKeyProvider": {"keySourceURIs": ["file:///keys"]}
        }}});
        for _ in 0..input.int_in_range(0..=12)? {
            let key = *input.choose(&KEYS)?;
            let value = match input.int_in_range(0..=9)? {
                // Characters that no YAML has are an error whatever stands round them.
                0 => input.arbitrary::<&str>()?.chars().filter(|c| (' '..='~').contains(c)).collect::<String>().into(),
                1 => Value::from(input.arbitrary::<u32>()?),
                _ => serde_json::from_str(input.choose(&VALUES)?).expect("JSON"),
            };
            let mut place = &mut root;
            for name in key.split('.') {
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                place = place.as_object_mut().expect("an object").entry(name).or_insert(Value::Null);
            }
            *place = value;
        }
        Ok(Self(root))
    }
}

/// The same in lines that are indented.
fn block(value: &Value, indent: usize, out: &mut String) {
    let space = " ".repeat(indent);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                out.push_str(&format!("\n{space}{name}:"));
                block(member, indent + 2, out);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for item in list {
                out.push_str(&format!("\n{space}-"));
                block(item, indent + 2, out);
            }
        }
        scalar => out.push_str(&format!(" {scalar}")),
    }
}

fn tree(root: &Value) {
    let mut indented = String::new();
    block(root, 0, &mut indented);
    let (mut flow, mut indented) = (read(&root.to_string()), read(&indented));
    for (line, ..) in flow.remarks.iter_mut().chain(&mut indented.remarks) {
        *line = None;
    }
    assert_eq!(flow, indented, "{root}");
}

fuzz_target!(|data: &[u8]| {
    if let Some(description) = data.strip_prefix(b"\0") {
        if let Ok(Tree(root)) = Tree::arbitrary_take_rest(Unstructured::new(description)) {
            tree(&root);
        }
    } else if let Ok(configuration) = std::str::from_utf8(data) {
        text(configuration);
    }
});
