//! Requests to the frontend, ready to send.

use http::HeaderValue;
use prost::{Message, Name};
use temporal_gateway::demo::frontend::Frontend;
use temporalio_protos::{
    google::rpc,
    temporal::api::{
        common::v1::{WorkflowExecution, WorkflowType},
        taskqueue::v1::TaskQueue,
        workflowservice::v1::*,
    },
};
use tonic::Status;
use tower_service::Service as _;

use super::grpc::{Harness, answer_of, path, unary_request};

pub fn start(namespace: &str, id: &str) -> StartWorkflowExecutionRequest {
    StartWorkflowExecutionRequest {
        namespace: namespace.to_owned(),
        workflow_id: id.to_owned(),
        workflow_type: Some(WorkflowType { name: "Transfer".to_owned() }),
        task_queue: Some(TaskQueue { name: "transfers".to_owned(), ..Default::default() }),
        ..Default::default()
    }
}

pub fn named(id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution { workflow_id: id.to_owned(), run_id: String::new() })
}

pub fn signal(id: &str) -> SignalWorkflowExecutionRequest {
    SignalWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        workflow_execution: named(id),
        signal_name: "approve".to_owned(),
        ..Default::default()
    }
}

pub fn terminate(id: &str) -> TerminateWorkflowExecutionRequest {
    TerminateWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        workflow_execution: named(id),
        reason: "enough".to_owned(),
        ..Default::default()
    }
}

pub fn history(id: &str) -> GetWorkflowExecutionHistoryRequest {
    GetWorkflowExecutionHistoryRequest { namespace: "default".to_owned(), execution: named(id), ..Default::default() }
}

pub fn list(namespace: &str, page_size: i32, token: Vec<u8>) -> ListWorkflowExecutionsRequest {
    ListWorkflowExecutionsRequest {
        namespace: namespace.to_owned(),
        page_size,
        next_page_token: token,
        ..Default::default()
    }
}

pub async fn started(harness: &Harness, namespace: &str, id: &str) -> StartWorkflowExecutionResponse {
    harness.call("StartWorkflowExecution", start(namespace, id)).await.unwrap()
}

pub async fn described(harness: &Harness, id: &str) -> DescribeWorkflowExecutionResponse {
    let request = DescribeWorkflowExecutionRequest { namespace: "default".to_owned(), execution: named(id) };
    harness.call("DescribeWorkflowExecution", request).await.unwrap()
}

/// The one typed detail of a refusal, which must repeat code and message.
pub fn detail<D: Name + Default>(status: &Status) -> D {
    let decoded = rpc::Status::decode(status.details()).unwrap();
    assert_eq!(decoded.code, i32::from(status.code()));
    assert_eq!(decoded.message, status.message());
    assert_eq!(decoded.details.len(), 1);
    assert_eq!(decoded.details[0].type_url, format!("type.googleapis.com/{}", D::full_name()));
    D::decode(&decoded.details[0].value[..]).unwrap()
}

/// A call without a socket, so that paused time belongs to the frontend alone.
pub async fn in_process<Q: Message, A: Message + Default>(
    frontend: &Frontend,
    method: &str,
    request: Q,
    timeout: Option<&'static str>,
) -> Result<A, Status> {
    let mut request = unary_request(&path(method), request);
    if let Some(timeout) = timeout {
        request.headers_mut().insert("grpc-timeout", HeaderValue::from_static(timeout));
    }
    answer_of(frontend.clone().call(request).await.unwrap()).await
}
