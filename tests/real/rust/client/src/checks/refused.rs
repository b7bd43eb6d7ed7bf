//! The refusals: a reader that starts a workflow, another namespace's writer, no token, and an expired one.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use temporalio_client::{
    Client, ConnectionOptions, WorkflowStartOptions,
    errors::{ClientConnectError, WorkflowStartError},
    tonic::{Code, Status},
};
use temporalio_sdk::error::{WorkerRunError, WorkerValidationError};

use crate::{
    connect,
    stage::{status_at_the_server, unique},
    worker::{Kind, Plan, Running},
    workflows::{Greet, Greetings},
    world::{AN_HOUR, OTHER_WRITE, READ, WRITE, World},
};

const WORKER_LIMIT: Duration = Duration::from_secs(20);

/// A reader may not start a workflow, and a worker with a reader's token gets no tasks.
pub async fn reader(world: &World) -> Result<()> {
    let token = world.token(READ, AN_HOUR).await?;
    let options = connect::plain(&world.plain, Some(token))?;
    let client = connect::client(options.clone()).await.context("connect")?;
    start_refused(world, &client).await?;

    // The worker may describe its namespace, so it starts; the SDK repeats refused polls for a minute before it
    // gives up, and until then they show in its metrics alone.
    let worker = Running::start(plan("reader", options)).await?;
    let polls = async {
        while worker.watch.refused("PollWorkflowTaskQueue").await? == 0.0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(WORKER_LIMIT, polls).await.context("no poll of the reader's worker was refused")?
}

/// A writer of another namespace may do nothing in this one.
pub async fn other_namespace(world: &World) -> Result<()> {
    let token = world.token(OTHER_WRITE, AN_HOUR).await?;
    let options = connect::plain(&world.plain, Some(token))?;
    let client = connect::client(options.clone()).await.context("connect")?;
    start_refused(world, &client).await?;
    worker_refused("other-namespace", options).await
}

/// The same without a token.
pub async fn no_token(world: &World) -> Result<()> {
    let options = connect::plain(&world.plain, None)?;
    let client = connect::client(options.clone()).await.context("connect")?;
    start_refused(world, &client).await?;
    worker_refused("no-token", options).await
}

/// An expired token is refused in every call, so the connection fails already; and so do calls of a connection
/// that was made with a good one.
pub async fn expired_token(world: &World) -> Result<()> {
    let expired = world.token(WRITE, -60).await?;
    connect_refused(connect::plain(&world.plain, Some(expired.clone()))?).await?;
    let good = world.token(WRITE, AN_HOUR).await?;
    let client = connect::client(connect::plain(&world.plain, Some(good))?).await?;
    client.connection().set_api_key(Some(expired));
    start_refused(world, &client).await
}

/// Connecting fails with the SDK's error for its first call, GetSystemInfo: there is no client to start anything with.
pub async fn connect_refused(options: ConnectionOptions) -> Result<()> {
    match connect::client(options).await {
        Err(ClientConnectError::SystemInfoCallError(status)) => refusal(&status),
        Err(error) => bail!("connecting failed with {error:?}"),
        Ok(_) => bail!("connected"),
    }
}

/// Starting a workflow fails with the SDK's error for it, and the server knows nothing of the workflow.
pub async fn start_refused(world: &World, client: &Client) -> Result<()> {
    let id = unique("refused");
    let options = WorkflowStartOptions::new(unique("nobody"), id.clone()).build();
    match client.start_workflow(Greet::run, id.clone(), options).await {
        Err(WorkflowStartError::Rpc(status)) => refusal(&status)?,
        Err(error) => bail!("start failed with {error:?}"),
        Ok(_) => bail!("the workflow was started"),
    }
    let status = status_at_the_server(world, &id).await?;
    ensure!(status.is_none(), "the workflow exists as {status:?}");
    Ok(())
}

/// A worker fails at its first call, DescribeNamespace, with the SDK's error for it.
async fn worker_refused(name: &str, options: ConnectionOptions) -> Result<()> {
    let mut worker = Running::start(plan(name, options)).await?;
    match worker.failure(WORKER_LIMIT).await? {
        WorkerRunError::Validation(WorkerValidationError::NamespaceDescribeError { source, .. }) => refusal(&source),
        error => bail!("the worker failed with {error:?}"),
    }
}

fn plan(name: &str, connection: ConnectionOptions) -> Plan {
    Plan { name: name.to_owned(), connection, task_queue: unique(name), kind: Kind::Full(Greetings::default()) }
}

/// The status is the one of every refusal.
fn refusal(status: &Status) -> Result<()> {
    ensure!(
        status.code() == Code::PermissionDenied && status.message() == "Request unauthorized.",
        "refused with {status:?}"
    );
    Ok(())
}
