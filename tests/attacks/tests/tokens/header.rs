//! What a JOSE header says: the algorithm, the key id, the type, extensions.

use attacks::{
    log::Log,
    server::JwksServer,
    signer::{P256, RSA},
    token::{claims, parts, signed, token},
};
use serde_json::{Value, json};
use temporal_authz::Reason::{self, MalformedCredentials as Malformed, UnknownKey, UnsupportedAlgorithm};
use temporal_key_provider::Algorithm;

use crate::support::{Stand, claims_of, eager, profile, reason};

#[tokio::test]
async fn case_001_a_token_that_is_not_signed_is_refused() {
    let rows = [
        ("case_001 none", json!({"alg": "none", "kid": "rsa-1"}), UnsupportedAlgorithm),
        ("case_001 None", json!({"alg": "None", "kid": "rsa-1"}), UnsupportedAlgorithm),
        ("case_001 nOnE", json!({"alg": "nOnE", "kid": "rsa-1"}), UnsupportedAlgorithm),
        ("case_001 NONE", json!({"alg": "NONE", "kid": "rsa-1"}), UnsupportedAlgorithm),
        ("case_001 an empty alg", json!({"alg": "", "kid": "rsa-1"}), UnsupportedAlgorithm),
        ("case_001 rs256", json!({"alg": "rs256", "kid": "rsa-1"}), UnsupportedAlgorithm),
        ("case_001 a space behind", json!({"alg": "RS256 ", "kid": "rsa-1"}), UnsupportedAlgorithm),
        ("case_001 alg missing", json!({"kid": "rsa-1"}), Malformed),
        ("case_001 alg null", json!({"alg": null, "kid": "rsa-1"}), Malformed),
        ("case_001 alg a number", json!({"alg": 256, "kid": "rsa-1"}), Malformed),
        ("case_001 alg a list", json!({"alg": ["RS256"], "kid": "rsa-1"}), Malformed),
    ];
    for stand in Stand::both().await {
        for (case, header, expected) in &rows {
            // With a good signature all the same, with none, and with one byte.
            stand.refuses_text(case, header.to_string(), claims().to_string(), *expected).await;
            let value = parts(header.to_string(), claims().to_string(), [0]);
            stand.refuses_without_io(case, &value, *expected).await;
            let value = parts(header.to_string(), claims().to_string(), []);
            stand.refuses_without_io(case, &value, Malformed).await;
        }
        let unsigned = parts(attacks::token::header(), claims().to_string(), []);
        stand.refuses_without_io("case_001 RS256 without a signature", &unsigned, Malformed).await;
    }
}

/// What each form of a missing or odd key id gives.
#[tokio::test]
async fn case_010_a_key_id_is_one_text() {
    let rows = [
        ("case_010 absent", r#"{"alg":"RS256"}"#),
        ("case_010 a number", r#"{"alg":"RS256","kid":1}"#),
        ("case_010 a list", r#"{"alg":"RS256","kid":["rsa-1"]}"#),
        ("case_010 null", r#"{"alg":"RS256","kid":null}"#),
        ("case_010 an object", r#"{"alg":"RS256","kid":{"rsa-1":1}}"#),
        ("case_010 true", r#"{"alg":"RS256","kid":true}"#),
        ("case_010 twice", r#"{"alg":"RS256","kid":"rsa-1","kid":"rsa-1"}"#),
    ];
    // One key only, and it has no id either: the temptation is greatest.
    let mut lone = RSA.jwk("");
    lone.as_object_mut().unwrap().remove("kid");
    for document in [attacks::token::issuer_jwks(), attacks::signer::jwks(&[lone])] {
        for stand in Stand::both_over(&document).await {
            for (case, header) in rows {
                stand.refuses_text(case, header, claims().to_string(), Malformed).await;
            }
        }
    }
}

#[tokio::test]
async fn case_010_an_empty_key_id_is_one_like_any_other_in_temporal_only() {
    let document = attacks::signer::jwks(&[RSA.jwk(""), P256.jwk("ec-1")]);
    let value = signed(&RSA, Algorithm::Rs256, r#"{"alg":"RS256","kid":""}"#, claims().to_string());
    let [strict, temporal] = Stand::both_over(&document).await;
    strict.refuses_without_io("case_010 empty", &value, Malformed).await;
    temporal.accepts("case_010 empty", &value, "default").await;
    let [_, temporal] = Stand::both().await;
    temporal.refuses("case_010 empty and nobody's", &value, UnknownKey).await;
}

#[tokio::test]
async fn case_010_a_key_id_may_be_missing_by_name_only_where_one_key_answers() {
    let value = signed(&RSA, Algorithm::Rs256, r#"{"alg":"RS256"}"#, claims().to_string());
    let server = JwksServer::publishing(attacks::token::issuer_jwks()).await;
    let keys = eager().source(server.source()).build().await.unwrap();
    for strict in [true, false] {
        // This provider answers for key ids alone, and has several keys: there is not exactly one that is meant.
        let mapper = profile(strict, keys.clone()).allow_missing_kid().build().unwrap();
        assert_eq!(reason(&mapper, &value).await, Some(UnknownKey), "case_010 absent, allowed by name");
    }
    assert_eq!(server.connections(), 1, "case_010 absent: fetched for no key id");
}

#[tokio::test]
async fn case_009_a_strange_key_id_is_looked_up_and_nothing_else() {
    let strange = [
        "../../etc/passwd",
        "' OR 1=1--",
        "rsa-1\0",
        "a\r\nINFO denied reason=forged",
        "🦀\u{1f980}",
        "\u{202e}1-asr",
        "\u{1b}[31mred",
        "http://127.0.0.1:1/jwks",
        "rsa-1 ",
        "RSA-1",
        "%2e%2e%2f",
        "{{7*7}} ${jndi:ldap://127.0.0.1:1/a}",
    ];
    for stand in Stand::both().await {
        for kid in strange {
            let case = format!("case_009 {kid:?}");
            let log = Log::open();
            let header = json!({"alg": "RS256", "kid": kid}).to_string();
            let value = signed(&RSA, Algorithm::Rs256, header, claims().to_string());
            stand.refuses(&case, &value, UnknownKey).await;
            // Fetched for, which is what an unknown id does, and from where the operator said.
            let request = stand.server.last_request();
            assert!(request.starts_with("get /jwks http/1.1\r\n"), "{case}: {request}");
            let shown = claims_of(&stand.mapper, &value).await.unwrap_err().to_string();
            assert!(
                shown.len() < 400 && !shown.contains(|c: char| c.is_control() || c == '\u{202e}'),
                "{case}: {shown}"
            );
            let logged = log.containing("no such key");
            assert!(!logged.is_empty(), "{case}: the refusal is logged");
            log.assert_escaped(&case, "no such key");
        }
        for (case, length, expected) in [
            ("case_009 64 KiB", 1 << 16, Malformed),
            ("case_009 1,025 bytes", 1025, Malformed),
            ("case_009 1,024 bytes", 1024, UnknownKey),
        ] {
            let header = json!({"alg": "RS256", "kid": "k".repeat(length)}).to_string();
            let value = signed(&RSA, Algorithm::Rs256, header, claims().to_string());
            let connections = stand.server.connections();
            stand.refuses(case, &value, expected).await;
            assert_eq!(stand.server.connections() > connections, expected == UnknownKey, "{case}");
            let long = profile(stand.strict, stand.keys.clone()).max_token_bytes(usize::MAX).build().unwrap();
            let shown = claims_of(&long, &value).await.unwrap_err();
            assert_eq!(shown.reason(), expected, "{case} with no limit on the token");
            assert!(shown.to_string().len() < 400, "{case}: {shown}");
        }
    }
}

#[tokio::test]
async fn case_015_an_extension_that_must_be_understood_is_not() {
    let rows = [
        (r#"case_015 ["exp"]"#, json!({"crit": ["exp"]})),
        (r#"case_015 ["b64"]"#, json!({"crit": ["b64"], "b64": false})),
        (r#"case_015 ["x"]"#, json!({"crit": ["x"], "x": 1})),
        ("case_015 []", json!({"crit": []})),
        (r#"case_015 "x""#, json!({"crit": "x"})),
        ("case_015 [null]", json!({"crit": [null]})),
        ("case_015 null", json!({"crit": null})),
    ];
    for stand in Stand::both().await {
        for (case, extension) in &rows {
            let mut header = json!({"alg": "RS256", "kid": "rsa-1"});
            header.as_object_mut().unwrap().extend(extension.as_object().unwrap().clone());
            stand.refuses_text(case, header.to_string(), claims().to_string(), Malformed).await;
        }
    }
}

#[tokio::test]
async fn case_023_the_type_is_looked_at_when_types_are_named() {
    let access = |mapper: temporal_claim_mapper::JwtClaimMapperBuilder| mapper.accepted_typ(["at+jwt"]);
    let rows: [(&str, Value, bool); 11] = [
        ("case_023 at+jwt", json!("at+jwt"), true),
        ("case_023 AT+JWT", json!("AT+JWT"), true),
        ("case_023 application/at+jwt", json!("application/at+jwt"), true),
        ("case_023 an ID token", json!("JWT"), false),
        ("case_023 dpop+jwt", json!("dpop+jwt"), false),
        ("case_023 logout+jwt", json!("logout+jwt"), false),
        ("case_023 secevent+jwt", json!("secevent+jwt"), false),
        ("case_023 empty", json!(""), false),
        ("case_023 a number", json!(1), false),
        ("case_023 null", json!(null), false),
        ("case_023 text/at+jwt", json!("text/at+jwt"), false),
    ];
    for (any, only) in Stand::both().await.into_iter().zip(Stand::both_with(access).await) {
        for (case, typ, accepted) in &rows {
            let header = json!({"alg": "RS256", "kid": "rsa-1", "typ": typ}).to_string();
            let value = signed(&RSA, Algorithm::Rs256, &header, claims().to_string());
            any.accepts(&format!("{case}, where no type is named"), &value, "default").await;
            if *accepted {
                only.accepts(case, &value, "default").await;
            } else {
                only.refuses_text(case, &header, claims().to_string(), Reason::MalformedCredentials).await;
            }
        }
        only.refuses_without_io("case_023 absent", &token(&claims()), Malformed).await;
    }
}
