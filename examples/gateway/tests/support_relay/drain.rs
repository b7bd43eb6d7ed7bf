//! The listener stops.

use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use temporal_gateway::listener::ListenerOptions;
use tokio::{net::TcpStream, time::timeout};

use super::{
    Gateway, SOON,
    caller::{Caller, finish, request},
    frontend::Frontend,
    one_connection,
};

async fn gateway(frontend: &Frontend, drain: Duration) -> Gateway {
    let mut options = ListenerOptions::default();
    options.drain = drain;
    Gateway::start(one_connection(frontend.addr), options, None).await
}

#[tokio::test]
async fn idle_connections_close_at_once() {
    let frontend = Frontend::start().await;
    let mut gateway = gateway(&frontend, SOON).await;
    let used = Caller::new(gateway.addr).await;
    assert_eq!(used.call("/t.T/Unary", "x").await.status(), "0");
    let unused = Caller::new(gateway.addr).await;
    let silent = TcpStream::connect(gateway.addr).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;

    let begun = Instant::now();
    gateway.stop();
    let addr = gateway.addr;
    gateway.has_stopped().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?} of a drain of {SOON:?}", begun.elapsed());
    timeout(SOON, used.closed).await.unwrap().unwrap().unwrap();
    timeout(SOON, unused.closed).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(addr).await.is_err(), "no new connections");
    drop(silent);
}

#[tokio::test]
async fn a_running_call_ends_in_peace() {
    let frontend = Frontend::start().await;
    let mut gateway = gateway(&frontend, SOON).await;
    let caller = Caller::new(gateway.addr).await;
    let running = caller.call("/t.T/Slow-400", "x");
    let stop = async {
        while frontend.calls().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        gateway.stop();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(caller.open(request("/t.T/Unary", "x")).await.is_err(), "no new calls");
    };
    let begun = Instant::now();
    let (answer, ()) = futures_util::future::join(running, stop).await;
    assert_eq!(answer.status(), "0");
    gateway.has_stopped().await;
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_runs_too_long_ends_with_unavailable() {
    let frontend = Frontend::start().await;
    let mut gateway = gateway(&frontend, Duration::from_millis(300)).await;
    let caller = Caller::new(gateway.addr).await;

    let mut stream = caller.open(request("/t.T/HangBody", "x")).await.unwrap();
    stream.body_mut().frame().await.unwrap().unwrap();
    // Never without a frame to send, and read as fast as it comes.
    let flood = caller.open(request("/t.T/Flood-100000-60000", "x")).await.unwrap();
    let flood = finish(flood);
    let poll = caller.call("/t.T/Hang", "x");
    let stop = async {
        while frontend.calls().len() < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        gateway.stop();
        Instant::now()
    };
    let (poll, flood, begun) = futures_util::future::join3(poll, flood, stop).await;
    for answer in [poll, flood, finish(stream).await] {
        assert_eq!((answer.http, answer.status()), (200, "14"));
        assert_eq!(answer.text(), "the%20gateway%20is%20shutting%20down");
    }
    gateway.has_stopped().await;
    let took = begun.elapsed();
    assert!((Duration::from_millis(300)..Duration::from_secs(2)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn a_caller_that_does_not_read_cannot_delay_the_end() {
    let frontend = Frontend::start().await;
    let mut gateway = gateway(&frontend, Duration::from_millis(100)).await;
    let caller = Caller::new(gateway.addr).await;
    let stalled = caller.open(request("/t.T/Flood-1000-65536", "x")).await.unwrap();
    let begun = Instant::now();
    gateway.stop();
    gateway.has_stopped().await;
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    drop(stalled);
}
