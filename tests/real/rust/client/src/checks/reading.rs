//! `list-and-history`: what a reader may do.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use temporalio_client::{
    Client, WorkflowDescribeOptions, WorkflowExecution, WorkflowExecutionStatus, WorkflowFetchHistoryOptions,
    WorkflowListOptions,
};
use temporalio_common::protos::temporal::api::enums::v1::EventType;

use crate::{
    connect,
    stage::Stage,
    workflows::Greet,
    world::{AN_HOUR, READ, WRITE, World},
};

const VISIBILITY_LIMIT: Duration = Duration::from_secs(30);

/// With a reader's token: lists a workflow that ran, reads its history, describes it.
pub async fn list_and_history(world: &World) -> Result<()> {
    let token = world.token(WRITE, AN_HOUR).await?;
    let stage = Stage::start("list", connect::plain(&world.plain, Some(token))?).await?;
    let id = stage.greet().await?;

    let token = world.token(READ, AN_HOUR).await?;
    let reader = connect::client(connect::plain(&world.plain, Some(token))?).await?;
    let listed = tokio::time::timeout(VISIBILITY_LIMIT, completed(&reader, &id))
        .await
        .context("the workflow was not listed")??;
    ensure!(listed.id() == id, "{:?} was listed", listed.id());

    let handle = reader.get_workflow_handle::<Greet>(id);
    let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
    let events = history.into_events().await.context("history")?;
    for wanted in
        [EventType::WorkflowExecutionStarted, EventType::ActivityTaskCompleted, EventType::WorkflowExecutionCompleted]
    {
        let found = events.iter().any(|event| event.event_type() == wanted);
        ensure!(found, "the history has no {}", wanted.as_str_name());
    }

    let description = handle.describe(WorkflowDescribeOptions::default()).await;
    let description = description.context("describe")?;
    ensure!(
        description.status() == WorkflowExecutionStatus::Completed && description.task_queue() == stage.task_queue,
        "it is described as {description:?}"
    );
    stage.stop().await
}

/// Lists until the workflow is there as completed: visibility follows the history with a delay.
async fn completed(reader: &Client, id: &str) -> Result<WorkflowExecution> {
    let query = format!("WorkflowId = '{id}' AND ExecutionStatus = 'Completed'");
    loop {
        let mut found = reader.list_workflows(query.clone(), WorkflowListOptions::default());
        if let Some(found) = found.next().await {
            return found.context("list");
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
