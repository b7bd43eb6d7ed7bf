//! Callers that stop reading harm nobody but themselves.

use std::time::{Duration, Instant};

use h2::Reason;
use temporal_gateway::listener::ListenerOptions;

use super::{
    Gateway,
    caller::{Caller, finish, request},
    frontend::Frontend,
    one_connection,
};

#[tokio::test]
async fn six_callers_that_stop_reading_do_not_slow_the_others() {
    // Large messages fill windows; empty ones (five bytes of framing) fill what h2 allows in frames.
    for flood in ["/t.T/Flood-64-65536", "/t.T/Flood-80000-5"] {
        let frontend = Frontend::start().await;
        let gateway = Gateway::before(&frontend).await;
        let mut stalled = Vec::new();
        for _ in 0..6 {
            let caller = Caller::new(gateway.addr).await;
            let answer = caller.open(request(flood, "x")).await.unwrap();
            stalled.push((caller, answer));
        }
        // Until the floods fill whatever they can fill.
        tokio::time::sleep(Duration::from_millis(500)).await;

        let caller = Caller::new(gateway.addr).await;
        let begun = Instant::now();
        for _ in 0..50 {
            let answer = caller.call("/t.T/Unary", vec![1; 100_000]).await;
            assert_eq!((answer.status(), answer.message.len()), ("0", 100_000), "{flood}");
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{flood}: {:?}", begun.elapsed());
        assert_eq!(frontend.connections(), 1, "{flood}: one connection carried all of it");
    }
}

#[tokio::test]
async fn an_answer_left_unread_is_given_up_and_one_that_waits_is_not() {
    let frontend = Frontend::start().await;
    let mut options = one_connection(frontend.addr);
    options.stall_timeout = Duration::from_millis(200);
    let gateway = Gateway::start(options, ListenerOptions::default(), None).await;
    let caller = Caller::new(gateway.addr).await;

    let waiting = caller.open(request("/t.T/HangBody", "x")).await.unwrap();
    let slow = caller.call("/t.T/Slow-600", "x");
    let other = Caller::new(gateway.addr).await;
    let stalled = other.open(request("/t.T/Flood-1000-65536", "x")).await.unwrap();
    assert_eq!(frontend.next_reset().await, ("/t.T/Flood-1000-65536".to_owned(), Reason::CANCEL));
    assert_eq!(slow.await.status(), "0");

    let answer = finish(stalled).await;
    assert_eq!(answer.status(), "8", "who reads on learns why there is no more");
    assert!(answer.message.len() < 65_536_000);
    drop(waiting);
    let (path, reason) = frontend.next_reset().await;
    assert_eq!((path.as_str(), reason), ("/t.T/HangBody", Reason::CANCEL), "only now");
}
