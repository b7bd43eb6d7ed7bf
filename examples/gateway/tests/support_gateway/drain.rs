//! The gateway stops.

use std::time::Duration;

use prost::Message as _;
use temporal_gateway::demo::frontend::{Frontend, serve};
use temporalio_protos::temporal::api::{taskqueue::v1::TaskQueue, workflowservice::v1::PollWorkflowTaskQueueRequest};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{
    SOON,
    caller::Caller,
    calls::{framed, issuer, token, workflow},
    running::{Config, Gateway},
    until,
};

#[tokio::test]
async fn a_long_poll_has_the_time_of_the_drain_and_idle_connections_none() {
    let (issuer, frontend) = (issuer().await, Frontend::new(["default"]));
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = Config::new(issuer.jwks_uri(), tcp.local_addr().unwrap());
    tokio::spawn(serve(tcp, frontend.clone(), std::future::pending()));
    let gateway = Gateway::start(&config).await;
    let addr = gateway.addr;

    let idle = Caller::new(addr).await;
    assert_eq!(idle.describe("default", &token(&issuer, &["default:read"])).await, "0");
    let worker = token(&issuer, &["default:write"]);
    let task_queue = Some(TaskQueue { name: "orders".into(), ..Default::default() });
    let poll =
        PollWorkflowTaskQueueRequest { namespace: "default".into(), task_queue, ..Default::default() }.encode_to_vec();
    let caller = Caller::new(addr).await;
    let poll = tokio::spawn(async move { caller.temporal("PollWorkflowTaskQueue", framed(0, &poll), &worker).await });
    until("the poll", async || frontend.calls(&workflow("PollWorkflowTaskQueue")) == 1).await;

    let (begun, served) = gateway.stop();
    timeout(SOON, idle.closed).await.expect("an end of the idle connection").unwrap().unwrap();
    until("a closed port", async || TcpStream::connect(addr).await.is_err()).await;
    assert!(!poll.is_finished(), "the drain goes on for the poll alone");

    let answer = timeout(SOON, poll).await.expect("an end of the poll").unwrap();
    assert_eq!((answer.http, answer.status()), (200, "14"));
    assert_eq!(answer.text(), "the%20gateway%20is%20shutting%20down");
    timeout(SOON, served).await.expect("an end of serve").unwrap().unwrap();
    let took = begun.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_secs(5)).contains(&took), "{took:?}");
}
