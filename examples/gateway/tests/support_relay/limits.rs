//! What a peer can make large or slow has a bound.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use temporal_gateway::listener::ListenerOptions;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{
    Gateway, SOON,
    caller::{Caller, finish, request},
    certificates::Authority,
    frontend::Frontend,
    one_connection,
};

#[tokio::test]
async fn headers_up_to_the_bound_pass_and_beyond_are_refused() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;
    for (length, expected) in [(17_000, 200), (60_000, 200), (66_000, 431)] {
        let mut call = request("/t.T/Unary", "x");
        call.headers_mut().insert("authorization", "x".repeat(length).parse().unwrap());
        let answer = finish(caller.open(call).await.unwrap()).await;
        assert_eq!(answer.http, expected, "{length} bytes");
    }
    assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "0", "the connection lives on");
    assert_eq!(frontend.calls().len(), 3);
}

#[tokio::test]
async fn more_calls_than_hypers_default_run_at_once() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;
    let polls = futures_util::future::join_all((0..300).map(|_| caller.call("/t.T/Slow-1000", "x")));
    let begun = Instant::now();
    let polls = polls.await;
    assert!(polls.iter().all(|answer| answer.status() == "0"));
    assert!(begun.elapsed() < Duration::from_millis(1900), "none waited for another: {:?}", begun.elapsed());
}

#[tokio::test]
async fn connections_that_say_nothing_are_closed() {
    let frontend = Frontend::start().await;
    let mut options = ListenerOptions::default();
    options.handshake_timeout = Duration::from_millis(150);
    let plain = Gateway::start(one_connection(frontend.addr), options.clone(), None).await;
    let tls = Authority::new().acceptor();
    let tls = Gateway::start(one_connection(frontend.addr), options, Some(tls)).await;

    let half_a_preface: &[u8] = b"PRI * HTTP/2.0";
    for (addr, said) in [(plain.addr, &b""[..]), (plain.addr, half_a_preface), (tls.addr, b"")] {
        let mut tcp = TcpStream::connect(addr).await.unwrap();
        tcp.write_all(said).await.unwrap();
        assert_closed(&mut tcp).await;
    }
    // One that has spoken may be silent for as long as it likes.
    let caller = Caller::new(plain.addr).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "0");
}

#[tokio::test]
async fn http_1_is_not_spoken() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let mut tcp = TcpStream::connect(gateway.addr).await.unwrap();
    tcp.write_all(b"POST /t.T/Unary HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    assert_closed(&mut tcp).await;
    assert!(frontend.calls().is_empty());
}

#[tokio::test]
async fn handshakes_beyond_the_bound_wait_their_turn() {
    let frontend = Frontend::start().await;
    let authority = Authority::new();
    let mut options = ListenerOptions::default();
    options.handshakes = 1;
    options.handshake_timeout = Duration::from_millis(300);
    let gateway = Gateway::start(one_connection(frontend.addr), options, Some(authority.acceptor())).await;
    let silent = TcpStream::connect(gateway.addr).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    let caller = Caller::tls(gateway.addr, "localhost", authority.client(None)).await.expect("its turn comes");
    assert!(begun.elapsed() > Duration::from_millis(100), "after the silent one's time: {:?}", begun.elapsed());
    assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "0");
    drop(silent);
}

async fn assert_closed(tcp: &mut TcpStream) {
    let peer: SocketAddr = tcp.peer_addr().unwrap();
    let mut rest = Vec::new();
    // A GOAWAY or a TLS alert may come first; a reset is an end as well.
    let _ = timeout(SOON, tcp.read_to_end(&mut rest)).await.unwrap_or_else(|_| panic!("{peer} left open"));
}
