//! Temporal's frontend ends every connection after five minutes; no caller notices.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use temporal_gateway::{listener::ListenerOptions, upstream::UpstreamOptions};

use super::{Gateway, caller::Caller, frontend::Frontend};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_age_out_under_load_lose_no_call() {
    let frontend = Frontend::start().await;
    let upstream = UpstreamOptions::new(frontend.addr.to_string());
    let gateway = Gateway::start(upstream, ListenerOptions::default(), None).await;

    let over = Arc::new(AtomicBool::new(false));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let caller = Caller::new(gateway.addr).await;
        let over = Arc::clone(&over);
        callers.spawn(async move {
            let mut statuses = Vec::new();
            while !over.load(Ordering::Relaxed) {
                statuses.push(caller.call("/t.T/Unary", "ping").await.status().to_owned());
            }
            statuses
        });
    }
    for _ in 0..25 {
        tokio::time::sleep(Duration::from_millis(40)).await;
        frontend.age_connections();
    }
    over.store(true, Ordering::Relaxed);
    let statuses = callers.join_all().await.concat();
    let lost = statuses.iter().filter(|status| *status != "0").count();
    assert_eq!(lost, 0, "of {} calls", statuses.len());
    assert!(frontend.connections() >= 10, "connections did age: {}", frontend.connections());
    assert_eq!(frontend.served(), statuses.len(), "no call was served twice");
}

#[tokio::test]
async fn a_call_that_runs_when_its_connection_ages_ends_in_peace() {
    let frontend = Frontend::start().await;
    let gateway = Gateway::before(&frontend).await;
    let caller = Caller::new(gateway.addr).await;
    let slow = caller.call("/t.T/Slow-300", "x");
    let aging = async {
        while frontend.calls().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        frontend.age_connections();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(caller.call("/t.T/Unary", "x").await.status(), "0", "a new call while the old connection drains");
    };
    let (slow, ()) = futures_util::future::join(slow, aging).await;
    assert_eq!(slow.status(), "0");
    assert_eq!(frontend.connections(), 2);
}
