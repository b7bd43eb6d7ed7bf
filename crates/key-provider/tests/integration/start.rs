//! Starting while an issuer is down, readiness, and the end.

use std::time::Duration;

use temporal_key_provider::{BuildError, LoadError, Start};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::support::server::{Behaviour, Server};
use crate::support::signer::{jwk, jwks};
use crate::support::{SOON, eager, keys, knows, until};

#[tokio::test]
async fn the_default_is_to_fail_naming_the_source() {
    let (up, down) = (Server::with(jwks(&[jwk("a")])).await, Server::start().await);
    let error = eager().source(up.source()).source(down.source()).build().await.unwrap_err();
    assert_eq!(error.to_string(), format!("key source {}: answered with status 404", down.url()));
    assert!(matches!(error, BuildError::Source { source: LoadError::Status(404), .. }));
}

#[tokio::test]
async fn a_failed_build_leaves_no_task_behind() {
    let down = Server::start().await;
    let tasks = Handle::current().metrics().num_alive_tasks();
    assert!(eager().source(down.source()).build().await.is_err());
    until("the task's end", || Handle::current().metrics().num_alive_tasks() <= tasks).await;
}

#[tokio::test]
async fn waiting_ends_when_every_source_is_loaded() {
    let (one, two) = (Server::start().await, Server::start().await);
    let build = tokio::spawn(eager().on_start(Start::Wait).source(one.source()).source(two.source()).build());
    until("several attempts", || one.requests() > 2 && two.requests() > 2).await;
    one.behave(Behaviour::ok(jwks(&[jwk("a")])));
    let seen = two.requests();
    until("further attempts", || two.requests() > seen + 1).await;
    assert!(!build.is_finished());
    two.behave(Behaviour::ok(jwks(&[jwk("b")])));
    let provider = tokio::time::timeout(SOON, build).await.expect("still waiting").unwrap().unwrap();
    assert!(provider.ready() && knows(&provider, "a") && knows(&provider, "b"));
}

#[tokio::test]
async fn not_ready_starts_with_what_there_is_and_goes_on_trying_without_an_interval() {
    let (up, down) = (Server::with(jwks(&[jwk("a")])).await, Server::start().await);
    let builder = eager().on_start(Start::NotReady).refresh_interval(None);
    let provider = builder.source(up.source()).source(down.source()).build().await.unwrap();
    assert!(!provider.ready());
    assert!(keys(&provider, "a").await.is_ok());
    assert!(keys(&provider, "b").await.unwrap_err().is_unavailable());
    down.behave(Behaviour::ok(jwks(&[jwk("b")])));
    until("readiness", || provider.ready()).await;
    assert!(keys(&provider, "b").await.is_ok());
    let seen = (up.requests(), down.requests());
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!((up.requests(), down.requests()), seen, "loaded again although there is no interval");
}

#[tokio::test]
async fn not_ready_waits_for_the_first_attempts_to_end() {
    let (release, held) = watch::channel(false);
    let server = Server::start().await;
    server.behave(Behaviour::Held(jwks(&[jwk("a")]), held));
    let build = tokio::spawn(eager().fetch_timeout(SOON).on_start(Start::NotReady).source(server.source()).build());
    until("the request", || server.requests() == 1).await;
    assert!(!build.is_finished());
    release.send(true).unwrap();
    assert!(build.await.unwrap().unwrap().ready());
}

#[tokio::test]
async fn the_first_attempts_of_all_sources_run_side_by_side() {
    let servers = [Server::start().await, Server::start().await, Server::start().await];
    for server in &servers {
        server.behave(Behaviour::Hang);
    }
    let builder = servers.iter().fold(eager(), |builder, server| builder.source(server.source()));
    let build = tokio::spawn(builder.fetch_timeout(SOON * 2).build());
    until("a request at each", || servers.iter().all(|server| server.requests() == 1)).await;
    build.abort();
}

#[tokio::test]
async fn refreshes_go_on_until_the_last_clone_is_dropped() {
    let server = Server::with(jwks(&[jwk("a")])).await;
    let tasks = Handle::current().metrics().num_alive_tasks();
    let provider =
        eager().refresh_interval(Some(Duration::from_millis(5))).source(server.source()).build().await.unwrap();
    let clone = provider.clone();
    drop(provider);
    let seen = server.requests();
    until("further refreshes", || server.requests() > seen + 2).await;
    drop(clone);
    until("the task's end", || Handle::current().metrics().num_alive_tasks() <= tasks).await;
}
