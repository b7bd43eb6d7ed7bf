//! Configurations, written in two ways.

use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::{Map, Value};

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

/// A configuration out of known keys.
pub struct Tree(Value);

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

impl Tree {
    /// With braces and brackets, as JSON.
    pub fn flow(&self) -> String {
        self.0.to_string()
    }

    /// In lines that are indented.
    pub fn indented(&self) -> String {
        let mut out = String::new();
        block(&self.0, 0, &mut out);
        out
    }
}

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
