//! What is done to one execution: describe, signal, cancel, terminate.

use std::time::SystemTime;

use temporalio_protos::temporal::api::{
    common::v1::{Payloads, WorkflowExecution, WorkflowType},
    enums::v1::{EventType, WorkflowExecutionStatus},
    history::v1::{
        WorkflowExecutionCancelRequestedEventAttributes, WorkflowExecutionSignaledEventAttributes,
        WorkflowExecutionTerminatedEventAttributes, history_event::Attributes,
    },
    taskqueue::v1::TaskQueue,
    workflow::v1::{WorkflowExecutionConfig, WorkflowExecutionInfo},
    workflowservice::v1::{
        DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse, RequestCancelWorkflowExecutionRequest,
        RequestCancelWorkflowExecutionResponse, SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse,
        TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse,
    },
};
use tonic::Status;

use super::{
    failure,
    world::{Execution, World, require},
};

/// Signals that one execution takes; Temporal's own default is 10,000.
const MAX_SIGNALS: u64 = 1_000;

impl World {
    pub(super) fn describe_execution(
        &self,
        request: DescribeWorkflowExecutionRequest,
    ) -> Result<DescribeWorkflowExecutionResponse, Status> {
        let (_, execution) = self.find(&request.namespace, request.execution.as_ref())?;
        Ok(DescribeWorkflowExecutionResponse {
            execution_config: Some(WorkflowExecutionConfig {
                task_queue: Some(TaskQueue { name: execution.task_queue.clone(), ..Default::default() }),
                ..Default::default()
            }),
            workflow_execution_info: Some(info(execution)),
            ..Default::default()
        })
    }

    pub(super) fn signal(
        &mut self,
        request: SignalWorkflowExecutionRequest,
    ) -> Result<SignalWorkflowExecutionResponse, Status> {
        let (number, target) = self.find(&request.namespace, request.workflow_execution.as_ref())?;
        require("SignalName", &request.signal_name)?;
        if target.signals >= MAX_SIGNALS {
            // Go's consts.ErrSignalsLimitExceeded.
            return Err(Status::invalid_argument("exceeded workflow execution limit for signal events"));
        }
        let execution = self.record(
            number,
            EventType::WorkflowExecutionSignaled,
            Attributes::WorkflowExecutionSignaledEventAttributes(WorkflowExecutionSignaledEventAttributes {
                signal_name: request.signal_name,
                input: request.input,
                identity: request.identity,
                header: request.header,
                request_id: request.request_id,
                ..Default::default()
            }),
        )?;
        execution.signals = execution.signals.saturating_add(1);
        Ok(SignalWorkflowExecutionResponse::default())
    }

    /// Notes the request in the history; without a worker nobody acts on it. Asking again changes nothing.
    pub(super) fn request_cancel(
        &mut self,
        request: RequestCancelWorkflowExecutionRequest,
    ) -> Result<RequestCancelWorkflowExecutionResponse, Status> {
        let (number, target) = self.find(&request.namespace, request.workflow_execution.as_ref())?;
        of_chain(target, &request.first_execution_run_id)?;
        if target.is_running() && target.cancel_requested {
            return Ok(RequestCancelWorkflowExecutionResponse::default());
        }
        let execution = self.record(
            number,
            EventType::WorkflowExecutionCancelRequested,
            Attributes::WorkflowExecutionCancelRequestedEventAttributes(
                WorkflowExecutionCancelRequestedEventAttributes {
                    cause: request.reason,
                    identity: request.identity,
                    ..Default::default()
                },
            ),
        )?;
        execution.cancel_requested = true;
        Ok(RequestCancelWorkflowExecutionResponse::default())
    }

    pub(super) fn terminate(
        &mut self,
        request: TerminateWorkflowExecutionRequest,
    ) -> Result<TerminateWorkflowExecutionResponse, Status> {
        let (number, target) = self.find(&request.namespace, request.workflow_execution.as_ref())?;
        of_chain(target, &request.first_execution_run_id)?;
        self.end(number, &request.reason, &request.identity, request.details)?;
        Ok(TerminateWorkflowExecutionResponse::default())
    }

    /// Terminates a running execution.
    pub(super) fn end(
        &mut self,
        number: u64,
        reason: &str,
        identity: &str,
        details: Option<Payloads>,
    ) -> Result<(), Status> {
        let execution = self.record(
            number,
            EventType::WorkflowExecutionTerminated,
            Attributes::WorkflowExecutionTerminatedEventAttributes(WorkflowExecutionTerminatedEventAttributes {
                reason: reason.to_owned(),
                details,
                identity: identity.to_owned(),
            }),
        )?;
        execution.status = WorkflowExecutionStatus::Terminated;
        execution.closed = Some(SystemTime::now());
        Ok(())
    }
}

/// An execution as `Describe` and `List` show it.
pub(super) fn info(execution: &Execution) -> WorkflowExecutionInfo {
    WorkflowExecutionInfo {
        execution: Some(WorkflowExecution {
            workflow_id: execution.workflow_id.clone(),
            run_id: execution.run_id.clone(),
        }),
        r#type: Some(WorkflowType { name: execution.workflow_type.clone() }),
        start_time: Some(execution.started.into()),
        execution_time: Some(execution.started.into()),
        close_time: execution.closed.map(Into::into),
        status: execution.status.into(),
        history_length: i64::try_from(execution.history.len()).unwrap_or(i64::MAX),
        task_queue: execution.task_queue.clone(),
        first_run_id: execution.run_id.clone(),
        ..Default::default()
    }
}

/// Here every run is the first of its chain: none continues as new, and none is retried.
fn of_chain(execution: &Execution, first_run_id: &str) -> Result<(), Status> {
    match first_run_id.is_empty() || first_run_id == execution.run_id {
        true => Ok(()),
        false => Err(failure::run_not_found(&execution.workflow_id, first_run_id)),
    }
}
