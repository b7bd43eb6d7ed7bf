//! A worker on a thread of its own (the SDK's workers are not `Send`), with its own runtime, metrics and log.

use std::{thread, time::Duration};

use anyhow::{Context, Result, bail};
use temporalio_client::{Client, ConnectionOptions};
use temporalio_sdk::{
    Runtime, Worker, WorkerOptions,
    error::WorkerRunError,
    runtime::{PollerBehavior, RuntimeOptions},
};
use tokio::{sync::oneshot, time::timeout};

use crate::{
    connect,
    watch::Watch,
    workflows::{Child, Everything, Greet, Greetings, Wait},
};

const START_LIMIT: Duration = Duration::from_secs(15);
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// What a worker is made of.
#[derive(Debug)]
pub struct Plan {
    /// Its identity to the server, and its name in the log.
    pub name: String,
    pub connection: ConnectionOptions,
    pub task_queue: String,
    pub kind: Kind,
}

/// What a worker does.
#[derive(Debug)]
pub enum Kind {
    /// Workflows and the activity, with the SDK's defaults.
    Full(Greetings),
    /// Workflows only, one poll at a time and nothing cached: what it does can be told call by call.
    OnePoll,
}

/// A worker that polls until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    /// The worker's own client.
    pub client: Client,
    pub watch: Watch,
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<Result<(), WorkerRunError>>,
}

impl Running {
    /// Connects and begins to poll. Returns when connected, or with the SDK's error of connecting.
    pub async fn start(plan: Plan) -> Result<Self> {
        let (ready, started) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        thread::Builder::new().name(plan.name.clone()).spawn(|| work(plan, ready, stopped, end))?;
        let started = timeout(START_LIMIT, started).await.context("the worker did not connect in time")?;
        let (client, watch) = started.context("the worker's thread ended")??;
        Ok(Self { client, watch, stop, ended })
    }

    /// Shuts the worker down as the SDK does, and waits for it.
    pub async fn stop(self) -> Result<()> {
        self.stop.send(()).ok();
        let ended = timeout(STOP_LIMIT, self.ended).await.context("the worker did not stop in time")?;
        ended.context("the worker's thread ended")?.context("the worker failed")
    }

    /// Waits for the error that the worker ends with by itself.
    pub async fn failure(&mut self, limit: Duration) -> Result<WorkerRunError> {
        let ended = timeout(limit, &mut self.ended).await;
        let Ok(ended) = ended else {
            bail!("the worker still ran after {limit:?}");
        };
        match ended.context("the worker's thread ended")? {
            Ok(()) => bail!("the worker ended without an error"),
            Err(error) => Ok(error),
        }
    }
}

type Ready = oneshot::Sender<Result<(Client, Watch)>>;

fn work(plan: Plan, ready: Ready, stopped: oneshot::Receiver<()>, end: oneshot::Sender<Result<(), WorkerRunError>>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            ready.send(Err(error.into())).ok();
            return;
        }
    };
    runtime.block_on(async {
        match make(plan).await {
            Ok((mut worker, _runtime, client, watch)) => {
                ready.send(Ok((client, watch))).ok();
                end.send(run(&mut worker, stopped).await).ok();
            }
            Err(error) => {
                ready.send(Err(error)).ok();
            }
        }
    });
}

async fn make(plan: Plan) -> Result<(Worker, Runtime, Client, Watch)> {
    let watch = Watch::start(&plan.name)?;
    let options = RuntimeOptions::builder().telemetry_options(watch.telemetry()).build().map_err(anyhow::Error::msg)?;
    let runtime = Runtime::from_current_tokio(options)?;
    let mut connection = plan.connection;
    watch.count_calls(&mut connection);
    let client = connect::client(connection).await?;
    let options = WorkerOptions::new(plan.task_queue)
        .client_identity_override(plan.name)
        .register_workflow::<Everything>()?
        .register_workflow::<Child>()?
        .register_workflow::<Greet>()?
        .register_workflow::<Wait>()?;
    let options = match plan.kind {
        Kind::Full(greetings) => options.register_activities(greetings).build(),
        Kind::OnePoll => {
            options.max_cached_workflows(0).workflow_task_poller_behavior(PollerBehavior::SimpleMaximum(1)).build()
        }
    };
    let worker = Worker::new(&runtime, client.clone(), options)?;
    Ok((worker, runtime, client, watch))
}

async fn run(worker: &mut Worker, stopped: oneshot::Receiver<()>) -> Result<(), WorkerRunError> {
    let shut_down = worker.shutdown_handle();
    let mut running = std::pin::pin!(worker.run());
    tokio::select! {
        ended = &mut running => return ended,
        // Asked to, or forgotten.
        _ = stopped => shut_down(),
    }
    running.await
}
