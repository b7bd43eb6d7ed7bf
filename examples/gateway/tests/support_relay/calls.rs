//! Calls of every shape arrive as they were sent.

use bytes::Bytes;
use http_body_util::BodyExt as _;

use super::{
    Gateway,
    caller::{Caller, finish, request, streaming},
    frontend::Frontend,
};

#[tokio::test]
async fn a_unary_call_passes_with_all_its_metadata() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;

    let mut call = request("/t.T/Unary", "ping");
    let sent = [
        ("user-agent", "temporal-go/1.30.0"),
        ("grpc-timeout", "7500m"),
        ("x-data-bin", "AAEC//8"),
        ("x-data-bin", "AwQF"),
        ("authorization", "Bearer x"),
    ];
    for (name, value) in sent {
        call.headers_mut().append(name, value.parse().unwrap());
    }
    let answer = finish(caller.open(call).await.unwrap()).await;

    assert_eq!((answer.http, answer.status(), &answer.message[..]), (200, "0", &b"ping"[..]));
    assert_eq!(answer.headers["x-header-bin"], "AAEC");
    assert_eq!(answer.headers.len(), 2, "nothing is added: {:?}", answer.headers);
    let trailers: Vec<_> = answer.trailers.get_all("x-trailer-bin").iter().collect();
    assert_eq!(trailers, ["AwQF", "BgcI"]);

    let call = &frontend.calls()[0];
    assert_eq!(call.uri.authority().unwrap().as_str(), frontend.addr.to_string());
    let arrived: Vec<_> = call.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    for header in sent.iter().chain(&[("content-type", "application/grpc"), ("te", "trailers")]) {
        assert!(arrived.contains(header), "{header:?} in {arrived:?}");
    }
    assert_eq!(arrived.len(), sent.len() + 2, "nothing is added: {arrived:?}");
}

#[tokio::test]
async fn an_answer_without_a_body_stays_one() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;

    let answer = caller.open(request("/t.T/NotFound", "x")).await.unwrap();
    assert!(http_body::Body::is_end_stream(answer.body()), "END_STREAM on the headers");
    assert_eq!(answer.headers()["grpc-status"], "5");
    assert_eq!(answer.headers()["grpc-message"], "no such%20thing");
}

#[tokio::test]
async fn messages_go_both_ways_at_their_own_pace() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;

    let (messages, call) = streaming("/t.T/PingPong");
    let mut answer = caller.open(call).await.unwrap();
    for turn in 0..100_u32 {
        let message = Bytes::from(turn.to_string());
        messages.send(Ok(message.clone())).await.unwrap();
        let echo = answer.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(echo, message, "turn {turn}");
    }
    drop(messages);
    assert_eq!(finish(answer).await.status(), "0");
}

#[tokio::test]
async fn an_answer_of_many_messages_arrives_whole() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;

    let answer = caller.call("/t.T/Flood-500-1000", "x").await;
    assert_eq!((answer.status(), answer.message.len()), ("0", 500_000));
}

#[tokio::test]
async fn messages_of_four_mebibytes_pass() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;

    let message: Bytes = (0..4_u32 << 20).map(|at| (at % 251) as u8).collect::<Vec<_>>().into();
    let answer = caller.call("/t.T/Unary", message.clone()).await;
    assert_eq!(answer.status(), "0");
    assert!(answer.message == message, "the message comes back as it was");
}

#[tokio::test]
async fn request_trailers_do_not_pass() {
    // Case 72: a credential in them would be one that nobody judged.
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;

    let mut trailers = http::HeaderMap::new();
    trailers.insert("authorization", "Bearer x".parse().unwrap());
    let call = request("/t.T/Unary", "ping")
        .map(|body| body.with_trailers(std::future::ready(Some(Ok(trailers)))).boxed_unsync());
    let answer = finish(caller.open(call).await.unwrap()).await;
    assert_eq!((answer.status(), &answer.message[..]), ("0", &b"ping"[..]));
    assert!(!frontend.calls()[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn what_is_not_grpc_is_answered_by_the_gateway() {
    // Case 68.
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;

    let mut json = request("/t.T/Unary", "{}");
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    let mut get = request("/t.T/Unary", "");
    *get.method_mut() = http::Method::GET;
    let mut bare = request("/t.T/Unary", "");
    bare.headers_mut().remove("te");
    for (call, http) in [(json, 415), (get, 405), (bare, 415)] {
        let answer = finish(caller.open(call).await.unwrap()).await;
        assert_eq!(answer.http, http);
        assert!(answer.headers.contains_key("grpc-status"));
    }
    assert!(frontend.calls().is_empty(), "nothing reached the upstream");
}
