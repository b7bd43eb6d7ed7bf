use serde_json::{Value, json};
use temporal_authz::Reason;
use temporal_claim_mapper::JwtClaimMapper;

use crate::support::*;

fn both(keys: &std::sync::Arc<MemoryKeys>) -> [JwtClaimMapper; 2] {
    [strict(keys).build().unwrap(), temporal(keys).build().unwrap()]
}

fn with(header: &Value) -> String {
    raw(header.to_string(), good().to_string())
}

// 1, 2, 6, 10, 15, 17
#[tokio::test]
async fn a_header_that_cannot_be_good_is_refused_without_a_look_up() {
    use Reason::{MalformedCredentials as Malformed, UnsupportedAlgorithm as Algorithm};
    let keys = MemoryKeys::new();
    for (header, expected) in [
        (json!({"alg": "none", "kid": "rsa-1"}), Algorithm),
        (json!({"alg": "None", "kid": "rsa-1"}), Algorithm),
        (json!({"alg": "nOnE", "kid": "rsa-1"}), Algorithm),
        (json!({"alg": "", "kid": "rsa-1"}), Algorithm),
        (json!({"alg": "HS256", "kid": "rsa-1"}), Algorithm),
        (json!({"alg": "rs256", "kid": "rsa-1"}), Algorithm),
        (json!({"alg": "ES512", "kid": "ec-1"}), Algorithm),
        (json!({"alg": null, "kid": "rsa-1"}), Malformed),
        (json!({"alg": 1, "kid": "rsa-1"}), Malformed),
        (json!({"kid": "rsa-1"}), Malformed),
        (json!({"alg": "RS256"}), Malformed),
        (json!({"alg": "RS256", "kid": 1}), Malformed),
        (json!({"alg": "RS256", "kid": ["rsa-1"]}), Malformed),
        (json!({"alg": "RS256", "kid": null}), Malformed),
        (json!({"alg": "RS256", "kid": "k".repeat(1025)}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "crit": ["exp"]}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "crit": ["b64"], "b64": false}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "crit": ["x"]}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "crit": []}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "crit": "x"}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "crit": [null]}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "cty": "JWT"}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "cty": "application/jwt"}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "cty": 1}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "zip": "DEF"}), Malformed),
        (json!({"alg": "RS256", "kid": "rsa-1", "enc": "A256GCM"}), Malformed),
        (json!([]), Malformed),
        (json!(null), Malformed),
        (json!("x"), Malformed),
    ] {
        for mapper in both(&keys) {
            assert_eq!(reason(&mapper, &with(&header)).await, Some(expected), "{header}");
        }
    }
    assert_eq!(keys.asked(), 0);
}

// 7, 8
#[tokio::test]
async fn keys_that_a_token_brings_along_are_not_looked_at() {
    let keys = MemoryKeys::new();
    for mapper in both(&keys) {
        for (member, value) in [
            ("jwk", OTHER_RSA.jwk("rsa-1")),
            ("x5c", json!(["AAAA"])),
            ("jku", json!("https://good@evil.example/jwks")),
            ("x5u", json!("file:///etc/passwd")),
        ] {
            let header = json!({"alg": "RS256", "kid": "rsa-1", member: value}).to_string();
            let forged = signed(&OTHER_RSA, temporal_key_provider::Algorithm::Rs256, &header, good().to_string());
            assert_eq!(reason(&mapper, &forged).await, Some(Reason::BadSignature), "{member}");
            assert_eq!(reason(&mapper, &raw(&header, good().to_string())).await, None, "{member}");
        }
    }
}

// 9, 105
#[tokio::test]
async fn a_strange_key_id_is_unknown_and_is_shown_escaped() {
    let keys = MemoryKeys::new();
    for kid in ["../../etc/passwd", "' OR 1=1--", "a\0b", "a\r\nlevel=ERROR fake", "🦀", "\u{202e}evil", "\u{1b}[31m"]
    {
        for mapper in both(&keys) {
            let error = claims_of(&mapper, &with(&json!({"alg": "RS256", "kid": kid}))).await.unwrap_err();
            assert_eq!(error.reason(), Reason::UnknownKey, "{kid:?}");
            assert!(!error.to_string().chars().any(|c| c.is_control() || c == '\u{202e}'), "{error}");
        }
    }
}

// 10
#[tokio::test]
async fn an_empty_key_id_is_one_like_any_other_in_the_reference_only() {
    let keys = MemoryKeys::new();
    keys.put(Some(""), [RSA.key("")]);
    let token = with(&json!({"alg": "RS256", "kid": ""}));
    assert_eq!(reason(&temporal(&keys).build().unwrap(), &token).await, None);
    assert_eq!(reason(&strict(&keys).build().unwrap(), &token).await, Some(Reason::MalformedCredentials));
}

// 10
#[tokio::test]
async fn a_missing_key_id_passes_by_name_where_there_is_one_key() {
    let keys = MemoryKeys::new();
    let token = with(&json!({"alg": "RS256"}));
    let lenient = strict(&keys).allow_missing_kid().build().unwrap();
    assert_eq!(reason(&lenient, &token).await, Some(Reason::UnknownKey));
    keys.put(None, [RSA.key("a")]);
    assert_eq!(reason(&lenient, &token).await, None);
    assert_eq!(reason(&strict(&keys).build().unwrap(), &token).await, Some(Reason::MalformedCredentials));
    keys.put(None, [RSA.key("a"), P256.key("b")]);
    assert_eq!(reason(&strict(&keys).allow_missing_kid().build().unwrap(), &token).await, Some(Reason::UnknownKey));
}

// 16
#[tokio::test]
async fn repeated_members_are_refused_wherever_they_stand() {
    let keys = MemoryKeys::new();
    let claims = good().to_string();
    let inner = &claims[1..claims.len() - 1];
    for (name, header, payload) in [
        ("two alg", r#"{"alg":"RS256","alg":"RS256","kid":"rsa-1"}"#.to_owned(), claims.clone()),
        ("two kid", r#"{"alg":"RS256","kid":"x","kid":"rsa-1"}"#.to_owned(), claims.clone()),
        ("two unknown", r#"{"alg":"RS256","kid":"rsa-1","x":1,"x":2}"#.to_owned(), claims.clone()),
        ("two exp", header(), format!(r#"{{{inner},"exp":9999999999}}"#)),
        ("escaped exp", header(), format!(r#"{{{inner},"\u0065xp":9999999999}}"#)),
        ("two permissions", header(), format!(r#"{{{inner},"permissions":["temporal-system:admin"]}}"#)),
        ("nested", header(), format!(r#"{{{inner},"x":[{{"a":1,"a":2}}]}}"#)),
    ] {
        for mapper in both(&keys) {
            let reason = reason(&mapper, &raw(&header, &payload)).await;
            assert_eq!(reason, Some(Reason::MalformedCredentials), "{name}");
        }
    }
    assert_eq!(keys.asked(), 0);
}

// 17, 18, 19, 20, 21, 62
#[tokio::test]
async fn what_is_no_signed_token_is_refused_without_a_look_up() {
    let keys = MemoryKeys::new();
    let token = token(&good());
    let compact = token.strip_prefix("Bearer ").unwrap();
    let (message, signature) = compact.rsplit_once('.').unwrap();
    let (head, body) = message.split_once('.').unwrap();
    let payload = |bytes: &[u8]| raw(header(), bytes);
    let deep = format!("{}{}", "[".repeat(3000), "]".repeat(3000));
    let general = json!({"payload": body, "signatures": [{"protected": head, "signature": signature}]});
    for (name, value) in [
        ("no scheme", compact.to_owned()),
        ("basic", format!("Basic {compact}")),
        ("scheme only", "Bearer".to_owned()),
        ("empty token", "Bearer ".to_owned()),
        ("two spaces", format!("Bearer  {compact}")),
        ("trailing space", format!("Bearer {compact} ")),
        ("tab", format!("Bearer\t{compact}")),
        ("two tokens", format!("Bearer {compact}, Bearer {compact}")),
        ("dots", format!("Bearer {}", ".".repeat(1 << 20))),
        ("dots within the limit", format!("Bearer {}", ".".repeat(10_000))),
        ("10 MiB", format!("Bearer {}", "a".repeat(10 << 20))),
        ("encrypted", format!("Bearer {head}.{body}.{signature}.{body}.{signature}")),
        ("no signature", format!("Bearer {message}.")),
        ("two parts", format!("Bearer {message}")),
        ("general serialization", format!("Bearer {general}")),
        ("padding", format!("Bearer {message}.{signature}==")),
        ("standard alphabet", format!("Bearer {message}.+/{}", &signature[2..])),
        ("newline", format!("Bearer {message}.{signature}\n")),
        ("white space inside", format!("Bearer {head}.{body} .{signature}")),
        ("stray bits", format!("Bearer {message}.{}", &format!("{signature}B")[1..])),
        ("payload is a list", payload(b"[]")),
        ("payload is text", payload(b"\"x\"")),
        ("payload is a number", payload(b"1")),
        ("payload is null", payload(b"null")),
        ("payload is empty", format!("Bearer {head}..{signature}")),
        ("payload is deep", payload(format!("{{\"a\":{deep}}}").as_bytes())),
        ("payload has a huge number", payload(b"{\"sub\":\"a\",\"exp\":1e309}")),
        ("payload is no UTF-8", payload(b"{\"sub\":\"\xff\"}")),
        ("payload has a lone surrogate", payload(br#"{"sub":"\ud800"}"#)),
        ("payload has a byte order mark", payload("\u{feff}{}".as_bytes())),
        ("payload and more", payload(b"{}{}")),
        ("payload is cut", payload(b"{\"sub\"")),
    ] {
        for mapper in both(&keys) {
            let error = claims_of(&mapper, &value).await.unwrap_err();
            assert_eq!(error.reason(), Reason::MalformedCredentials, "{name}");
            assert_hides(&format!("{error} {error:?}"), &token);
        }
    }
    assert_eq!(keys.asked(), 0);
}

// 22
#[tokio::test]
async fn payloads_of_every_length_decode() {
    let mapper = temporal(&MemoryKeys::new()).build().unwrap();
    for name in ["?", "~~", "ÿÿÿ", "🦀>>>", "??????"] {
        let claims = claims_of(&mapper, &token(&payload(json!({"sub": name})))).await.unwrap().unwrap();
        assert_eq!(claims.subject(), name);
    }
}

#[tokio::test]
async fn the_length_limit_counts_the_whole_header_value() {
    let keys = MemoryKeys::new();
    let token = token(&good());
    for (limit, expected) in [(token.len(), None), (token.len() - 1, Some(Reason::MalformedCredentials))] {
        let mapper = strict(&keys).max_token_bytes(limit).build().unwrap();
        assert_eq!(reason(&mapper, &token).await, expected);
    }
}

// 23
#[tokio::test]
async fn the_type_is_looked_at_when_asked() {
    let keys = MemoryKeys::new();
    let any = strict(&keys).build().unwrap();
    let access = strict(&keys).accepted_typ(["at+jwt"]).build().unwrap();
    for (typ, accepted) in [
        (json!("at+jwt"), true),
        (json!("AT+JWT"), true),
        (json!("application/at+jwt"), true),
        (json!("JWT"), false),
        (json!("dpop+jwt"), false),
        (json!("logout+jwt"), false),
        (json!(""), false),
        (json!(1), false),
    ] {
        let token = with(&json!({"alg": "RS256", "kid": "rsa-1", "typ": typ}));
        assert_eq!(reason(&any, &token).await, None, "{typ}");
        assert_eq!(reason(&access, &token).await.is_none(), accepted, "{typ}");
    }
    assert_eq!(reason(&access, &token(&good())).await, Some(Reason::MalformedCredentials), "typ is absent");
}

#[tokio::test]
async fn without_a_token_strict_knows_nobody_and_the_reference_gives_empty_claims() {
    let keys = MemoryKeys::new();
    assert!(claims_of(&strict(&keys).build().unwrap(), "").await.unwrap().is_none());
    let claims = claims_of(&temporal(&keys).build().unwrap(), "").await.unwrap().unwrap();
    assert_eq!((claims.subject(), claims.auth_type(), claims.namespaces().count()), ("", "jwt", 0));
}
