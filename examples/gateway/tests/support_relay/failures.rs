//! Either side goes away, and the other is told.

use std::time::{Duration, Instant};

use h2::Reason;
use http_body_util::BodyExt as _;
use temporal_gateway::listener::ListenerOptions;
use tokio::net::TcpListener;

use super::{
    Gateway, SOON,
    caller::{Caller, finish, request, streaming},
    certificates::Authority,
    frontend::Frontend,
    one_connection,
};

#[tokio::test]
async fn a_caller_that_leaves_cancels_its_call_upstream() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;
    let arrived = |calls: usize| {
        let frontend = &frontend;
        async move {
            while frontend.calls().len() < calls {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };

    // Before the answer.
    tokio::select! {
        _ = caller.open(request("/t.T/Hang", "x")) => panic!("an answer"),
        () = arrived(1) => {}
    }
    assert_eq!(frontend.next_reset().await, ("/t.T/Hang".to_owned(), Reason::CANCEL));

    // In the middle of the answer.
    let mut answer = caller.open(request("/t.T/HangBody", "x")).await.unwrap();
    answer.body_mut().frame().await.unwrap().unwrap();
    drop(answer);
    assert_eq!(frontend.next_reset().await, ("/t.T/HangBody".to_owned(), Reason::CANCEL));

    // In the middle of the request, by an error of its own.
    let (messages, call) = streaming("/t.T/Hang");
    let breaking = async {
        messages.send(Ok("first".into())).await.unwrap();
        arrived(3).await;
        messages.send(Err(std::io::Error::other("gone"))).await.unwrap();
    };
    let (opened, ()) = futures_util::future::join(caller.open(call), breaking).await;
    assert!(opened.is_err());
    assert_eq!(frontend.next_reset().await, ("/t.T/Hang".to_owned(), Reason::CANCEL));

    // With its process.
    let process = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let addr = gateway.addr;
    let running = process.spawn(async move {
        let (messages, call) = streaming("/t.T/HangBody");
        let answer = Caller::new(addr).await.open(call).await.unwrap();
        (messages, answer)
    });
    let held = running.await.unwrap();
    process.shutdown_background();
    assert_eq!(frontend.next_reset().await, ("/t.T/HangBody".to_owned(), Reason::CANCEL));
    drop(held);

    assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "0", "the shared connection lives on");
    assert_eq!(frontend.connections(), 1);
}

#[tokio::test]
async fn a_reset_has_its_status_before_and_in_the_answer() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;
    let rows = [
        (Reason::INTERNAL_ERROR, "13"),
        (Reason::REFUSED_STREAM, "14"),
        (Reason::CANCEL, "1"),
        (Reason::ENHANCE_YOUR_CALM, "8"),
        (Reason::INADEQUATE_SECURITY, "7"),
    ];
    for (reason, status) in rows {
        let code = u32::from(reason);
        let answer = caller.call(&format!("/t.T/Reset-{code}"), "x").await;
        assert_eq!((answer.http, answer.status()), (200, status), "{reason:?} before");
        let answer = caller.call(&format!("/t.T/ResetBody-{code}"), "x").await;
        assert_eq!((answer.status(), &answer.message[..]), (status, &b"first"[..]), "{reason:?} in the answer");
    }
    assert_eq!(frontend.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_breaks_makes_its_calls_unavailable_and_only_them() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;

    for (path, message) in [("/t.T/Break", ""), ("/t.T/BreakBody", "first")] {
        let answer = caller.call(path, "x").await;
        assert_eq!((answer.http, answer.status()), (200, "14"), "{path}");
        assert_eq!(answer.text(), "upstream%20is%20unavailable");
        assert_eq!(answer.message, message);
        assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "0", "the next call after {path}");
    }
    assert_eq!(frontend.connections(), 3);
}

#[tokio::test]
async fn an_upstream_that_is_away_is_found_again_by_the_next_call() {
    let frontend = Frontend::start().await;
    let addr = frontend.addr;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;
    assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "0");
    frontend.kill();

    let answer = caller.call("/t.T/Unary", "x").await;
    assert_eq!((answer.http, answer.status()), (200, "14"));
    assert_eq!(answer.headers["content-type"], "application/grpc");
    assert_eq!(answer.text(), "upstream%20is%20unavailable", "no address, no error text");

    let frontend = Frontend::listen(addr, None).await;
    assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "0");
    assert_eq!(frontend.calls().len(), 1);
}

#[tokio::test]
async fn calls_during_an_outage_are_answered_at_once() {
    let addr = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gateway = Gateway::start(one_connection(addr), ListenerOptions::default(), None).await;
    let caller = Caller::new(gateway.addr).await;
    let begun = Instant::now();
    for _ in 0..200 {
        assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "14");
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "no call waits for a pause to end: {:?}", begun.elapsed());
}

#[tokio::test]
async fn connections_that_break_before_any_answer_count_as_an_outage() {
    // A balancer without backends.
    let balancer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway =
        Gateway::start(one_connection(balancer.local_addr().unwrap()), ListenerOptions::default(), None).await;
    let caller = Caller::new(gateway.addr).await;
    let calls = async {
        for _ in 0..100 {
            assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "14");
        }
    };
    let mut accepted = 0;
    let balancing = async {
        loop {
            drop(balancer.accept().await.unwrap());
            accepted += 1;
        }
    };
    tokio::select! { () = calls => {}, () = balancing => {} }
    assert!((1..20).contains(&accepted), "{accepted} connections");
}

#[tokio::test]
async fn waiting_calls_share_one_attempt_and_leave_with_their_deadline() {
    // Accepts, and never says a word: the TLS handshake hangs.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = one_connection(silent.local_addr().unwrap());
    options.tls = Some(Authority::new().upstream_tls("localhost"));
    options.connect_timeout = Duration::from_millis(600);
    let gateway = Gateway::start(options, ListenerOptions::default(), None).await;
    let caller = Caller::new(gateway.addr).await;
    let attempts = async {
        let mut held = Vec::new();
        loop {
            match tokio::time::timeout(Duration::from_millis(900), silent.accept()).await {
                Ok(accepted) => held.push(accepted.unwrap()),
                Err(_) => return held.len(),
            }
        }
    };
    let calls = futures_util::future::join_all((0..20).map(|number| {
        let mut call = request("/t.T/Unary", "x");
        if number % 2 == 0 {
            call.headers_mut().insert("grpc-timeout", "50m".parse().unwrap());
        }
        let caller = &caller;
        async move { finish(caller.open(call).await.unwrap()).await.status().to_owned() }
    }));
    let (attempts, statuses) = tokio::time::timeout(SOON, futures_util::future::join(attempts, calls)).await.unwrap();
    assert_eq!(attempts, 1);
    for (number, status) in statuses.iter().enumerate() {
        assert_eq!(status, if number % 2 == 0 { "4" } else { "14" }, "call {number}");
    }
}
