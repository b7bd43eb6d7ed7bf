//! The issuer, asked over HTTP as any other, and its tokens checked with what it publishes.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, errors::ErrorKind, jwk::JwkSet};
use serde_json::{Value, json};
use temporal_gateway::demo::issuer::{Issuer, TokenRequest};
use tokio::net::{TcpListener, TcpStream};

async fn ask(issuer: &Issuer, method: Method, path: &str) -> (StatusCode, Bytes) {
    let authority = issuer.url().strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(authority).await.unwrap();
    let (mut client, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request =
        Request::builder().method(method).uri(path).header("host", authority).body(Empty::<Bytes>::new()).unwrap();
    let answer = client.send_request(request).await.unwrap();
    let status = answer.status();
    (status, answer.into_body().collect().await.unwrap().to_bytes())
}

async fn document(issuer: &Issuer, path: &str) -> Value {
    let (status, body) = ask(issuer, Method::GET, path).await;
    assert_eq!(status, 200);
    serde_json::from_slice(&body).unwrap()
}

async fn key_set(issuer: &Issuer) -> JwkSet {
    serde_json::from_value(document(issuer, "/keys").await).unwrap()
}

fn verify(issuer: &Issuer, set: &JwkSet, token: &str) -> Result<Value, ErrorKind> {
    let kid = decode_header(token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(set.find(&kid).expect("a published key")).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.leeway = 0;
    validation.set_audience(&["temporal"]);
    validation.set_issuer(&[issuer.url()]);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    decode(token, &key, &validation).map(|verified| verified.claims).map_err(|error| error.into_kind())
}

#[tokio::test]
async fn tokens_verify_with_the_published_keys_and_the_bad_ones_do_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = Issuer::start(listener).await.unwrap();
    let discovery = document(&issuer, "/.well-known/openid-configuration").await;
    assert_eq!(discovery["issuer"], issuer.url());
    assert_eq!(discovery["jwks_uri"], issuer.jwks_uri());
    assert_eq!(issuer.jwks_uri(), format!("{}/keys", issuer.url()));
    assert_eq!(discovery["id_token_signing_alg_values_supported"], json!(["RS256"]));

    let published = document(&issuer, "/keys").await;
    let mut members: Vec<_> = published["keys"][0].as_object().unwrap().keys().cloned().collect();
    members.sort();
    assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"], "and no private part");
    assert_eq!(published["keys"][0]["use"], "sig");

    let set = key_set(&issuer).await;
    let request = TokenRequest::new("alice", ["default:read", "payments:write"])
        .audience("temporal")
        .claim("email", "alice@example.com");
    let claims = verify(&issuer, &set, &issuer.token(&request).unwrap()).unwrap();
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["permissions"], json!(["default:read", "payments:write"]));
    assert_eq!(claims["email"], "alice@example.com");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3_600);

    let bad = [
        (issuer.token(&request.clone().lifetime(-60)).unwrap(), ErrorKind::ExpiredSignature),
        (issuer.token(&request.clone().audience("other")).unwrap(), ErrorKind::InvalidAudience),
        (issuer.wrong_signature_token(&request).unwrap(), ErrorKind::InvalidSignature),
    ];
    for (token, expected) in bad {
        assert_eq!(verify(&issuer, &set, &token).unwrap_err(), expected);
    }

    let before = issuer.token(&request).unwrap();
    let first = issuer.key_id();
    let second = issuer.rotate().await.unwrap();
    assert_ne!(first, second);
    let after = issuer.token(&request).unwrap();
    assert_eq!(decode_header(&after).unwrap().kid, Some(second));
    let set = key_set(&issuer).await;
    assert_eq!(set.keys.len(), 2);
    for token in [before, after] {
        verify(&issuer, &set, &token).unwrap();
    }

    assert_eq!(ask(&issuer, Method::HEAD, "/keys").await, (StatusCode::OK, Bytes::new()));
    assert_eq!(ask(&issuer, Method::GET, "/keys/").await.0, StatusCode::NOT_FOUND);
    assert_eq!(ask(&issuer, Method::POST, "/keys").await.0, StatusCode::METHOD_NOT_ALLOWED);

    // Nothing of a key but its id is ever printed.
    let shown = format!("{issuer:?}");
    assert!(shown.contains(&first) && shown.len() < 500, "{shown}");
}
