//! What prost finds in a request: the truth that the scanner is compared with, by the tests and by the fuzz targets.

use prost::Message;
use temporalio_protos::temporal::api::{
    command::v1::{
        RequestCancelExternalWorkflowExecutionCommandAttributes as Cancel,
        SignalExternalWorkflowExecutionCommandAttributes as Signal,
        StartChildWorkflowExecutionCommandAttributes as Start, command::Attributes,
    },
    operatorservice::v1::AddSearchAttributesRequest,
    workflowservice::v1::{
        ExecuteMultiOperationRequest, RespondActivityTaskCompletedRequest, RespondQueryTaskCompletedRequest,
        RespondWorkflowTaskCompletedRequest, StartWorkflowExecutionRequest, execute_multi_operation_request::operation,
    },
};

/// The requests compared: each has its namespace at another number, or embeds others.
pub(crate) const METHODS: [&str; 6] = [
    "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution",
    "/temporal.api.operatorservice.v1.OperatorService/AddSearchAttributes",
    "/temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskCompleted",
    "/temporal.api.workflowservice.v1.WorkflowService/RespondQueryTaskCompleted",
    COMMANDS,
    OPERATIONS,
];
pub(crate) const COMMANDS: &str = "/temporal.api.workflowservice.v1.WorkflowService/RespondWorkflowTaskCompleted";
pub(crate) const OPERATIONS: &str = "/temporal.api.workflowservice.v1.WorkflowService/ExecuteMultiOperation";

/// What a request wants to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Wanted {
    pub(crate) namespace: String,
    /// The path and the namespace of each target in another namespace, once, in order.
    pub(crate) targets: Vec<(&'static str, String)>,
    /// Whether an embedded operation names another namespace.
    pub(crate) mismatch: bool,
}

/// What a decoder finds that knows only the fields that the scanner looks for: it accepts what the scanner must accept
/// and refuses what it must refuse. `None` when the bytes do not decode.
pub(crate) fn exact(method: &str, message: &[u8]) -> Option<Wanted> {
    match METHODS.iter().position(|path| *path == method)? {
        0 => namespace(shallow::At1::decode(message).ok()?.namespace),
        1 => namespace(shallow::At2::decode(message).ok()?.namespace),
        2 => namespace(shallow::At4::decode(message).ok()?.namespace),
        3 => namespace(shallow::At6::decode(message).ok()?.namespace),
        4 => {
            let request = shallow::Completed::decode(message).ok()?;
            let named = request.commands.into_iter().filter_map(shallow::Command::named);
            Some(Wanted { targets: distinct(&request.namespace, named), namespace: request.namespace, mismatch: false })
        }
        _ => {
            let request = shallow::Multi::decode(message).ok()?;
            let inner = request.operations.into_iter().filter_map(|operation| operation.operation);
            let mismatch = inner.map(shallow::Member::namespace).any(|name| other(&request.namespace, &name));
            Some(Wanted { namespace: request.namespace, mismatch, ..Wanted::default() })
        }
    }
}

/// What the whole message has, as a handler decodes it. `None` when the bytes do not decode.
pub(crate) fn whole(method: &str, message: &[u8]) -> Option<Wanted> {
    match METHODS.iter().position(|path| *path == method)? {
        0 => namespace(StartWorkflowExecutionRequest::decode(message).ok()?.namespace),
        1 => namespace(AddSearchAttributesRequest::decode(message).ok()?.namespace),
        2 => namespace(RespondActivityTaskCompletedRequest::decode(message).ok()?.namespace),
        3 => namespace(RespondQueryTaskCompletedRequest::decode(message).ok()?.namespace),
        4 => {
            let request = RespondWorkflowTaskCompletedRequest::decode(message).ok()?;
            let named =
                request.commands.into_iter().filter_map(|command| named(command.command_type, command.attributes?));
            Some(Wanted { targets: distinct(&request.namespace, named), namespace: request.namespace, mismatch: false })
        }
        _ => {
            let request = ExecuteMultiOperationRequest::decode(message).ok()?;
            let inner = request.operations.into_iter().filter_map(|operation| operation.operation);
            let mismatch = inner
                .map(|operation| match operation {
                    operation::Operation::StartWorkflow(start) => start.namespace,
                    operation::Operation::UpdateWorkflow(update) => update.namespace,
                })
                .any(|name| other(&request.namespace, &name));
            Some(Wanted { namespace: request.namespace, mismatch, ..Wanted::default() })
        }
    }
}

/// Whether `encoded`, the attributes that the scanner gives for the target `wanted`, decode to those that the first
/// command of that target has. True for requests that do not decode.
pub(crate) fn attributes_agree(message: &[u8], wanted: &(&'static str, String), encoded: &[u8]) -> bool {
    let Ok(request) = RespondWorkflowTaskCompletedRequest::decode(message) else { return true };
    let first = request.commands.into_iter().find_map(|command| {
        let attributes = command.attributes?;
        (named(command.command_type, attributes.clone()).as_ref() == Some(wanted)).then_some(attributes)
    });
    match first {
        Some(Attributes::RequestCancelExternalWorkflowExecutionCommandAttributes(whole)) => {
            same_message::<Cancel>(&whole, encoded)
        }
        Some(Attributes::StartChildWorkflowExecutionCommandAttributes(whole)) => same_message::<Start>(&whole, encoded),
        Some(Attributes::SignalExternalWorkflowExecutionCommandAttributes(whole)) => {
            same_message::<Signal>(&whole, encoded)
        }
        _ => false,
    }
}

#[allow(clippy::eq_op, reason = "what is not equal to itself holds a NaN and cannot be compared")]
fn same_message<M: Message + Default + PartialEq>(whole: &M, encoded: &[u8]) -> bool {
    M::decode(encoded).is_ok_and(|found| found == *whole || found != found)
}

fn namespace(namespace: String) -> Option<Wanted> {
    Some(Wanted { namespace, ..Wanted::default() })
}

fn other(own: &str, name: &str) -> bool {
    !name.is_empty() && name != own
}

fn distinct(own: &str, named: impl Iterator<Item = (&'static str, String)>) -> Vec<(&'static str, String)> {
    let mut targets = Vec::new();
    for target in named.filter(|(_, name)| other(own, name)) {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}

const CANCEL: &str = "/temporal.api.workflowservice.v1.WorkflowService/RequestCancelWorkflowExecution";
const START: &str = METHODS[0];
const SIGNAL: &str = "/temporal.api.workflowservice.v1.WorkflowService/SignalWorkflowExecution";

#[expect(deprecated, reason = "Temporal calls the namespaces of commands deprecated, and serves them")]
fn named(command_type: i32, attributes: Attributes) -> Option<(&'static str, String)> {
    match (command_type, attributes) {
        (8, Attributes::RequestCancelExternalWorkflowExecutionCommandAttributes(cancel)) => {
            Some((CANCEL, cancel.namespace))
        }
        (11, Attributes::StartChildWorkflowExecutionCommandAttributes(start)) => Some((START, start.namespace)),
        (12, Attributes::SignalExternalWorkflowExecutionCommandAttributes(signal)) => Some((SIGNAL, signal.namespace)),
        _ => None,
    }
}

/// Temporal's messages without the fields that do not matter. What is bytes here is a message there.
mod shallow {
    macro_rules! at {
        ($($name:ident = $tag:literal;)+) => {$(
            #[derive(Clone, PartialEq, prost::Message)]
            pub(super) struct $name {
                #[prost(string, tag = $tag)]
                pub(super) namespace: String,
            }
        )+};
    }

    at! { At1 = "1"; At2 = "2"; At4 = "4"; At6 = "6"; }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Completed {
        #[prost(message, repeated, tag = "2")]
        pub(super) commands: Vec<Command>,
        #[prost(string, tag = "9")]
        pub(super) namespace: String,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Command {
        #[prost(int32, tag = "1")]
        command_type: i32,
        #[prost(oneof = "Attributes", tags = "2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19")]
        attributes: Option<Attributes>,
    }

    #[derive(Clone, PartialEq, prost::Oneof)]
    enum Attributes {
        #[prost(bytes, tag = "2")]
        A2(Vec<u8>),
        #[prost(bytes, tag = "3")]
        A3(Vec<u8>),
        #[prost(bytes, tag = "4")]
        A4(Vec<u8>),
        #[prost(bytes, tag = "5")]
        A5(Vec<u8>),
        #[prost(bytes, tag = "6")]
        A6(Vec<u8>),
        #[prost(bytes, tag = "7")]
        A7(Vec<u8>),
        #[prost(bytes, tag = "8")]
        A8(Vec<u8>),
        #[prost(message, tag = "9")]
        Cancel(At1),
        #[prost(bytes, tag = "10")]
        A10(Vec<u8>),
        #[prost(bytes, tag = "11")]
        A11(Vec<u8>),
        #[prost(message, tag = "12")]
        Start(At1),
        #[prost(message, tag = "13")]
        Signal(At1),
        #[prost(bytes, tag = "14")]
        A14(Vec<u8>),
        #[prost(bytes, tag = "15")]
        A15(Vec<u8>),
        #[prost(bytes, tag = "17")]
        A17(Vec<u8>),
        #[prost(bytes, tag = "18")]
        A18(Vec<u8>),
        #[prost(bytes, tag = "19")]
        A19(Vec<u8>),
    }

    impl Command {
        pub(super) fn named(self) -> Option<(&'static str, String)> {
            match (self.command_type, self.attributes?) {
                (8, Attributes::Cancel(cancel)) => Some((super::CANCEL, cancel.namespace)),
                (11, Attributes::Start(start)) => Some((super::START, start.namespace)),
                (12, Attributes::Signal(signal)) => Some((super::SIGNAL, signal.namespace)),
                _ => None,
            }
        }
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Multi {
        #[prost(string, tag = "1")]
        pub(super) namespace: String,
        #[prost(message, repeated, tag = "2")]
        pub(super) operations: Vec<Operation>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Operation {
        #[prost(oneof = "Member", tags = "1, 2")]
        pub(super) operation: Option<Member>,
    }

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(super) enum Member {
        #[prost(message, tag = "1")]
        Start(At1),
        #[prost(message, tag = "2")]
        Update(At1),
    }

    impl Member {
        pub(super) fn namespace(self) -> String {
            match self {
                Self::Start(message) | Self::Update(message) => message.namespace,
            }
        }
    }
}
