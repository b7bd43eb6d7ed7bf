//! Refusals, in Temporal's words, with the typed details that its clients look for.

use bytes::Bytes;
use prost::{Message, Name};
use temporalio_protos::{
    google::rpc,
    temporal::api::errordetails::v1::{
        NamespaceAlreadyExistsFailure, NamespaceNotFoundFailure, NotFoundFailure,
        WorkflowExecutionAlreadyStartedFailure,
    },
};
use tonic::{Code, Status};

/// Go's `serviceerror.NewNamespaceNotFound`.
pub(super) fn namespace_not_found(namespace: &str) -> Status {
    detailed(
        Code::NotFound,
        format!("Namespace {namespace} is not found."),
        &NamespaceNotFoundFailure { namespace: namespace.to_owned() },
    )
}

/// Go's `serviceerror.NewNamespaceAlreadyExists`.
pub(super) fn namespace_already_exists() -> Status {
    detailed(Code::AlreadyExists, "Namespace already exists.".to_owned(), &NamespaceAlreadyExistsFailure {})
}

/// No execution of that workflow id was ever started.
pub(super) fn workflow_not_found(workflow_id: &str) -> Status {
    not_found(format!("workflow not found for ID: {workflow_id}"))
}

/// The workflow id has no such run.
pub(super) fn run_not_found(workflow_id: &str, run_id: &str) -> Status {
    not_found(format!("workflow execution not found for workflow ID {workflow_id:?} and run ID {run_id:?}"))
}

/// Go's `consts.ErrWorkflowCompleted`: what is closed takes no signal, no cancellation and no second end.
pub(super) fn already_completed() -> Status {
    not_found("workflow execution already completed".to_owned())
}

/// A start that the running or the closed execution of that id forbids.
pub(super) fn already_started(message: String, start_request_id: &str, run_id: &str) -> Status {
    detailed(
        Code::AlreadyExists,
        message,
        &WorkflowExecutionAlreadyStartedFailure {
            start_request_id: start_request_id.to_owned(),
            run_id: run_id.to_owned(),
            first_execution_run_id: run_id.to_owned(),
        },
    )
}

/// Go's `err…NotSet` of the frontend: `what` is the field's name.
pub(super) fn not_set(what: &str) -> Status {
    Status::invalid_argument(format!("{what} is not set on request."))
}

/// Go's `err…TooLong` of the frontend: `what` is the field's name.
pub(super) fn too_long(what: &str) -> Status {
    Status::invalid_argument(format!("{what} length exceeds limit."))
}

/// The memory set aside for this frontend is used up.
pub(super) fn full(what: &str) -> Status {
    Status::resource_exhausted(format!("this in-memory frontend keeps no more {what}"))
}

fn not_found(message: String) -> Status {
    detailed(Code::NotFound, message, &NotFoundFailure::default())
}

/// A status with one typed detail: `grpc-status-details-bin` is a `google.rpc.Status` around it.
fn detailed<D: Message + Name>(code: Code, message: String, detail: &D) -> Status {
    let mut status = rpc::Status { code: i32::from(code), message: message.clone(), details: vec![Default::default()] };
    for any in &mut status.details {
        any.type_url = format!("type.googleapis.com/{}", D::full_name());
        any.value = detail.encode_to_vec();
    }
    Status::with_details(code, message, Bytes::from(status.encode_to_vec()))
}
