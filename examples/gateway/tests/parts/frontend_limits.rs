//! What the frontend keeps is bounded, in bytes and in number.

use prost::Message as _;
use temporal_gateway::demo::frontend::Frontend;
use temporalio_protos::temporal::api::{
    common::v1::{Payload, Payloads},
    workflowservice::v1::*,
};
use tonic::Code;

use super::{
    grpc::Harness,
    requests::{in_process, signal, start},
};

#[tokio::test]
async fn memory_for_payloads_is_bounded() {
    let harness = Harness::start().await;
    let large = |number: usize| StartWorkflowExecutionRequest {
        input: Some(Payloads { payloads: vec![Payload { data: vec![0; 3 << 20], ..Default::default() }] }),
        ..start("default", &format!("large-{number}"))
    };
    assert!(large(0).encoded_len() < 4 << 20);
    let mut kept = 0;
    let status = loop {
        let answer = harness.call::<_, StartWorkflowExecutionResponse>("StartWorkflowExecution", large(kept)).await;
        match answer {
            Ok(_) => kept += 1,
            Err(status) => break status,
        }
        assert!(kept < 64, "64 MiB hold no more than 21 inputs of 3 MiB");
    };
    assert_eq!((kept, status.code()), (21, Code::ResourceExhausted));
    // What was refused left nothing behind, and what is kept still answers.
    let request = CountWorkflowExecutionsRequest { namespace: "default".to_owned(), ..Default::default() };
    let counted: CountWorkflowExecutionsResponse = harness.call("CountWorkflowExecutions", request).await.unwrap();
    assert_eq!(counted.count, 21);
}

#[tokio::test]
async fn executions_and_signals_are_bounded_in_number() {
    let frontend = Frontend::new(["default"]);
    let begin = async |number: usize| {
        in_process::<_, StartWorkflowExecutionResponse>(
            &frontend,
            "StartWorkflowExecution",
            start("default", &format!("order-{number}")),
            None,
        )
        .await
    };
    for number in 0..10_000 {
        begin(number).await.unwrap();
    }
    assert_eq!(begin(10_000).await.unwrap_err().code(), Code::ResourceExhausted);

    let send = async || {
        in_process::<_, SignalWorkflowExecutionResponse>(&frontend, "SignalWorkflowExecution", signal("order-1"), None)
            .await
    };
    for _ in 0..1_000 {
        send().await.unwrap();
    }
    let status = send().await.unwrap_err();
    assert_eq!(status.message(), "exceeded workflow execution limit for signal events");
    assert_eq!(frontend.signals("default", "order-1"), Some(1_000));
}
