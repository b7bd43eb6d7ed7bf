use http::HeaderMap;
use serde_json::json;
use temporal_authz::{AuthInfo, Reason};
use temporal_claim_mapper::{Explanation, JwtClaimMapper, Outcome};

use crate::support::*;

async fn explain(mapper: &JwtClaimMapper, value: &str) -> Explanation {
    mapper.explain(&AuthInfo::new(&HeaderMap::new()).with_auth_token(value)).await
}

fn names(explanation: &Explanation) -> Vec<&str> {
    let mut names: Vec<_> = explanation.steps().iter().map(|step| step.name()).collect();
    names.dedup();
    names
}

#[tokio::test]
async fn a_good_token_passes_every_check_in_order() {
    let mapper = strict(&MemoryKeys::new()).build().unwrap();
    let value = token(&good());
    let explanation = explain(&mapper, &value).await;
    assert_eq!(
        names(&explanation),
        [
            "scheme",
            "shape",
            "header",
            "algorithm",
            "kid",
            "typ",
            "payload",
            "times",
            "issuer",
            "algorithm",
            "audience",
            "subject",
            "shape",
            "key",
            "signature",
            "permissions"
        ]
    );
    assert!(explanation.steps().iter().all(|step| step.outcome() == Outcome::Passed), "{explanation}");
    assert_eq!(explanation.result().unwrap().unwrap().subject(), "alice");
    assert_hides(&format!("{explanation} {explanation:?}"), &value);
}

#[tokio::test]
async fn a_bad_token_ends_at_the_check_that_refuses_it_with_the_answer_of_a_call() {
    let keys = MemoryKeys::new();
    let mapper = strict(&keys).build().unwrap();
    let good_token = token(&good());
    let swapped = format!("{}.{}", good_token.rsplit_once('.').unwrap().0, base64([1; 256]));
    for (value, step, expected) in [
        ("Basic x".to_owned(), "scheme", Reason::MalformedCredentials),
        ("Bearer x".to_owned(), "shape", Reason::MalformedCredentials),
        (raw("[]", "{}"), "header", Reason::MalformedCredentials),
        (raw(r#"{"alg":"none","kid":"k"}"#, "{}"), "algorithm", Reason::UnsupportedAlgorithm),
        (raw(r#"{"alg":"RS256"}"#, "{}"), "kid", Reason::MalformedCredentials),
        (raw(header(), "[]"), "payload", Reason::MalformedCredentials),
        (token(&payload(json!({"exp": 1}))), "times", Reason::Expired),
        (token(&payload(json!({"iss": "https://evil.example"}))), "issuer", Reason::WrongIssuer),
        (token(&payload(json!({"aud": "x"}))), "audience", Reason::WrongAudience),
        (token(&payload(json!({"sub": null}))), "subject", Reason::InvalidSubject),
        (raw(r#"{"alg":"RS256","kid":"k"}"#, good().to_string()), "key", Reason::UnknownKey),
        (swapped, "signature", Reason::BadSignature),
    ] {
        let explanation = explain(&mapper, &value).await;
        let last = explanation.steps().last().unwrap();
        assert_eq!((last.name(), last.outcome()), (step, Outcome::Failed), "{explanation}");
        assert_eq!(explanation.result().unwrap_err().reason(), expected);
        assert_eq!(reason(&mapper, &value).await, Some(expected));
        assert!(explanation.to_string().contains(expected.as_str()), "{explanation}");
        assert_hides(&format!("{explanation} {explanation:?}"), &value);
    }
}

#[tokio::test]
async fn hints_tell_what_the_documents_get_wrong() {
    let mapper = temporal(&MemoryKeys::new()).build().unwrap();
    let value = token(&payload(json!({"permissions": ["system:read", "default : write", "default:owner", 7, "x\n"]})));
    let explanation = explain(&mapper, &value).await;
    let text = explanation.to_string();
    for part in [
        "scope of the whole system is temporal-system",
        "spaces round the colon",
        "\"owner\" is none of read, write, worker, admin",
        "no text is ignored",
        r#""x\n" does not have the form"#,
        "2 entries ignored",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(explanation.result().is_ok());
    // A token cannot make the explanation long.
    let value = token(&payload(json!({ "permissions": vec!["x"; 1000] })));
    assert!(explain(&mapper, &value).await.steps().len() < 50);
    assert!(explain(&mapper, &token(&payload(json!({"sub": null})))).await.to_string().contains("Temporal refuses"));
}

#[tokio::test]
async fn no_token_is_explained_too() {
    let explanation = explain(&strict(&MemoryKeys::new()).build().unwrap(), "").await;
    assert!(explanation.result().unwrap().is_none());
    assert!(explanation.to_string().contains("no token"));
}
