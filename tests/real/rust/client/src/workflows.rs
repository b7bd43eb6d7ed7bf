//! The workflows and the activity that the checks run.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use temporalio_macros::{activities, workflow, workflow_methods};
use temporalio_sdk::{
    ActivityOptions, ChildWorkflowOptions, SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult,
    activities::{ActivityContext, ActivityError},
};

/// How long the timer of [`Everything`] runs.
pub const TIMER: Duration = Duration::from_millis(300);

/// The activity, and how often it ran for each name.
#[derive(Clone, Debug, Default)]
pub struct Greetings(Arc<Mutex<HashMap<String, u32>>>);

impl Greetings {
    /// How often this program greeted `name`.
    pub fn count(&self, name: &str) -> u32 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(name).copied().unwrap_or_default()
    }
}

#[activities]
impl Greetings {
    #[activity]
    pub async fn greet(self: Arc<Self>, _ctx: ActivityContext, name: String) -> Result<String, ActivityError> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(name.clone()).or_default() += 1;
        Ok(greeting(&name))
    }
}

/// What the activity answers for `name`.
pub fn greeting(name: &str) -> String {
    format!("Hello, {name}!")
}

/// What the child answers for `name`.
pub fn echo(name: &str) -> String {
    format!("{name} from the child")
}

/// One activity and its answer.
#[workflow]
#[derive(Default)]
pub struct Greet;

#[workflow_methods]
impl Greet {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>, name: String) -> WorkflowResult<String> {
        let greeting = ctx.execute_activity(Greetings::greet, name, in_ten_seconds()).await?;
        Ok(greeting)
    }
}

/// The child of [`Everything`].
#[workflow]
#[derive(Default)]
pub struct Child;

#[workflow_methods]
impl Child {
    #[run]
    pub async fn run(_ctx: &mut WorkflowContext<Self>, name: String) -> WorkflowResult<String> {
        Ok(echo(&name))
    }
}

/// Waits until it is cancelled.
#[workflow]
#[derive(Default)]
pub struct Wait;

#[workflow_methods]
impl Wait {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>, _input: ()) -> WorkflowResult<()> {
        ctx.wait_condition(|_| false).await?;
        Ok(())
    }

    #[query]
    pub fn waiting(&self, _ctx: &WorkflowContextView) -> bool {
        true
    }
}

/// What each part of [`Everything`] brought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub activity: String,
    pub child: String,
    pub signal: String,
    pub update: String,
    /// How long the timer ran by the workflow's own clock.
    pub timer: Duration,
}

/// An activity, a timer and a child, once a signal and an update have come.
#[workflow]
#[derive(Default)]
pub struct Everything {
    signal: Option<String>,
    update: Option<String>,
}

#[workflow_methods]
impl Everything {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>, name: String) -> WorkflowResult<Outcome> {
        ctx.wait_condition(|s| s.signal.is_some() && s.update.is_some()).await?;
        let activity = ctx.execute_activity(Greetings::greet, name.clone(), in_ten_seconds()).await?;
        let before = ctx.workflow_time();
        ctx.timer(TIMER).await;
        let timer = elapsed(before, ctx.workflow_time());
        let options = ChildWorkflowOptions::workflow_id(format!("{}-child", ctx.workflow_id()));
        let child = ctx.start_child_workflow(Child::run, name, options).await?;
        let child = child.result().await?;
        Ok(ctx.state(|s| Outcome {
            activity,
            child,
            signal: s.signal.clone().unwrap_or_default(),
            update: s.update.clone().unwrap_or_default(),
            timer,
        }))
    }

    #[signal]
    pub fn note(&mut self, _ctx: &mut SyncWorkflowContext<Self>, text: String) {
        self.signal = Some(text);
    }

    #[query]
    pub fn noted(&self, _ctx: &WorkflowContextView) -> (Option<String>, Option<String>) {
        (self.signal.clone(), self.update.clone())
    }

    /// Answers the text it was given, backwards.
    #[update]
    pub fn change(&mut self, _ctx: &mut SyncWorkflowContext<Self>, text: String) -> String {
        let answer = text.chars().rev().collect();
        self.update = Some(text);
        answer
    }
}

fn in_ten_seconds() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(10))
}

fn elapsed(before: Option<SystemTime>, after: Option<SystemTime>) -> Duration {
    let elapsed = before.zip(after).map(|(b, a)| a.duration_since(b));
    elapsed.and_then(Result::ok).unwrap_or_default()
}
