//! Executions, from start to end.

use temporalio_protos::temporal::api::{
    common::v1::WorkflowExecution,
    enums::v1::{WorkflowExecutionStatus, WorkflowIdConflictPolicy, WorkflowIdReusePolicy},
    errordetails::v1::{NamespaceNotFoundFailure, NotFoundFailure, WorkflowExecutionAlreadyStartedFailure},
    workflowservice::v1::*,
};
use tonic::Code;

use super::{
    grpc::{Harness, path},
    requests::{described, detail, named, signal, start, started, terminate},
};

#[tokio::test]
async fn an_execution_is_started_signalled_described_and_terminated() {
    let harness = Harness::start().await;
    let answer = started(&harness, "default", "order-1").await;
    assert!(answer.started);
    assert_eq!(answer.run_id.len(), 36);

    for _ in 0..2 {
        let SignalWorkflowExecutionResponse { .. } =
            harness.call("SignalWorkflowExecution", signal("order-1")).await.unwrap();
    }
    assert_eq!(harness.frontend.signals("default", "order-1"), Some(2));
    for _ in 0..2 {
        let cancel = RequestCancelWorkflowExecutionRequest {
            namespace: "default".to_owned(),
            workflow_execution: named("order-1"),
            ..Default::default()
        };
        let RequestCancelWorkflowExecutionResponse { .. } =
            harness.call("RequestCancelWorkflowExecution", cancel).await.unwrap();
    }
    let info = described(&harness, "order-1").await.workflow_execution_info.unwrap();
    assert_eq!(info.execution.as_ref().unwrap().run_id, answer.run_id);
    assert_eq!(info.r#type.as_ref().unwrap().name, "Transfer");
    assert_eq!(info.task_queue, "transfers");
    assert_eq!(info.status(), WorkflowExecutionStatus::Running);
    assert!(info.start_time.is_some() && info.close_time.is_none());
    // Started, two signals, and one request to cancel: the second asks for nothing new.
    assert_eq!(info.history_length, 4);

    let TerminateWorkflowExecutionResponse {} =
        harness.call("TerminateWorkflowExecution", terminate("order-1")).await.unwrap();
    let info = described(&harness, "order-1").await.workflow_execution_info.unwrap();
    assert_eq!(info.status(), WorkflowExecutionStatus::Terminated);
    assert!(info.close_time.is_some());

    let refused = [
        harness
            .call::<_, SignalWorkflowExecutionResponse>("SignalWorkflowExecution", signal("order-1"))
            .await
            .unwrap_err(),
        harness
            .call::<_, TerminateWorkflowExecutionResponse>("TerminateWorkflowExecution", terminate("order-1"))
            .await
            .unwrap_err(),
    ];
    for status in refused {
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(status.message(), "workflow execution already completed");
        let NotFoundFailure { .. } = detail(&status);
    }
    let calls = harness.frontend.calls(&path("SignalWorkflowExecution"));
    assert_eq!(calls, 3);
    // One start, two cancellations, two descriptions, two terminations, and the signals.
    assert_eq!(harness.frontend.total_calls(), 10);
}

#[tokio::test]
async fn a_second_start_of_the_same_id_goes_by_its_policies() {
    let harness = Harness::start().await;
    let first = StartWorkflowExecutionRequest { request_id: "first".to_owned(), ..start("default", "order-1") };
    let running: StartWorkflowExecutionResponse = harness.call("StartWorkflowExecution", first.clone()).await.unwrap();
    let again = async |request: StartWorkflowExecutionRequest| {
        harness.call::<_, StartWorkflowExecutionResponse>("StartWorkflowExecution", request).await
    };

    let refused = again(start("default", "order-1")).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists);
    assert_eq!(
        refused.message(),
        format!("Workflow execution is already running. WorkflowId: order-1, RunId: {}.", running.run_id)
    );
    let failure: WorkflowExecutionAlreadyStartedFailure = detail(&refused);
    assert_eq!(failure.run_id, running.run_id);
    assert_eq!(failure.start_request_id, "first");

    // A retry of the very request that started it.
    let retried = again(first).await.unwrap();
    assert_eq!(retried.run_id, running.run_id);

    let mut request = start("default", "order-1");
    request.set_workflow_id_conflict_policy(WorkflowIdConflictPolicy::UseExisting);
    let used = again(request.clone()).await.unwrap();
    assert_eq!((used.run_id, used.started), (running.run_id.clone(), false));

    request.set_workflow_id_conflict_policy(WorkflowIdConflictPolicy::TerminateExisting);
    let replaced = again(request).await.unwrap();
    assert_ne!(replaced.run_id, running.run_id);
    let old = DescribeWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        execution: Some(WorkflowExecution { workflow_id: "order-1".to_owned(), run_id: running.run_id }),
    };
    let old: DescribeWorkflowExecutionResponse = harness.call("DescribeWorkflowExecution", old).await.unwrap();
    let old = old.workflow_execution_info.unwrap();
    assert_eq!(old.status(), WorkflowExecutionStatus::Terminated);

    let _: TerminateWorkflowExecutionResponse =
        harness.call("TerminateWorkflowExecution", terminate("order-1")).await.unwrap();
    let mut request = start("default", "order-1");
    request.set_workflow_id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate);
    let refused = again(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists);
    assert!(refused.message().ends_with("reject duplicate workflow Id."));
    assert!(again(start("default", "order-1")).await.unwrap().started);
    // The other namespace never heard of it.
    assert!(again(start("payments", "order-1")).await.unwrap().started);
}

#[tokio::test]
async fn what_is_missing_or_unknown_is_refused_in_temporals_words() {
    let harness = Harness::start().await;
    started(&harness, "default", "order-1").await;
    let other_run = Some(WorkflowExecution {
        workflow_id: "order-1".to_owned(),
        run_id: "6f3f2a7c-0000-4000-8000-000000000000".to_owned(),
    });
    let no_type = StartWorkflowExecutionRequest { workflow_type: None, ..start("default", "a") };
    let cases = [
        (start("nowhere", "a"), Code::NotFound, "Namespace nowhere is not found."),
        (start("", "a"), Code::InvalidArgument, "Namespace not set on request."),
        (start("default", ""), Code::InvalidArgument, "WorkflowId is not set on request."),
        (start("default", &"x".repeat(1_001)), Code::InvalidArgument, "WorkflowId length exceeds limit."),
        (no_type, Code::InvalidArgument, "WorkflowType is not set on request."),
    ];
    for (request, code, message) in cases {
        let status =
            harness.call::<_, StartWorkflowExecutionResponse>("StartWorkflowExecution", request).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (code, message));
        if code == Code::NotFound {
            let failure: NamespaceNotFoundFailure = detail(&status);
            assert_eq!(failure.namespace, "nowhere");
        }
    }

    let run_not_found = "workflow execution not found for workflow ID \"order-1\" and run ID \
                         \"6f3f2a7c-0000-4000-8000-000000000000\"";
    let odd_run = Some(WorkflowExecution { workflow_id: "order-1".to_owned(), run_id: "latest".to_owned() });
    let cases = [
        ("default", named("order-2"), Code::NotFound, "workflow not found for ID: order-2"),
        ("payments", named("order-1"), Code::NotFound, "workflow not found for ID: order-1"),
        ("nowhere", named("order-1"), Code::NotFound, "Namespace nowhere is not found."),
        ("default", other_run, Code::NotFound, run_not_found),
        ("default", odd_run, Code::InvalidArgument, "Invalid RunId."),
        ("default", None, Code::InvalidArgument, "Execution is not set on request."),
    ];
    for (namespace, execution, code, message) in cases {
        let request = DescribeWorkflowExecutionRequest { namespace: namespace.to_owned(), execution };
        let status = harness
            .call::<_, DescribeWorkflowExecutionResponse>("DescribeWorkflowExecution", request)
            .await
            .unwrap_err();
        assert_eq!((status.code(), status.message()), (code, message));
    }
}
