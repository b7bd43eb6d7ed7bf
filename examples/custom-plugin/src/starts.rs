//! Every request that starts a workflow, now or later.

use temporal_authz::{CallTarget, DecodeError, Origin};
use temporalio_protos::temporal::api::{
    command::v1::{
        ContinueAsNewWorkflowExecutionCommandAttributes as ContinueAsNew,
        StartChildWorkflowExecutionCommandAttributes as StartChild, command::Attributes,
    },
    common::v1::WorkflowType,
    schedule::v1::{Schedule, schedule_action::Action},
    taskqueue::v1::TaskQueue,
    workflowservice::v1::{
        CreateScheduleRequest, ExecuteMultiOperationRequest, RespondWorkflowTaskCompletedRequest,
        SignalWithStartWorkflowExecutionRequest, StartWorkflowExecutionRequest, UpdateScheduleRequest,
        execute_multi_operation_request::operation::Operation,
    },
};

const SERVICE: &str = "/temporal.api.workflowservice.v1.WorkflowService/";

/// A workflow that a request starts. A name that is not there is "".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) workflow_type: String,
    pub(crate) task_queue: String,
}

impl Start {
    fn new(workflow_type: Option<WorkflowType>, task_queue: Option<TaskQueue>) -> Self {
        Self { workflow_type: workflow_type.unwrap_or_default().name, task_queue: task_queue.unwrap_or_default().name }
    }
}

/// What `target` starts.
///
/// # Errors
/// The request is not there, or does not decode.
pub(crate) fn starts(target: &CallTarget<'_>) -> Result<Vec<Start>, DecodeError> {
    let method = target.api_name().strip_prefix(SERVICE).unwrap_or_default();
    if target.origin() == Origin::Command {
        // A command is named as the call that would do the same, and carries its own attributes.
        return match method {
            "StartWorkflowExecution" => target.decode::<StartChild>().map(|child| vec![start_child(child)]),
            _ => Ok(Vec::new()),
        };
    }
    Ok(match method {
        "StartWorkflowExecution" => vec![start(target.decode()?)],
        "SignalWithStartWorkflowExecution" => {
            let request: SignalWithStartWorkflowExecutionRequest = target.decode()?;
            vec![Start::new(request.workflow_type, request.task_queue)]
        }
        "ExecuteMultiOperation" => operations(target.decode()?),
        "CreateSchedule" => scheduled(target.decode::<CreateScheduleRequest>()?.schedule),
        "UpdateSchedule" => scheduled(target.decode::<UpdateScheduleRequest>()?.schedule),
        "RespondWorkflowTaskCompleted" => commands(target.decode()?),
        _ => Vec::new(),
    })
}

fn start(request: StartWorkflowExecutionRequest) -> Start {
    Start::new(request.workflow_type, request.task_queue)
}

fn start_child(child: StartChild) -> Start {
    Start::new(child.workflow_type, child.task_queue)
}

fn operations(request: ExecuteMultiOperationRequest) -> Vec<Start> {
    let operations = request.operations.into_iter().filter_map(|operation| operation.operation);
    let start = |operation| match operation {
        Operation::StartWorkflow(request) => Some(start(request)),
        Operation::UpdateWorkflow(_) => None,
    };
    operations.filter_map(start).collect()
}

fn scheduled(schedule: Option<Schedule>) -> Vec<Start> {
    match schedule.and_then(|schedule| schedule.action).and_then(|action| action.action) {
        Some(Action::StartWorkflow(new)) => vec![Start::new(new.workflow_type, new.task_queue)],
        None => Vec::new(),
    }
}

/// All commands, in whatever namespace: their targets are one for each kind and namespace.
fn commands(request: RespondWorkflowTaskCompletedRequest) -> Vec<Start> {
    let attributes = request.commands.into_iter().filter_map(|command| command.attributes);
    let start = |attributes| match attributes {
        Attributes::StartChildWorkflowExecutionCommandAttributes(child) => Some(start_child(child)),
        Attributes::ContinueAsNewWorkflowExecutionCommandAttributes(next) => Some(continue_as_new(next)),
        _ => None,
    };
    attributes.filter_map(start).collect()
}

fn continue_as_new(next: ContinueAsNew) -> Start {
    Start::new(next.workflow_type, next.task_queue)
}
