//! `workflow` and `cancel`: a workflow with everything in it, and one that is cancelled, with a writer's token.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use temporalio_client::{
    WorkflowCancelOptions, WorkflowDescribeOptions, WorkflowExecuteUpdateOptions, WorkflowExecutionStatus,
    WorkflowGetResultOptions, WorkflowQueryOptions, WorkflowSignalOptions, errors::WorkflowGetResultError,
};

use crate::{
    connect,
    stage::{Stage, unique},
    workflows::{Everything, Outcome, TIMER, Wait, echo, greeting},
    world::{AN_HOUR, WRITE, World},
};

/// Activity, timer, child, signal, query and update, each proved by the result.
pub async fn workflow(world: &World) -> Result<()> {
    let stage = writer(world, "workflow").await?;
    let id = unique("everything");
    let handle = stage.client.start_workflow(Everything::run, id.clone(), stage.options(&id)).await.context("start")?;

    let options = WorkflowExecuteUpdateOptions::default();
    let answer = handle.execute_update(Everything::change, "abc".to_owned(), options).await.context("update")?;
    ensure!(answer == "cba", "the update answered {answer:?}");

    let options = WorkflowQueryOptions::default();
    let noted = handle.query(Everything::noted, (), options).await;
    let noted = noted.context("query")?;
    ensure!(noted == (None, Some("abc".to_owned())), "the query answered {noted:?}");

    let options = WorkflowSignalOptions::default();
    handle.signal(Everything::note, "seen".to_owned(), options).await.context("signal")?;

    let options = WorkflowGetResultOptions::default();
    let outcome = handle.get_result(options).await.context("result")?;
    let expected = Outcome {
        activity: greeting(&id),
        child: echo(&id),
        signal: "seen".to_owned(),
        update: "abc".to_owned(),
        timer: outcome.timer,
    };
    ensure!(outcome == expected, "the workflow answered {outcome:?}");
    ensure!(outcome.timer >= TIMER && outcome.timer < Duration::from_secs(20), "the timer ran {:?}", outcome.timer);
    stage.stop().await
}

/// A running workflow that the client cancels ends as cancelled.
pub async fn cancel(world: &World) -> Result<()> {
    let stage = writer(world, "cancel").await?;
    let id = unique("wait");
    let handle = stage.client.start_workflow(Wait::run, (), stage.options(&id)).await.context("start")?;
    let options = WorkflowQueryOptions::default();
    let waiting = handle.query(Wait::waiting, (), options).await;
    ensure!(waiting.context("query")?, "the workflow does not wait");

    let options = WorkflowCancelOptions::builder().reason("no longer needed").build();
    handle.cancel(options).await.context("cancel")?;
    match handle.get_result(WorkflowGetResultOptions::default()).await {
        Err(WorkflowGetResultError::Cancelled { .. }) => {}
        other => bail!("the cancelled workflow ended with {other:?}"),
    }
    let description = handle.describe(WorkflowDescribeOptions::default()).await;
    let status = description.context("describe")?.status();
    ensure!(status == WorkflowExecutionStatus::Canceled, "its status is {status:?}");
    stage.stop().await
}

async fn writer(world: &World, name: &str) -> Result<Stage> {
    let token = world.token(WRITE, AN_HOUR).await?;
    Stage::start(name, connect::plain(&world.plain, Some(token))?).await
}
