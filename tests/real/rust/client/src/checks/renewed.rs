//! `token-renewed`: client and worker get new tokens while they run, by `Connection::set_api_key`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use temporalio_client::Connection;

use crate::{
    checks::refused::start_refused,
    connect,
    stage::Stage,
    watch::FAILED_CALLS,
    world::{WRITE, World},
};

const TTL: i64 = 6;
const RENEWAL: Duration = Duration::from_secs(2);
// Two lives of a token and more.
const RUN: Duration = Duration::from_secs(15);

pub async fn token_renewed(world: &World) -> Result<()> {
    let first = world.token(WRITE, TTL).await?;
    let options = connect::plain(&world.plain, Some(first.clone()))?;
    let stage = Stage::start("renewed", options).await?;
    let connections = [stage.client.connection().clone(), stage.worker.client.connection().clone()];
    tokio::select! {
        ended = renew(world, &connections) => ended.context("renewal")?,
        worked = work(&stage) => worked?,
    }
    let failed = stage.worker.watch.sum(&FAILED_CALLS, &[]).await?;
    ensure!(failed == 0.0, "{failed} calls of the worker failed");
    let good = world.token(WRITE, TTL).await?;
    stage.worker.client.connection().set_api_key(Some(good));

    // It was the renewal that did it: the first token is worth nothing by now.
    stage.client.connection().set_api_key(Some(first));
    start_refused(world, &stage.client).await.context("the first token")?;
    stage.stop().await
}

/// Gives the connections a new token every two seconds.
async fn renew(world: &World, connections: &[Connection]) -> Result<()> {
    loop {
        tokio::time::sleep(RENEWAL).await;
        let token = world.token(WRITE, TTL).await?;
        for connection in connections {
            connection.set_api_key(Some(token.clone()));
        }
    }
}

/// Runs workflows one after another.
async fn work(stage: &Stage) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < RUN {
        stage.greet().await.with_context(|| format!("after {:?}", start.elapsed()))?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}
