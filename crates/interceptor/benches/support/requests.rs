//! Requests of Temporal's, as clients encode them.

use bytes::{BufMut as _, Bytes, BytesMut};
use prost::Message as _;
use temporalio_protos::temporal::api::{
    command::v1::{Command, ScheduleActivityTaskCommandAttributes, command::Attributes},
    common::v1::{ActivityType, Payload, Payloads, WorkflowType},
    enums::v1::CommandType,
    taskqueue::v1::TaskQueue,
    workflowservice::v1::{RespondWorkflowTaskCompletedRequest, StartWorkflowExecutionRequest},
};

pub const START: &str = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
pub const COMPLETED: &str = "/temporal.api.workflowservice.v1.WorkflowService/RespondWorkflowTaskCompleted";

/// The start of a workflow with an input of this many bytes; about 200 bytes beside it.
pub fn start(input_bytes: usize) -> Bytes {
    let request = StartWorkflowExecutionRequest {
        namespace: "payments-production".into(),
        workflow_id: "order-4a1f8c52-7d0b-4a53-9a35-2f0e6f1c8b11".into(),
        workflow_type: Some(WorkflowType { name: "ProcessOrder".into() }),
        task_queue: Some(task_queue()),
        input: Some(payloads(input_bytes)),
        identity: "4711@worker-7d9c5b6f4-x2x9z".into(),
        request_id: "0b7e5f0c-56c4-4b0e-9a2a-6a4f9d1e7c33".into(),
        ..Default::default()
    };
    request.encode_to_vec().into()
}

/// The completion of a workflow task with this many commands, each of which schedules an activity.
pub fn completed(commands: usize) -> Bytes {
    let command = |number| Command {
        command_type: CommandType::ScheduleActivityTask.into(),
        attributes: Some(Attributes::ScheduleActivityTaskCommandAttributes(ScheduleActivityTaskCommandAttributes {
            activity_id: format!("{number}"),
            activity_type: Some(ActivityType { name: "ChargeCreditCard".into() }),
            task_queue: Some(task_queue()),
            input: Some(payloads(100)),
            ..Default::default()
        })),
        ..Default::default()
    };
    let request = RespondWorkflowTaskCompletedRequest {
        task_token: vec![7; 180],
        commands: (0..commands).map(command).collect(),
        identity: "4711@worker-7d9c5b6f4-x2x9z".into(),
        namespace: "payments-production".into(),
        ..Default::default()
    };
    request.encode_to_vec().into()
}

/// The message as the body of a unary call.
pub fn framed(message: &Bytes) -> Bytes {
    let mut body = BytesMut::new();
    body.put_u8(0);
    body.put_u32(message.len().try_into().unwrap());
    body.put_slice(message);
    body.freeze()
}

fn task_queue() -> TaskQueue {
    TaskQueue { name: "orders".into(), ..Default::default() }
}

fn payloads(bytes: usize) -> Payloads {
    let metadata = [("encoding".to_owned(), b"json/plain".to_vec())].into();
    Payloads { payloads: vec![Payload { metadata, data: vec![b'x'; bytes], ..Default::default() }] }
}
