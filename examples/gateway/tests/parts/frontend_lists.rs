//! Namespaces, and lists with their pages.

use std::time::Duration;

use temporalio_protos::temporal::api::{errordetails::v1::NamespaceAlreadyExistsFailure, workflowservice::v1::*};
use tonic::Code;

use super::{
    grpc::Harness,
    requests::{detail, list, started},
};

#[tokio::test]
async fn executions_are_listed_by_page_latest_first_and_counted() {
    let harness = Harness::start().await;
    for number in 1..=5 {
        started(&harness, "default", &format!("order-{number}")).await;
    }
    started(&harness, "payments", "other").await;

    let mut seen = Vec::new();
    let mut pages = 0;
    let mut token = Vec::new();
    loop {
        let page: ListWorkflowExecutionsResponse =
            harness.call("ListWorkflowExecutions", list("default", 2, token)).await.unwrap();
        pages += 1;
        assert!(page.executions.len() <= 2);
        let ids = page.executions.into_iter().map(|info| info.execution.unwrap().workflow_id);
        seen.extend(ids);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(seen, ["order-5", "order-4", "order-3", "order-2", "order-1"]);

    let count = CountWorkflowExecutionsRequest { namespace: "default".to_owned(), ..Default::default() };
    let counted: CountWorkflowExecutionsResponse = harness.call("CountWorkflowExecutions", count).await.unwrap();
    assert_eq!(counted.count, 5);

    let with_query = ListWorkflowExecutionsRequest {
        query: "WorkflowType = 'Transfer'".to_owned(),
        ..list("default", 0, Vec::new())
    };
    for request in [with_query, list("default", 0, b"odd".to_vec())] {
        let status =
            harness.call::<_, ListWorkflowExecutionsResponse>("ListWorkflowExecutions", request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn namespaces_are_registered_once_described_and_listed() {
    let harness = Harness::start().await;
    let day = Duration::from_secs(86_400);
    let register = |retention: Option<Duration>| RegisterNamespaceRequest {
        namespace: "orders".to_owned(),
        description: "all orders".to_owned(),
        workflow_execution_retention_period: retention.map(|period| period.try_into().unwrap()),
        ..Default::default()
    };
    let call = async |request| harness.call::<_, RegisterNamespaceResponse>("RegisterNamespace", request).await;
    for retention in [None, Some(Duration::from_secs(3_599))] {
        let status = call(register(retention)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.message(), "A valid retention period is not set on request.");
    }
    call(register(Some(day))).await.unwrap();
    let status = call(register(Some(day))).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert_eq!(status.message(), "Namespace already exists.");
    let NamespaceAlreadyExistsFailure {} = detail(&status);

    let describe = async |namespace: &str, id: &str| {
        let request =
            DescribeNamespaceRequest { namespace: namespace.to_owned(), id: id.to_owned(), ..Default::default() };
        harness.call::<_, DescribeNamespaceResponse>("DescribeNamespace", request).await
    };
    let by_name = describe("orders", "").await.unwrap();
    let info = by_name.namespace_info.clone().unwrap();
    assert_eq!(info.description, "all orders");
    assert_eq!(describe("", &info.id).await.unwrap(), by_name);
    assert_eq!(describe("nowhere", "").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(describe("", "").await.unwrap_err().code(), Code::InvalidArgument);

    let mut names = Vec::new();
    let mut token = Vec::new();
    loop {
        let request = ListNamespacesRequest { page_size: 2, next_page_token: token, ..Default::default() };
        let page: ListNamespacesResponse = harness.call("ListNamespaces", request).await.unwrap();
        names.extend(page.namespaces.into_iter().map(|entry| entry.namespace_info.unwrap().name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["default", "orders", "payments"]);
    started(&harness, "orders", "first").await;
}
