//! Streams are judged when they open, and then left alone.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use super::{
    SOON,
    caller::{Caller, finish, streaming},
    calls::{issuer, token, with_token},
    running::{Config, Gateway},
    upstream::{Manner, Upstream},
};

const REPLICATION: &str = "/temporal.server.api.adminservice.v1.AdminService/StreamWorkflowReplicationMessages";

#[tokio::test]
async fn a_stream_runs_both_ways_for_a_system_admin_and_opens_for_nobody_else() {
    let (issuer, upstream) = (issuer().await, Upstream::start(Manner::PingPong).await);
    let gateway = Gateway::start(&Config::new(issuer.jwks_uri(), upstream.addr)).await;
    let caller = Caller::new(gateway.addr).await;

    for permissions in ["default:write", "default:admin", "temporal-system:write"] {
        let (messages, call) = streaming(REPLICATION);
        // Denied before the first message.
        let answer = finish(caller.open(with_token(call, &token(&issuer, &[permissions]))).await.unwrap()).await;
        assert_eq!(answer.status(), "7", "{permissions}");
        drop(messages);
    }
    assert!(upstream.calls().is_empty());

    let (messages, call) = streaming(REPLICATION);
    let mut answer = caller.open(with_token(call, &token(&issuer, &["temporal-system:admin"]))).await.unwrap();
    for turn in 0_u8..5 {
        let message = Bytes::from(vec![turn; 1_000]);
        messages.send(Ok(message.clone())).await.unwrap();
        let mut echo = Vec::new();
        while echo.len() < message.len() {
            let frame = timeout(SOON, answer.body_mut().frame()).await.expect("an echo").unwrap().unwrap();
            echo.extend_from_slice(&frame.into_data().unwrap());
        }
        assert_eq!(echo, message, "turn {turn}");
    }
    drop(messages);
    let end = finish(answer).await;
    assert_eq!((end.status(), end.message.len()), ("0", 0));
    assert_eq!(upstream.only_call().path, REPLICATION);
}
