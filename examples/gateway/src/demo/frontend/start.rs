//! StartWorkflowExecution.

use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message as _;
use temporalio_protos::temporal::api::{
    enums::v1::{EventType, WorkflowExecutionStatus, WorkflowIdConflictPolicy, WorkflowIdReusePolicy},
    history::v1::{WorkflowExecutionStartedEventAttributes, history_event::Attributes},
    workflowservice::v1::{StartWorkflowExecutionRequest, StartWorkflowExecutionResponse},
};
use tonic::Status;

use super::{
    failure,
    world::{Execution, MAX_EXECUTIONS, World, event, identifier, require},
};

/// What to do about an execution of the same workflow id.
enum Clash {
    /// There is none, or it does not stand in the way.
    None,
    /// It is the answer: the same request again, or the caller asked to use what runs.
    Use { run_id: String, started: bool },
    /// It runs, and the caller asked to end it first.
    Terminate(u64),
}

impl World {
    pub(super) fn start(
        &mut self,
        request: StartWorkflowExecutionRequest,
    ) -> Result<StartWorkflowExecutionResponse, Status> {
        self.known_namespace(&request.namespace)?;
        require("WorkflowId", &request.workflow_id)?;
        let workflow_type = request.workflow_type.clone().unwrap_or_default().name;
        require("WorkflowType", &workflow_type)?;
        let task_queue = request.task_queue.clone().unwrap_or_default().name;
        require("TaskQueue", &task_queue)?;

        let clash = self.clash(&request)?;
        if let Clash::Use { run_id, started } = clash {
            return Ok(answer(run_id, started));
        }
        if self.executions.len() >= MAX_EXECUTIONS {
            return Err(failure::full("workflow executions"));
        }
        let execution = Execution {
            run_id: self.new_run_id(&request),
            namespace: request.namespace.clone(),
            workflow_id: request.workflow_id.clone(),
            workflow_type,
            task_queue,
            request_id: request.request_id.clone(),
            status: WorkflowExecutionStatus::Running,
            started: SystemTime::now(),
            closed: None,
            cancel_requested: false,
            signals: 0,
            history: Vec::new(),
        };
        let first = event(0, EventType::WorkflowExecutionStarted, started_attributes(request, &execution.run_id));
        self.reserve(first.encoded_len())?;
        if let Clash::Terminate(number) = clash {
            self.end(number, "TerminateExisting WorkflowIdConflictPolicy", "", None)?;
        }
        Ok(answer(self.insert(execution, first), true))
    }

    /// As Go's `api.ResolveDuplicateWorkflowID` and `ResolveWorkflowIDReusePolicy`. A closed execution here was
    /// terminated, which "allow duplicate failed only" counts as failed.
    fn clash(&self, request: &StartWorkflowExecutionRequest) -> Result<Clash, Status> {
        let Some((number, existing)) = self.latest(&request.namespace, &request.workflow_id) else {
            return Ok(Clash::None);
        };
        let refuse = |message| Err(failure::already_started(message, &existing.request_id, &existing.run_id));
        let (id, run_id) = (&existing.workflow_id, &existing.run_id);
        if !request.request_id.is_empty() && existing.request_id == request.request_id {
            return Ok(Clash::Use { run_id: run_id.clone(), started: true });
        }
        if !existing.is_running() {
            return match request.workflow_id_reuse_policy() {
                WorkflowIdReusePolicy::RejectDuplicate => refuse(format!(
                    "Workflow execution already finished. WorkflowId: {id}, RunId: {run_id}. Workflow Id reuse \
                     policy: reject duplicate workflow Id."
                )),
                _ => Ok(Clash::None),
            };
        }
        match request.workflow_id_conflict_policy() {
            WorkflowIdConflictPolicy::UseExisting => Ok(Clash::Use { run_id: run_id.clone(), started: false }),
            WorkflowIdConflictPolicy::TerminateExisting => Ok(Clash::Terminate(number)),
            WorkflowIdConflictPolicy::Unspecified | WorkflowIdConflictPolicy::Fail => {
                refuse(format!("Workflow execution is already running. WorkflowId: {id}, RunId: {run_id}."))
            }
        }
    }

    /// Distinct for each start: the number of executions only grows.
    fn new_run_id(&self, request: &StartWorkflowExecutionRequest) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        identifier(&[
            "run",
            &request.namespace,
            &request.workflow_id,
            &self.executions.len().to_string(),
            &now.as_nanos().to_string(),
        ])
    }
}

fn answer(run_id: String, started: bool) -> StartWorkflowExecutionResponse {
    StartWorkflowExecutionResponse {
        first_execution_run_id: run_id.clone(),
        run_id,
        started,
        status: WorkflowExecutionStatus::Running.into(),
        ..Default::default()
    }
}

fn started_attributes(request: StartWorkflowExecutionRequest, run_id: &str) -> Attributes {
    Attributes::WorkflowExecutionStartedEventAttributes(WorkflowExecutionStartedEventAttributes {
        workflow_type: request.workflow_type,
        task_queue: request.task_queue,
        input: request.input,
        workflow_execution_timeout: request.workflow_execution_timeout,
        workflow_run_timeout: request.workflow_run_timeout,
        workflow_task_timeout: request.workflow_task_timeout,
        original_execution_run_id: run_id.to_owned(),
        first_execution_run_id: run_id.to_owned(),
        identity: request.identity,
        attempt: 1,
        workflow_id: request.workflow_id,
        ..Default::default()
    })
}
