//! The authorizer, through the layer, with real requests.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "test code; not every file uses all of the support"
)]

mod support;

use custom_plugin::TaskQueueRules;
use prost::{Message, Name};
use temporal_authz::{Authorizer, CallTarget, Claims, Decision, MethodTable, Role};
use temporalio_protos::temporal::api::{
    command::v1::{
        Command, ContinueAsNewWorkflowExecutionCommandAttributes, StartChildWorkflowExecutionCommandAttributes,
        command::Attributes,
    },
    common::v1::WorkflowType,
    enums::v1::CommandType,
    schedule::v1::{Schedule, ScheduleAction, schedule_action::Action},
    taskqueue::v1::TaskQueue,
    workflow::v1::NewWorkflowExecutionInfo,
    workflowservice::v1::{
        CreateScheduleRequest, ExecuteMultiOperationRequest, RespondWorkflowTaskCompletedRequest,
        SignalWithStartWorkflowExecutionRequest, StartWorkflowExecutionRequest, UpdateScheduleRequest,
        execute_multi_operation_request::{Operation, operation},
    },
};
use tonic::Code;

use support::{World, code, told};

const RULE: &str = "payments-* workflows run on task queue payments only";

#[tokio::test]
async fn workflows_of_payments_start_on_their_task_queue_only() {
    let world = World::start().await;
    let token = world.token(&["temporal:shop:writer"]);
    for (namespace, workflow_type, task_queue, expected) in [
        ("shop", "payments-refund", "payments", Code::Ok),
        ("shop", "mail-send", "mail", Code::Ok),
        ("shop", "payments-refund", "mail", Code::PermissionDenied),
        ("shop", "payments-refund", "", Code::PermissionDenied),
        ("bank", "payments-refund", "payments", Code::PermissionDenied),
    ] {
        let request = start(namespace, workflow_type, task_queue);
        let answer = world.call(Some(&token), "StartWorkflowExecution", request).await;
        assert_eq!(code(&answer), expected, "{workflow_type} on {task_queue:?} in {namespace}");
    }
}

#[tokio::test]
async fn the_rule_is_told_to_those_who_may_write_and_to_nobody_else() {
    let world = World::start().await;
    let request = || start("shop", "payments-refund", "mail");
    let writer = world.token(&["temporal:shop:writer"]);
    let denied = world.call(Some(&writer), "StartWorkflowExecution", request()).await.unwrap_err();
    assert_eq!((denied.code(), denied.message()), (Code::PermissionDenied, "Request unauthorized."));
    assert_eq!(told(&denied), RULE);

    let reader = world.token(&["temporal:shop:reader"]);
    let denied = world.call(Some(&reader), "StartWorkflowExecution", request()).await.unwrap_err();
    assert_eq!((denied.code(), told(&denied).as_str()), (Code::PermissionDenied, ""));
    assert_eq!(code(&world.call(None, "StartWorkflowExecution", request()).await), Code::Unauthenticated);
}

#[tokio::test]
async fn no_other_request_starts_what_a_start_may_not() {
    let world = World::start().await;
    let token = world.token(&["temporal:shop:writer"]);
    for (task_queue, expected) in [("payments", Code::Ok), ("mail", Code::PermissionDenied)] {
        let (token, namespace) = (Some(token.as_str()), "shop".to_owned());
        let (workflow_type, task_queue) = (kind("payments-refund"), queue(task_queue));
        let signal = SignalWithStartWorkflowExecutionRequest {
            namespace: namespace.clone(),
            workflow_type: workflow_type.clone(),
            task_queue: task_queue.clone(),
            ..Default::default()
        };
        let operation = operation::Operation::StartWorkflow(StartWorkflowExecutionRequest {
            namespace: namespace.clone(),
            workflow_type: workflow_type.clone(),
            task_queue: task_queue.clone(),
            ..Default::default()
        });
        let multi = ExecuteMultiOperationRequest {
            namespace: namespace.clone(),
            operations: vec![Operation { operation: Some(operation) }],
            ..Default::default()
        };
        let new = NewWorkflowExecutionInfo { workflow_type, task_queue, ..Default::default() };
        let action = Some(ScheduleAction { action: Some(Action::StartWorkflow(new)) });
        let schedule = Some(Schedule { action, ..Default::default() });
        let create =
            CreateScheduleRequest { namespace: namespace.clone(), schedule: schedule.clone(), ..Default::default() };
        let update = UpdateScheduleRequest { namespace, schedule, ..Default::default() };
        for (method, answer) in [
            ("signal", world.call(token, "SignalWithStartWorkflowExecution", signal).await),
            ("multi", world.call(token, "ExecuteMultiOperation", multi).await),
            ("create", world.call(token, "CreateSchedule", create).await),
            ("update", world.call(token, "UpdateSchedule", update).await),
        ] {
            assert_eq!(code(&answer), expected, "{method}");
        }
    }
}

#[tokio::test]
async fn commands_are_judged_all_of_them_wherever_they_start_a_workflow() {
    let world = World::start().await;
    let token = world.token(&["temporal:shop:writer", "temporal:bank:writer"]);
    let good = |namespace| child(namespace, "payments-refund", "payments");
    let bad = |namespace| child(namespace, "payments-refund", "mail");
    for (what, commands, expected) in [
        ("nothing", vec![], Code::Ok),
        ("good ones", vec![good(""), good("shop"), good("bank")], Code::Ok),
        ("one in its own namespace", vec![bad("")], Code::PermissionDenied),
        ("one in its own namespace, named", vec![good("shop"), bad("shop")], Code::PermissionDenied),
        ("one in another", vec![bad("bank")], Code::PermissionDenied),
        ("the second in another", vec![good("bank"), bad("bank")], Code::PermissionDenied),
        ("where the caller may not write", vec![good("attic")], Code::PermissionDenied),
        ("the next run", vec![next("payments-refund", "mail")], Code::PermissionDenied),
        ("the next run on its queue", vec![next("payments-refund", "payments")], Code::Ok),
    ] {
        let namespace = "shop".to_owned();
        let request = RespondWorkflowTaskCompletedRequest { namespace, commands, ..Default::default() };
        let answer = world.call(Some(&token), "RespondWorkflowTaskCompleted", request).await;
        assert_eq!(code(&answer), expected, "{what}");
    }
}

#[tokio::test]
async fn the_target_of_a_command_carries_the_attributes_of_the_command() {
    let rules = TaskQueueRules::new().only_on("payments-", "payments");
    let methods = MethodTable::temporal();
    let path = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
    let alice = Claims::builder("jwt", "alice").namespace("bank", Role::WRITER).build().unwrap();
    for (task_queue, allowed) in [("payments", true), ("mail", false)] {
        let attributes = child_attributes("bank", "payments-refund", task_queue).encode_to_vec();
        let name = StartChildWorkflowExecutionCommandAttributes::full_name();
        let target = CallTarget::new(path, methods.find(path)).with_namespace("bank").with_request(&name, &attributes);
        let verdict = rules.authorize(Some(&alice), &target.clone().from_command()).await.unwrap();
        assert_eq!(verdict.is_allow(), allowed, "{task_queue}");
        if !allowed {
            assert_eq!(verdict, Decision::deny_with(RULE));
        }
        // As a call it would be another message than the method's: no verdict.
        assert!(rules.authorize(Some(&alice), &target).await.is_err());
    }
}

#[tokio::test]
async fn a_request_that_does_not_decode_is_refused() {
    /// The namespace where it belongs, and in place of the workflow type a text that is no message.
    #[derive(Clone, PartialEq, Message)]
    struct Broken {
        #[prost(string, tag = "1")]
        namespace: String,
        #[prost(bytes = "vec", tag = "3")]
        workflow_type: Vec<u8>,
    }
    let world = World::start().await;
    let token = world.token(&["temporal:shop:writer"]);
    let request = Broken { namespace: "shop".to_owned(), workflow_type: b"\x0a\x09tea".to_vec() };
    let answer = world.call(Some(&token), "StartWorkflowExecution", request).await;
    assert_eq!(code(&answer), Code::Internal);
}

fn start(namespace: &str, workflow_type: &str, task_queue: &str) -> StartWorkflowExecutionRequest {
    StartWorkflowExecutionRequest {
        namespace: namespace.to_owned(),
        workflow_type: kind(workflow_type),
        task_queue: queue(task_queue),
        ..Default::default()
    }
}

fn child(namespace: &str, workflow_type: &str, task_queue: &str) -> Command {
    let attributes = child_attributes(namespace, workflow_type, task_queue);
    let attributes = Attributes::StartChildWorkflowExecutionCommandAttributes(attributes);
    command(CommandType::StartChildWorkflowExecution, attributes)
}

#[allow(deprecated, reason = "workers send it and servers heed it all the same")]
fn child_attributes(
    namespace: &str,
    workflow_type: &str,
    task_queue: &str,
) -> StartChildWorkflowExecutionCommandAttributes {
    StartChildWorkflowExecutionCommandAttributes {
        namespace: namespace.to_owned(),
        workflow_type: kind(workflow_type),
        task_queue: queue(task_queue),
        ..Default::default()
    }
}

fn next(workflow_type: &str, task_queue: &str) -> Command {
    let attributes = ContinueAsNewWorkflowExecutionCommandAttributes {
        workflow_type: kind(workflow_type),
        task_queue: queue(task_queue),
        ..Default::default()
    };
    let attributes = Attributes::ContinueAsNewWorkflowExecutionCommandAttributes(attributes);
    command(CommandType::ContinueAsNewWorkflowExecution, attributes)
}

fn command(command_type: CommandType, attributes: Attributes) -> Command {
    Command { command_type: command_type.into(), attributes: Some(attributes), ..Default::default() }
}

fn kind(name: &str) -> Option<WorkflowType> {
    Some(WorkflowType { name: name.to_owned() })
}

fn queue(name: &str) -> Option<TaskQueue> {
    Some(TaskQueue { name: name.to_owned(), ..Default::default() })
}
