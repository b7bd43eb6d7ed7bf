//! Configurations that would protect nothing, and headers that carry no credentials.

use temporal_interceptor::config::AuthorizationConfig;

use crate::support::*;

/// What is said about a configuration; "" when it is taken.
fn said(yaml: &str) -> String {
    AuthorizationConfig::from_yaml(yaml, "").map_or_else(|error| error.to_string(), |_| String::new())
}

#[test]
fn what_would_open_the_gateway_stops_its_start() {
    let good = "global:\n  authorization:\n    authorizer: default\n    claimMapper: default\n    \
                jwtKeyProvider: { keySourceURIs: ['https://issuer.example/keys'] }\n\
                gateway:\n  authorization: { policy: temporal }\n";
    assert_eq!(said(good), "");
    let unknown = "unknown key";
    for (row, from, to, expected) in [
        ("case_100 an empty authorizer", "authorizer: default", "authorizer: ''", "everybody may do everything"),
        ("case_100 a blank authorizer", "authorizer: default", "authorizer:", "everybody may do everything"),
        ("case_100 no authorizer", "    authorizer: default\n", "", "everybody may do everything"),
        ("case_100 a misspelled authorizer", "authorizer: default", "authorizer: defualt", "expected `default`"),
        ("case_100 another authorizer", "authorizer: default", "authorizer: noop", "expected `default`"),
        ("case_100 a misspelled key", "authorizer: default", "authoriser: default", unknown),
        ("case_100 another case", "authorizer: default", "Authorizer: default", unknown),
        ("case_100 a claim mapper alone", "authorizer: default", "authorizer: ''", "global.authorization.authorizer"),
        ("case_100 no claim mapper", "    claimMapper: default\n", "", "everybody is a system admin"),
        ("case_100 an empty claim mapper", "claimMapper: default", "claimMapper: ''", "everybody is a system admin"),
        ("case_100 a misspelled claim mapper", "claimMapper: default", "claimMapper: jwt", "expected `default`"),
        ("case_100 no keys", "['https://issuer.example/keys']", "[]", "no token could ever be accepted"),
        ("case_100 a misspelled section", "  authorization:\n    ", "  authorisation:\n    ", unknown),
        ("case_100 a misspelled section of ours", "gateway:", "gatway:", unknown),
        ("case_100 an unknown policy", "policy: temporal", "policy: strickt", "gateway.authorization.policy"),
        ("case_100 an unknown key of ours", "policy: temporal", "policy: temporal, shadow: true", unknown),
        (
            "case_100 a key that stands twice",
            "claimMapper: default",
            "claimMapper: default\n    authorizer: ''",
            "second time",
        ),
        ("case_100 a second document", "gateway:", "---\ngateway:", "second YAML document"),
        ("case_100 strict without issuers", "policy: temporal", "policy: strict", "gateway.authorization.issuers"),
        ("case_100 no limit", "policy: temporal }", "policy: temporal }\n  limits: { maxTokenBytes: 0 }", "zero"),
    ] {
        let yaml = good.replacen(from, to, 1);
        assert_ne!(yaml, good, "{row}");
        let said = said(&yaml);
        assert!(said.contains(expected), "{row}: {said:?}");
    }
    for row in ["", "{}", "global: {}", "gateway: {}", "gateway: { authorization: { policy: strict } }"] {
        assert!(said(row).contains("everybody may do everything"), "case_100 {row:?}: {}", said(row));
    }
    // Only who says so in so many words lets everybody in.
    assert_eq!(said("gateway: { authorization: { allowEveryone: true } }"), "");
    assert_ne!(said("gateway: { authorization: { allowEveryone: false } }"), "");
    assert_ne!(said("gateway: { authorization: { allowEveryone: perhaps } }"), "");
}

#[test]
fn a_header_that_others_use_carries_no_credentials() {
    let with = |name: &str| {
        let setup = Setup { global: &[name], ..Setup::new(Profile::Temporal) };
        said(&setup.yaml("https://issuer.example/keys", "127.0.0.1:1".parse().unwrap()))
    };
    for key in ["authHeaderName", "authExtraHeaderName"] {
        for name in [
            ":path",
            ":method",
            ":authority",
            "grpc-timeout",
            "GRPC-Timeout",
            "grpc-encoding",
            "te",
            "TE",
            "host",
            "Host",
            "content-type",
            "content-length",
            "user-agent",
            "connection",
            "transfer-encoding",
            "trailer",
            "x-token-bin",
            "temporal-principal-name",
            "Temporal-Principal-Type",
            "client-name",
            "a b",
            "a:b",
            "é",
            "\\n",
            "\\0",
        ] {
            let said = with(&format!("{key}: \"{name}\""));
            assert!(said.contains(key), "case_073 {key}: {name}: {said:?}");
        }
        assert_eq!(with(&format!("{key}: X-Acme-Token")), "");
    }
    assert_ne!(with("authExtraHeaderName: AUTHORIZATION"), "", "case_073 the same header for both");
}

#[tokio::test]
async fn case_073_another_header_is_found_in_any_case_and_the_usual_one_is_not() {
    for profile in Profile::BOTH {
        let global = ["authHeaderName: X-Acme-Token", "authExtraHeaderName: X-ACME-Extras"];
        let world = World::with(&Setup { global: &global, ..Setup::new(profile) }).await;
        let token = world.token(&["shop:write"]);
        let bearer = format!("Bearer {token}");
        let start = || Call::start("shop");
        let arrived = world
            .served("case_073 configured", &start().field("x-acme-token", &bearer).field("x-acme-extras", "more"))
            .await;
        assert!(!arrived.headers.contains_key("x-acme-token") && !arrived.headers.contains_key("x-acme-extras"));
        let missing = unauthenticated("missing_credentials");
        world.refused("case_073 the usual header", &start().token(&token), missing).await;
        let twice = start().field("x-acme-token", &bearer).field("x-acme-token", &bearer);
        world.refused("case_073 twice", &twice, unauthenticated("duplicate_credentials")).await;
        let garbage = start().field("x-acme-token", "garbage").token(&token);
        world.refused("case_073 garbage beside the usual", &garbage, unauthenticated("malformed_credentials")).await;
        // In HTTP/2 names are in small letters, or the call is malformed.
        world.turned_away("case_073 in capitals on the wire", &start().field("X-Acme-Token", &bearer)).await;
    }
}
