//! The shape of a token: its parts, their base64 and their JSON.

use attacks::{
    signer::{RSA, base64url},
    token::{claims, header, parts, signed, token},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde_json::json;
use temporal_authz::Reason::MalformedCredentials as Malformed;
use temporal_key_provider::Algorithm;

use crate::support::{Stand, claims_of, profile, reason};

/// A peak of the memory of this process, in bytes.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[tokio::test]
async fn case_016_repeated_members_are_refused_wherever_they_stand() {
    let claims = claims().to_string();
    let inside = &claims[1..claims.len() - 1];
    let good = header();
    let rows = [
        ("case_016 two alg", r#"{"alg":"RS256","alg":"RS256","kid":"rsa-1"}"#, claims.clone()),
        ("case_016 alg none, then alg", r#"{"alg":"none","kid":"rsa-1","alg":"RS256"}"#, claims.clone()),
        ("case_016 two kid", r#"{"alg":"RS256","kid":"x","kid":"rsa-1"}"#, claims.clone()),
        ("case_016 two kid, one of them escaped", r#"{"alg":"RS256","k\u0069d":"x","kid":"rsa-1"}"#, claims.clone()),
        ("case_016 nested in the header", r#"{"alg":"RS256","kid":"rsa-1","x":{"a":1,"a":1}}"#, claims.clone()),
        ("case_016 two exp", &good, format!(r#"{{{inside},"exp":4102444800}}"#)),
        ("case_016 two exp, one of them escaped", &good, format!(r#"{{{inside},"\u0065xp":4102444800}}"#)),
        ("case_016 two permissions", &good, format!(r#"{{"permissions":["temporal-system:admin"],{inside}}}"#)),
        ("case_016 two sub", &good, format!(r#"{{{inside},"sub":"alice"}}"#)),
        ("case_016 two aud, equal", &good, format!(r#"{{{inside},"aud":"temporal"}}"#)),
        ("case_016 nested", &good, format!(r#"{{{inside},"x":{{"a":1,"\u0061":2}}}}"#)),
        ("case_016 nested in a list", &good, format!(r#"{{{inside},"x":[[{{"a":1,"a":2}}]]}}"#)),
    ];
    for stand in Stand::both().await {
        stand.accepts("case_016 nothing repeated", &signed(&RSA, Algorithm::Rs256, &good, &claims), "default").await;
        for (case, header, payload) in &rows {
            stand.refuses_text(case, header, payload, Malformed).await;
        }
    }
}

#[tokio::test]
async fn case_017_encrypted_and_nested_tokens_are_refused_undecrypted() {
    let good = token(&claims());
    let (message, _) = good.rsplit_once('.').unwrap();
    let jwe = |header: serde_json::Value| {
        let part = base64url([7; 64]);
        format!("Bearer {}.{part}.{}.{part}.{part}", base64url(header.to_string()), base64url([1; 12]))
    };
    let bomb = json!({"alg": "dir", "enc": "A256GCM", "zip": "DEF"});
    let derived = json!({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 1_u64 << 31, "p2s": "AAAA"});
    let values = [
        ("case_017 a JWE of five parts", jwe(json!({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": "rsa-1"}))),
        ("case_017 a JWE that asks for 2^31 rounds", jwe(derived)),
        ("case_017 a JWE that inflates", jwe(bomb)),
        ("case_017 a signed token with two parts more", format!("{good}.e30.e30")),
        ("case_017 four parts", format!("{good}.e30")),
        ("case_017 two parts", message.to_owned()),
        ("case_017 one part", format!("Bearer {}", base64url("{}"))),
        ("case_017 no part", "Bearer ".to_owned()),
    ];
    let with = |member: &str| format!(r#"{{"alg":"RS256","kid":"rsa-1",{member}}}"#);
    for stand in Stand::both().await {
        for (case, value) in &values {
            stand.refuses_without_io(case, value, Malformed).await;
        }
        for (case, member) in [
            ("case_017 zip", r#""zip":"DEF""#),
            ("case_017 enc", r#""enc":"A256GCM""#),
            ("case_017 cty JWT", r#""cty":"JWT""#),
            ("case_017 cty jwt", r#""cty":"application/jwt""#),
            ("case_017 cty a number", r#""cty":1"#),
        ] {
            stand.refuses_text(case, with(member), claims().to_string(), Malformed).await;
        }
        // A token within a token that does not say so: the outer payload is no JSON.
        stand.refuses_text("case_017 nested", header(), good.trim_start_matches("Bearer "), Malformed).await;
    }
}

#[tokio::test]
async fn case_018_json_serializations_are_refused() {
    let good = token(&claims());
    let [protected, payload, signature] = good["Bearer ".len()..].split('.').collect::<Vec<_>>()[..] else { panic!() };
    let one = json!({"protected": protected, "signature": signature});
    let values = [
        ("case_018 flattened", json!({"payload": payload, "protected": protected, "signature": signature})),
        ("case_018 general", json!({"payload": payload, "signatures": [one]})),
        ("case_018 general, twice signed", json!({"payload": payload, "signatures": [one, one]})),
        ("case_018 with two dots", json!({"payload": payload, "header": {"a": ".", "b": "."}, "signatures": [one]})),
    ];
    for stand in Stand::both().await {
        for (case, value) in &values {
            stand.refuses_without_io(case, &format!("Bearer {value}"), Malformed).await;
            stand.refuses_without_io(case, &format!("Bearer {}", base64url(value.to_string())), Malformed).await;
        }
    }
}

#[tokio::test]
async fn case_019_an_endless_token_costs_neither_time_nor_memory() {
    let segment = "a.".repeat(100_000);
    let values = [
        ("case_019 1 MiB of dots", format!("Bearer {}", ".".repeat(1 << 20))),
        ("case_019 a token of 10 MiB", format!("Bearer e30.{}.e30", "A".repeat(10 << 20))),
        ("case_019 100,000 segments", format!("Bearer {segment}")),
        ("case_019 10 MiB without a space", "A".repeat(10 << 20)),
    ];
    for stand in Stand::both().await {
        for (case, value) in &values {
            stand.refuses_without_io(case, value, Malformed).await;
            let error = claims_of(&stand.mapper, value).await.unwrap_err().to_string();
            assert!(error.contains(&format!("{} bytes, 16384 are allowed", value.len())), "{case}: {error}");
        }
        // Without the limit the dots are counted, and not split at: 64 MiB of them would take a gigabyte of parts.
        let unlimited = profile(stand.strict, stand.keys.clone()).max_token_bytes(usize::MAX).build().unwrap();
        let dots = format!("Bearer {}", ".".repeat(64 << 20));
        let before = peak_memory();
        assert_eq!(reason(&unlimited, &dots).await, Some(Malformed), "case_019 64 MiB of dots");
        assert!(peak_memory() - before < 256 << 20, "case_019: {} bytes taken", peak_memory() - before);
    }
}

/// Another form of a text in base64.
type Form<'f> = &'f dyn Fn(&str) -> String;

#[tokio::test]
async fn case_020_a_token_has_one_form_in_base64() {
    // Texts whose base64 has `-` and `_`, whose length leaves stray bits, and whose decoded form is right in any case.
    let header = r#"{"alg":"RS256","kid":"rsa-1","x":"??>>??>>~~~~"} "#;
    let mut payload = claims().to_string().replace("alice", "??>>??>>~~~~");
    while payload.len() % 3 != 1 {
        payload.push(' ');
    }
    let good = signed(&RSA, Algorithm::Rs256, header, &payload);
    let cut: Vec<&str> = good["Bearer ".len()..].split('.').collect();
    let [h, p, s] = cut[..] else { panic!("three parts") };
    assert!(h.contains(['-', '_']) && p.contains(['-', '_']) && header.len() % 3 == 1, "the test's own texts");
    let standard = |part: &str| part.replace('-', "+").replace('_', "/");
    assert_eq!(standard(p), STANDARD_NO_PAD.encode(&payload));
    let forms: [(&str, Form<'_>); 8] = [
        ("padding", &|part| format!("{part}{}", "=".repeat(2))),
        ("the standard alphabet", &standard),
        ("a space behind", &|part| format!("{part} ")),
        ("a space within", &|part| format!("{} {}", &part[..4], &part[4..])),
        ("a newline", &|part| format!("{}\n{}", &part[..4], &part[4..])),
        ("a tab in front", &|part| format!("\t{part}")),
        ("a NUL behind", &|part| format!("{part}\0")),
        ("stray bits in the last character", &|part| {
            let (rest, last) = part.split_at(part.len() - 1);
            let next = char::from(last.as_bytes()[0] + 1);
            assert!(matches!(last, "A" | "Q" | "g" | "w"), "{last}: the last character has stray bits");
            format!("{rest}{next}")
        }),
    ];
    for stand in Stand::both().await {
        // In the cache from here on, where its other forms must not be found.
        stand.accepts("case_020 the canonical form", &good, "default").await;
        for (form, change) in forms {
            for (part, value) in [
                ("header", format!("Bearer {}.{p}.{s}", change(h))),
                ("payload", format!("Bearer {h}.{}.{s}", change(p))),
                ("signature", format!("Bearer {h}.{p}.{}", change(s))),
            ] {
                // The standard alphabet changes a signature only where it has one of the two letters.
                if value != good {
                    stand.refuses_without_io(&format!("case_020 {form} in the {part}"), &value, Malformed).await;
                }
            }
        }
        // The same, signed anew in the form that was sent: what is signed is not what is decoded.
        for change in [&|part: &str| format!("{part}=="), &standard as Form<'_>] {
            let message = format!("{}.{}", change(h), change(p));
            let signature = base64url(RSA.sign(Algorithm::Rs256, message.as_bytes()));
            let value = format!("Bearer {message}.{signature}");
            stand.refuses_without_io("case_020 signed in another form", &value, Malformed).await;
        }
    }
}

#[tokio::test]
async fn case_021_a_payload_that_is_no_json_object_is_refused() {
    let claims = claims().to_string();
    let inside = &claims[1..claims.len() - 1];
    let deep = |open: &str, close: &str| format!("{{{inside},\"x\":{}{}}}", open.repeat(2000), close.repeat(2000));
    let rows: [(&str, Vec<u8>); 17] = [
        ("case_021 a list", b"[]".into()),
        ("case_021 a text", b"\"x\"".into()),
        ("case_021 a number", b"1".into()),
        ("case_021 null", b"null".into()),
        ("case_021 nested lists", deep("[", "]").into()),
        ("case_021 nested objects", format!("{{\"x\":{}1{}}}", "{\"a\":".repeat(1500), "}".repeat(1500)).into()),
        ("case_021 10,000 open brackets", "[".repeat(10_000).into()),
        ("case_021 1e309", format!("{{{inside},\"x\":1e309}}").into()),
        ("case_021 no UTF-8", [b"{\"x\":\"\xff\",", inside.as_bytes(), b"}"].concat()),
        ("case_021 an overlong form of UTF-8", [b"{\"x\":\"\xc0\xae\",", inside.as_bytes(), b"}"].concat()),
        ("case_021 a surrogate in UTF-8", [b"{\"x\":\"\xed\xa0\x80\",", inside.as_bytes(), b"}"].concat()),
        ("case_021 a lone surrogate", format!("{{{inside},\"x\":\"\\ud800\"}}").into()),
        ("case_021 a byte order mark", format!("\u{feff}{claims}").into()),
        ("case_021 two documents", format!("{claims}{claims}").into()),
        ("case_021 cut", claims[..claims.len() - 1].into()),
        ("case_021 a comma too many", format!("{{{inside},}}").into()),
        ("case_021 a raw newline in a text", format!("{{{inside},\"x\":\"a\nb\"}}").into()),
    ];
    for stand in Stand::both().await {
        for (case, payload) in &rows {
            stand.refuses_text(case, header(), payload, Malformed).await;
            // The same as a header, which is read first.
            let value = parts(payload, &claims, [0; 256]);
            stand.refuses_without_io(&format!("{case} as header"), &value, Malformed).await;
        }
        for (case, value) in [
            ("case_021 empty payload", format!("Bearer {}..AAAA", base64url(header()))),
            ("case_021 empty header", format!("Bearer .{}.AAAA", base64url(&claims))),
            ("case_021 all empty", "Bearer ..".to_owned()),
        ] {
            stand.refuses_without_io(case, &value, Malformed).await;
        }
    }
}

#[tokio::test]
async fn case_022_payloads_with_every_letter_of_base64url_pass_everywhere() {
    use temporal_authz::{AuthInfo, ClaimMapper as _};
    for stand in Stand::both().await {
        for name in ["?", "~~", "ÿÿÿ", "🦀>>>", "??????", ">>>>>>>", "日本語", "a\u{7f}b?~".trim_end_matches('~')]
        {
            if stand.strict && name.contains('\u{7f}') {
                continue;
            }
            let mut claims = claims();
            claims["sub"] = json!(name);
            for blanks in 0..3 {
                let value = signed(&RSA, Algorithm::Rs256, header(), format!("{claims}{}", " ".repeat(blanks)));
                let case = format!("case_022 {name:?} and {blanks} blanks");
                let headers = http::HeaderMap::new();
                let info = AuthInfo::new(&headers).with_auth_token(&value);
                let explained = stand.mapper.explain(&info).await;
                assert_eq!(explained.result().unwrap().unwrap().subject(), name, "{case}");
                assert_eq!(stand.accepts(&case, &value, "default").await.subject(), name, "{case}");
                let known = stand.mapper.claims_at_hand(&info).unwrap().unwrap().unwrap();
                assert_eq!(known.subject(), name, "{case}");
            }
        }
    }
}
