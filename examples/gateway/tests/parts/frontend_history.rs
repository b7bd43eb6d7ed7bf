//! History and long polls.

use temporal_gateway::demo::frontend::Frontend;
use temporalio_protos::temporal::api::{
    enums::v1::{EventType, HistoryEventFilterType},
    workflowservice::v1::*,
};

use super::{
    grpc::{Harness, path, unary_request},
    requests::{history, in_process, signal, start, started, terminate},
};

#[tokio::test]
async fn history_is_paged_and_a_long_poll_ends_with_the_next_event() {
    let harness = Harness::start().await;
    started(&harness, "default", "order-1").await;
    let get = async |request: GetWorkflowExecutionHistoryRequest| {
        let answer: GetWorkflowExecutionHistoryResponse =
            harness.call("GetWorkflowExecutionHistory", request).await.unwrap();
        let kinds: Vec<_> = answer.history.unwrap().events.iter().map(|event| event.event_type()).collect();
        (kinds, answer.next_page_token)
    };
    let poll = |token: Vec<u8>| GetWorkflowExecutionHistoryRequest {
        wait_new_event: true,
        next_page_token: token,
        ..history("order-1")
    };

    let (kinds, token) = get(poll(Vec::new())).await;
    assert_eq!(kinds, [EventType::WorkflowExecutionStarted]);
    let mut close = poll(Vec::new());
    close.set_history_event_filter_type(HistoryEventFilterType::CloseEvent);
    let (next, closed, ()) = tokio::join!(get(poll(token)), get(close), async {
        let SignalWorkflowExecutionResponse { .. } =
            harness.call("SignalWorkflowExecution", signal("order-1")).await.unwrap();
        let TerminateWorkflowExecutionResponse {} =
            harness.call("TerminateWorkflowExecution", terminate("order-1")).await.unwrap();
    });
    assert_eq!(next.0[0], EventType::WorkflowExecutionSignaled);
    assert_eq!(closed, (vec![EventType::WorkflowExecutionTerminated], Vec::new()));

    let two = GetWorkflowExecutionHistoryRequest { maximum_page_size: 2, ..history("order-1") };
    let (kinds, token) = get(two).await;
    assert_eq!(kinds.len(), 2);
    let (kinds, token) = get(poll(token)).await;
    assert_eq!(kinds, [EventType::WorkflowExecutionTerminated]);
    assert!(token.is_empty(), "nothing follows the end");
}

#[tokio::test(start_paused = true)]
async fn long_polls_end_empty_before_the_callers_time_runs_out() {
    let frontend = Frontend::new(["default"]);
    let _: StartWorkflowExecutionResponse =
        in_process(&frontend, "StartWorkflowExecution", start("default", "order-1"), None).await.unwrap();
    let seen: GetWorkflowExecutionHistoryResponse = in_process(
        &frontend,
        "GetWorkflowExecutionHistory",
        GetWorkflowExecutionHistoryRequest { wait_new_event: true, ..history("order-1") },
        None,
    )
    .await
    .unwrap();
    let task = PollWorkflowTaskQueueRequest {
        namespace: "default".to_owned(),
        task_queue: start("default", "").task_queue,
        ..Default::default()
    };
    for (timeout, history_wait, task_wait) in
        [(None, 20_000, 60_000), (Some("10S"), 9_000, 9_000), (Some("99H"), 20_000, 60_000)]
    {
        let begun = tokio::time::Instant::now();
        let answer: GetWorkflowExecutionHistoryResponse = in_process(
            &frontend,
            "GetWorkflowExecutionHistory",
            GetWorkflowExecutionHistoryRequest {
                wait_new_event: true,
                next_page_token: seen.next_page_token.clone(),
                ..history("order-1")
            },
            timeout,
        )
        .await
        .unwrap();
        assert!(answer.history.unwrap().events.is_empty());
        assert_eq!(answer.next_page_token, seen.next_page_token);
        assert_eq!(begun.elapsed().as_millis(), history_wait, "{timeout:?}");

        let begun = tokio::time::Instant::now();
        let answer: PollWorkflowTaskQueueResponse =
            in_process(&frontend, "PollWorkflowTaskQueue", task.clone(), timeout).await.unwrap();
        assert!(answer.task_token.is_empty());
        assert_eq!(begun.elapsed().as_millis(), task_wait, "{timeout:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_long_polls() {
    let Harness { frontend, mut client, stop, server } = Harness::start().await;
    let request = PollWorkflowTaskQueueRequest {
        namespace: "default".to_owned(),
        task_queue: start("default", "").task_queue,
        ..Default::default()
    };
    let method = path("PollWorkflowTaskQueue");
    let polling = tokio::spawn(client.send_request(unary_request(&method, request)));
    while frontend.calls(&method) == 0 {
        tokio::task::yield_now().await;
    }
    let begun = tokio::time::Instant::now();
    stop.send(()).unwrap();
    server.await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 1);
    assert!(polling.await.unwrap().is_err(), "the connection was closed");
}
