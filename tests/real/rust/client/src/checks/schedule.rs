//! `schedule`: created, described, triggered so that its workflow runs, and deleted.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use temporalio_client::{
    Client,
    schedules::{
        CreateScheduleOptions, ScheduleAction, ScheduleError, ScheduleHandle, ScheduleOverlapPolicy, ScheduleSpec,
    },
    tonic::Code,
};

use crate::{
    connect,
    stage::{Stage, greeted, unique},
    workflows::Greet,
    world::{AN_HOUR, WRITE, World},
};

const ONCE_A_DAY: Duration = Duration::from_secs(24 * 3600);
const TRIGGER_LIMIT: Duration = Duration::from_secs(20);

pub async fn schedule(world: &World) -> Result<()> {
    let token = world.token(WRITE, AN_HOUR).await?;
    let stage = Stage::start("schedule", connect::plain(&world.plain, Some(token))?).await?;
    let id = unique("schedule");
    let action = ScheduleAction::start_workflow(Greet::run, id.clone(), stage.task_queue.clone(), unique("scheduled"));
    let options = CreateScheduleOptions::builder()
        .action(action)
        .spec(ScheduleSpec::from_interval(ONCE_A_DAY))
        .note("proof")
        .build();
    let schedule = stage.client.create_schedule(id.clone(), options).await;
    let schedule = schedule.context("create")?;

    let described = schedule.describe(Default::default()).await;
    let described = described.context("describe")?;
    ensure!(described.note() == Some("proof") && described.action_count() == 0, "it is described as {described:?}");

    let policy = ScheduleOverlapPolicy::AllowAll;
    let triggered = schedule.trigger(policy, Default::default()).await;
    triggered.context("trigger")?;
    let workflow = tokio::time::timeout(TRIGGER_LIMIT, started_by(&schedule))
        .await
        .context("no workflow started after the trigger")??;
    let handle = stage.client.get_workflow_handle::<Greet>(workflow);
    greeted(&handle, &id).await.context("its workflow")?;

    let deleted = schedule.delete(Default::default()).await;
    deleted.context("delete")?;
    match schedule.describe(Default::default()).await {
        Err(ScheduleError::Rpc(status)) if status.code() == Code::NotFound => {}
        other => bail!("after it was deleted it is described as {other:?}"),
    }
    stage.stop().await
}

/// The id of the first workflow that the schedule started.
async fn started_by(schedule: &ScheduleHandle<Client>) -> Result<String> {
    loop {
        let described = schedule.describe(Default::default()).await;
        let actions = described.context("describe")?.recent_actions();
        if let Some(action) = actions.into_iter().next() {
            return Ok(action.workflow_id);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
