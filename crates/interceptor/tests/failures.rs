//! Too many failed credentials from one peer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "test code"
)]

#[allow(dead_code, reason = "shared with other test files")]
mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use support::*;
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper, Claims, Guard, Role};
use temporal_interceptor::{AuthorizationLayer, ConnectionPeer};
use tonic::Code;

/// Has verified the token `shop` before; asks [`ByName`] about all others, and counts.
#[derive(Debug, Default)]
struct Remembering {
    verified: AtomicUsize,
}

#[async_trait]
impl ClaimMapper for Remembering {
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        self.verified.fetch_add(1, Ordering::Relaxed);
        ByName::default().get_claims(info).await
    }

    fn claims_at_hand(&self, info: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
        let claims = || Claims::builder("jwt", "alice").namespace("shop", Role::WRITER).build();
        (info.auth_token() == "shop").then(|| claims().map(Some).map_err(ClaimError::failed))
    }
}

fn from(address: &str, path: &str, token: &str, namespace: &str) -> Request<Full<Bytes>> {
    let mut request = call(path, token, namespace);
    request.extensions_mut().insert(ConnectionPeer::new(Some(address.parse().unwrap())));
    request
}

#[tokio::test(start_paused = true)]
async fn only_a_peer_that_fails_too_often_waits_and_only_with_what_must_be_verified() {
    let mapper = Arc::new(Remembering::default());
    let layer = AuthorizationLayer::builder(Guard::builder(mapper.clone(), Arc::new(ByNamespace))).build();
    let code = async |request| send(&layer, request).await.code();
    let (attacker, neighbour) = ("192.0.2.1:1000", "192.0.2.2:1000");
    for _ in 0..100 {
        assert_eq!(code(from(attacker, START, "bad", "shop")).await, Code::Unauthenticated);
    }
    let verified = mapper.verified.load(Ordering::Relaxed);
    let refused = send(&layer, from("192.0.2.1:2000", START, "bad", "shop")).await;
    assert_eq!(refused.code(), Code::ResourceExhausted, "another connection of the same peer");
    assert_eq!(refused.status().message(), "Too many failed credentials.");
    assert!(refused.handled.is_none());
    assert_eq!(code(from(attacker, START, "cart", "cart")).await, Code::ResourceExhausted, "good, but not known to be");
    assert_eq!(mapper.verified.load(Ordering::Relaxed), verified, "nothing was verified for a peer that has to wait");

    assert_eq!(code(from(attacker, START, "shop", "shop")).await, Code::Ok, "known to be good");
    assert_eq!(code(from(attacker, "/grpc.health.v1.Health/Check", "", "")).await, Code::Ok, "nothing was shown");
    assert_eq!(code(from(neighbour, START, "cart", "cart")).await, Code::Ok, "somebody else");
    assert_eq!(
        code(from(neighbour, START, "bad", "cart")).await,
        Code::Unauthenticated,
        "somebody else's first failure"
    );

    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(code(from(attacker, START, "cart", "cart")).await, Code::Ok, "a second later");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_failed_credential_is_not_counted() {
    let layer = AuthorizationLayer::builder(guard()).max_failures_per_second(1).build();
    let peer = "[2001:db8::1]:1";
    for (token, namespace, expected) in [
        ("away", "shop", Code::Unavailable),
        ("shop", "cart", Code::PermissionDenied),
        ("", "shop", Code::Unauthenticated),
        ("shop", "shop", Code::Ok),
    ] {
        for _ in 0..100 {
            assert_eq!(send(&layer, from(peer, START, token, namespace)).await.code(), expected, "{token}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_layer_like_temporals_limits_nobody() {
    for (name, layer) in
        [("like_temporal", temporal()), ("0", AuthorizationLayer::builder(guard()).max_failures_per_second(0).build())]
    {
        for _ in 0..1_000 {
            let answer = send(&layer, from("192.0.2.1:1", START, "bad", "shop")).await;
            assert_ne!(answer.code(), Code::ResourceExhausted, "{name}");
        }
    }
}
