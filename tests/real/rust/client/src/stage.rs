//! What most checks begin with: a client, a worker on a task queue of its own, and a short workflow to run with them.

use anyhow::{Context, Result, ensure};
use temporalio_client::{
    Client, ConnectionOptions, UntypedWorkflowHandle, WorkflowDescribeOptions, WorkflowExecutionStatus,
    WorkflowGetResultOptions, WorkflowHandle, WorkflowStartOptions, errors::WorkflowInteractionError,
};
use temporalio_common::{HasWorkflowDefinition, UntypedWorkflow};
use uuid::Uuid;

use crate::{
    connect,
    worker::{Kind, Plan, Running},
    workflows::{Greet, Greetings, greeting},
    world::World,
};

/// An identifier that no other run uses.
pub fn unique(name: &str) -> String {
    format!("{name}-{}", Uuid::new_v4())
}

/// A client, and a full worker on a task queue of its own.
#[derive(Debug)]
pub struct Stage {
    pub client: Client,
    pub worker: Running,
    pub task_queue: String,
}

impl Stage {
    /// Client and worker each with a connection of its own, made by the same options.
    pub async fn start(name: &str, connection: ConnectionOptions) -> Result<Self> {
        let task_queue = unique(name);
        let worker = Running::start(Plan {
            name: name.to_owned(),
            connection: connection.clone(),
            task_queue: task_queue.clone(),
            kind: Kind::Full(Greetings::default()),
        })
        .await
        .context("worker")?;
        let client = connect::client(connection).await.context("client")?;
        Ok(Self { client, worker, task_queue })
    }

    /// How a workflow of this stage is started.
    pub fn options(&self, id: &str) -> WorkflowStartOptions {
        WorkflowStartOptions::new(self.task_queue.clone(), id).build()
    }

    /// Runs a workflow with one activity, and returns its id.
    pub async fn greet(&self) -> Result<String> {
        let id = unique("greet");
        let handle = self.client.start_workflow(Greet::run, id.clone(), self.options(&id)).await.context("start")?;
        greeted(&handle, &id).await?;
        Ok(id)
    }

    /// Shuts the worker down, which must end well.
    pub async fn stop(self) -> Result<()> {
        self.worker.stop().await
    }
}

/// Waits until the workflow has greeted `name`.
pub async fn greeted<W>(handle: &WorkflowHandle<Client, W>, name: &str) -> Result<()>
where
    W: HasWorkflowDefinition<Output = String>,
{
    let result = handle.get_result(WorkflowGetResultOptions::default());
    let result = result.await.context("result")?;
    ensure!(result == greeting(name), "the workflow answered {result:?} to {name:?}");
    Ok(())
}

/// The state of a workflow, as the server itself has it; `None` when it does not exist.
pub async fn status_at_the_server(world: &World, id: &str) -> Result<Option<WorkflowExecutionStatus>> {
    let options = connect::plain(&world.direct, None)?;
    let client = connect::client(options).await.context("the server")?;
    let handle: UntypedWorkflowHandle<Client> = client.get_workflow_handle::<UntypedWorkflow>(id);
    match handle.describe(WorkflowDescribeOptions::default()).await {
        Ok(description) => Ok(Some(description.status())),
        Err(WorkflowInteractionError::NotFound(_)) => Ok(None),
        Err(error) => Err(error).context("describe at the server"),
    }
}
