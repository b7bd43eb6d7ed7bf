//! `idle-minute`: a worker with nothing to do polls on without an error, and still works afterwards.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::{
    connect,
    stage::Stage,
    watch::{CALLS, FAILED_CALLS},
    world::{AN_HOUR, WRITE, World},
};

// Longer than the minute after which the server answers an idle poll, and than the SDK's worker heartbeat.
const IDLE: Duration = Duration::from_secs(65);

pub async fn idle_minute(world: &World) -> Result<()> {
    let token = world.token(WRITE, AN_HOUR).await?;
    let stage = Stage::start("idle", connect::plain(&world.plain, Some(token))?).await?;
    tokio::time::sleep(IDLE).await;
    without_errors(&stage).await.context("while idle")?;
    for operation in ["PollWorkflowTaskQueue", "PollActivityTaskQueue"] {
        let label = format!("operation=\"{operation}\"");
        let polls = stage.worker.watch.sum(&CALLS, &[&label]).await?;
        // The SDK keeps five open; each was answered and begun again.
        ensure!(polls >= 10.0, "{polls} calls of {operation}");
    }
    stage.greet().await.context("after the minute")?;
    without_errors(&stage).await.context("after the minute")?;
    stage.stop().await
}

/// By the SDK's count of failed calls, and by its log, in which every failed and repeated call shows.
async fn without_errors(stage: &Stage) -> Result<()> {
    let failed = stage.worker.watch.sum(&FAILED_CALLS, &[]).await?;
    ensure!(failed == 0.0, "{failed} calls failed");
    let log = stage.worker.watch.log();
    ensure!(log.is_empty(), "the SDK logged {log:?}");
    Ok(())
}
