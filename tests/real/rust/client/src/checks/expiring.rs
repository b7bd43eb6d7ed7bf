//! `token-expires-in-poll`: a worker's long poll outlives its token; what it then gets it cannot answer.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use temporalio_client::{
    Client, WorkflowExecutionStatus, WorkflowFetchHistoryOptions, WorkflowHandle, WorkflowStartOptions,
};
use temporalio_common::{
    HasWorkflowDefinition,
    protos::temporal::api::{
        enums::v1::EventType,
        history::v1::{HistoryEvent, history_event::Attributes},
    },
};
use temporalio_sdk::error::WorkerRunError;
use tokio::time::{sleep, timeout};

use crate::{
    connect,
    stage::{greeted, status_at_the_server, unique},
    watch::{CALLS, Watch},
    worker::{Kind, Plan, Running},
    workflows::{Greet, Greetings},
    world::{AN_HOUR, WRITE, World},
};

const TTL: i64 = 5;
const PAST_EXPIRY: Duration = Duration::from_secs(7);
const SHOW_LIMIT: Duration = Duration::from_secs(15);
const TASK_TIMEOUT: Duration = Duration::from_secs(2);
// The SDK repeats a refused poll every ten seconds for a minute before the worker fails.
const GIVE_UP_LIMIT: Duration = Duration::from_secs(80);

pub async fn token_expires_in_poll(world: &World) -> Result<()> {
    let good = world.token(WRITE, AN_HOUR).await?;
    let good = connect::plain(&world.plain, Some(good))?;
    let client = connect::client(good.clone()).await.context("client")?;
    let short = world.token(WRITE, TTL).await?;
    let short = connect::plain(&world.plain, Some(short))?;

    let task_queue = unique("expiring");
    let plan =
        |name: &str, connection, kind| Plan { name: name.to_owned(), connection, task_queue: task_queue.clone(), kind };
    let mut expired = Running::start(plan("expired-worker", short, Kind::OnePoll)).await?;
    until("poll", || polls(&expired.watch)).await?;
    sleep(PAST_EXPIRY).await;
    let refused = expired.watch.refused("PollWorkflowTaskQueue").await?;
    ensure!(refused == 0.0, "the poll did not stay open");

    let id = unique("expiring");
    let options = WorkflowStartOptions::new(task_queue.clone(), id.clone()).task_timeout(TASK_TIMEOUT).build();
    let handle = client.start_workflow(Greet::run, id.clone(), options).await.context("start")?;
    for operation in ["RespondWorkflowTaskCompleted", "PollWorkflowTaskQueue"] {
        let refused = || expired.watch.refused(operation);
        until(&format!("refused {operation}"), refused).await?;
    }
    let log = expired.watch.log();
    let told = "Error while completing workflow activation";
    ensure!(log.iter().any(|line| line.contains(told)), "the SDK logged {log:?}");
    let status = status_at_the_server(world, &id).await?;
    ensure!(status == Some(WorkflowExecutionStatus::Running), "without a good worker the workflow is {status:?}");

    let greetings = Greetings::default();
    let kind = Kind::Full(greetings.clone());
    let second = Running::start(plan("good-worker", good, kind)).await?;
    greeted(&handle, &id).await?;
    let count = greetings.count(&id);
    ensure!(count == 1, "the activity ran {count} times");
    completed_once_by(&handle, "good-worker").await?;
    second.stop().await?;

    match expired.failure(GIVE_UP_LIMIT).await? {
        WorkerRunError::Fatal { message, source } => {
            let text = format!("{message}: {source:?}");
            ensure!(text.contains("PermissionDenied"), "the worker failed with {text}");
            Ok(())
        }
        error => bail!("the worker failed with {error:?}"),
    }
}

async fn polls(watch: &Watch) -> Result<f64> {
    watch.sum(&CALLS, &["operation=\"PollWorkflowTaskQueue\""]).await
}

/// Waits until the count is not zero any more.
async fn until<F: Future<Output = Result<f64>>>(what: &str, count: impl Fn() -> F) -> Result<()> {
    let shown = async {
        while count().await? == 0.0 {
            sleep(Duration::from_millis(100)).await;
        }
        anyhow::Ok(())
    };
    timeout(SHOW_LIMIT, shown).await.with_context(|| format!("no {what} in {SHOW_LIMIT:?}"))?
}

/// By the history: the workflow and its activity completed once, and each of its tasks by that worker.
async fn completed_once_by<W>(handle: &WorkflowHandle<Client, W>, worker: &str) -> Result<()>
where
    W: HasWorkflowDefinition,
{
    let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
    let events = history.into_events().await.context("history")?;
    for (kind, wanted) in [
        (EventType::ActivityTaskScheduled, 1),
        (EventType::ActivityTaskCompleted, 1),
        (EventType::WorkflowExecutionCompleted, 1),
    ] {
        let count = count(&events, kind);
        ensure!(count == wanted, "{count} events of {}", kind.as_str_name());
    }
    for event in &events {
        if let Some(Attributes::WorkflowTaskCompletedEventAttributes(task)) = &event.attributes {
            ensure!(task.identity == worker, "{:?} completed a task", task.identity);
        }
    }
    Ok(())
}

fn count(events: &[HistoryEvent], kind: EventType) -> usize {
    let of_the_kind = events.iter().filter(|event| event.event_type() == kind);
    of_the_kind.count()
}
