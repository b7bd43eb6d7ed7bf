//! Messages of all sizes, and compressed ones.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt as _;

use super::{
    caller::{Caller, finish, request},
    calls::{framed, issuer, naming, token, with_header, with_token, workflow},
    running::{Config, Gateway},
    upstream::{Manner, Upstream},
};

const LIMIT: usize = 4 << 20;

/// A message of so many bytes that names its namespace and fills the rest with an unknown field.
fn filled(namespace: &str, bytes: usize) -> Vec<u8> {
    let mut message = naming(namespace)[5..].to_vec();
    // Field 1000, bytes, with a length of four bytes.
    let rest = bytes - message.len() - 6;
    message.extend([0xc2, 0x3e]);
    message.extend([0, 7, 14].map(|shift| ((rest >> shift) & 0x7f) as u8 | 0x80));
    message.push((rest >> 21).try_into().unwrap());
    message.resize(bytes, b'x');
    message
}

fn gzip(message: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(message).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn requests_pass_up_to_the_limit_compressed_or_not_and_arrive_inflated() {
    let (issuer, upstream) = (issuer().await, Upstream::start(Manner::Answer).await);
    let gateway = Gateway::start(&Config::new(issuer.jwks_uri(), upstream.addr)).await;
    let token = token(&issuer, &["default:write"]);
    let small = filled("default", 1_000);
    let (under, exact, over) = (filled("default", LIMIT - 100), filled("default", LIMIT), filled("default", LIMIT + 1));
    let elsewhere = filled("payments", 1_000);
    let rows = [
        ("small", &small, false, "0"),
        ("a bit under the limit", &under, false, "0"),
        ("the limit", &exact, false, "0"),
        ("over the limit", &over, false, "8"),
        ("elsewhere", &elsewhere, false, "7"),
        ("small, compressed", &small, true, "0"),
        ("elsewhere, compressed", &elsewhere, true, "7"),
        ("the limit, compressed", &exact, true, "0"),
        ("over the limit once inflated", &over, true, "8"),
    ];
    for (row, message, compressed, expected) in rows {
        let body = if compressed { framed(1, &gzip(message)) } else { framed(0, message) };
        let mut call = with_token(request(&workflow("StartWorkflowExecution"), body), &token);
        if compressed {
            call = with_header(call, "grpc-encoding", "gzip");
        }
        // A caller each: what is refused early may be left half sent.
        let caller = Caller::new(gateway.addr).await;
        let answer = finish(caller.open(call).await.unwrap()).await;
        assert_eq!(answer.status(), expected, "{row}: {}", answer.text());
        if expected == "0" {
            assert!(upstream.only_call().body == framed(0, message), "{row}: byte for byte");
        } else {
            assert!(upstream.calls().is_empty(), "{row}");
        }
    }
}

#[tokio::test]
async fn an_answer_of_any_size_passes_as_it_comes() {
    const CHUNKS: usize = 320;
    let (issuer, upstream) = (issuer().await, Upstream::start(Manner::Chunks(CHUNKS)).await);
    let gateway = Gateway::start(&Config::new(issuer.jwks_uri(), upstream.addr)).await;
    let call = request(&workflow("DescribeNamespace"), naming("default"));
    let call = with_token(call, &token(&issuer, &["default:read"]));
    let caller = Caller::new(gateway.addr).await;
    let mut answer = caller.open(call).await.unwrap();
    let first = answer.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    // The rest waits for room: what is not asked for stays where it is.
    assert!(upstream.chunks() < CHUNKS / 2, "{} chunks of {CHUNKS}", upstream.chunks());
    let answer = finish(answer).await;
    assert_eq!(answer.status(), "0");
    assert_eq!(first.len() + answer.message.len(), 20 << 20);
}
