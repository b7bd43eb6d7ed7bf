//! Callers and upstreams that go away.

use super::{
    caller::Caller,
    calls::{issuer, naming, token},
    running::{Config, Gateway, free_address},
    until,
    upstream::{Manner, Upstream},
};

#[tokio::test]
async fn a_caller_that_goes_away_takes_its_call_along() {
    let (issuer, upstream) = (issuer().await, Upstream::start(Manner::Hang).await);
    let gateway = Gateway::start(&Config::new(issuer.jwks_uri(), upstream.addr)).await;
    let token = token(&issuer, &["default:write"]);
    let start = |caller: Caller| {
        let token = token.clone();
        tokio::spawn(async move { caller.temporal("StartWorkflowExecution", naming("default"), &token).await })
    };
    let staying = start(Caller::new(gateway.addr).await);
    until("the first call", async || upstream.calls().len() == 1).await;
    let leaving = start(Caller::new(gateway.addr).await);
    until("the second call", async || upstream.calls().len() == 2).await;
    assert_eq!(upstream.cancelled(), 0);

    leaving.abort();
    until("the cancellation", async || upstream.cancelled() == 1).await;
    assert!(!staying.is_finished(), "the other caller still waits");

    // And an upstream that goes away ends the calls that it had.
    upstream.kill().await;
    let answer = staying.await.unwrap();
    assert_eq!((answer.http, answer.status()), (200, "14"));
    assert_eq!(answer.text(), "upstream%20is%20unavailable", "no address, no error text");
}

#[tokio::test]
async fn an_upstream_that_is_down_at_the_start_is_found_when_it_comes() {
    let (issuer, addr) = (issuer().await, free_address());
    let gateway = Gateway::start(&Config::new(issuer.jwks_uri(), addr)).await;
    let token = token(&issuer, &["default:read"]);
    let caller = Caller::new(gateway.addr).await;
    assert_eq!(caller.describe("default", &token).await, "14");
    assert_eq!(caller.describe("payments", &token).await, "7", "denied all the same");

    let upstream = Upstream::listen(addr, Manner::Answer, None).await;
    until("an answer", async || caller.describe("default", &token).await == "0").await;
    assert_eq!(upstream.calls().len(), 1);
    upstream.kill().await;
    until("the outage", async || caller.describe("default", &token).await == "14").await;
    let _upstream = Upstream::listen(addr, Manner::Answer, None).await;
    until("an answer after the outage", async || caller.describe("default", &token).await == "0").await;
}
