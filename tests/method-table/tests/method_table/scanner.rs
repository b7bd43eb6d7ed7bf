//! The scanner on messages that are put together from the field numbers of the descriptors.

use bytes::Bytes;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::FieldDescriptorProto;
use temporal_authz::{Embedded, MethodTable};
use temporal_interceptor::{
    Limits,
    request::{ScanError, Scanned, scan},
};

use crate::descriptors::{Descriptors, held, request};

const COMPLETED: &str = "temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest";
const COMMAND: &str = "temporal.api.command.v1.Command";
const MULTI: &str = "temporal.api.workflowservice.v1.ExecuteMultiOperationRequest";
const OPERATION: &str = "temporal.api.workflowservice.v1.ExecuteMultiOperationRequest.Operation";

/// The commands that are judged: type, member of the oneof `attributes`, method.
const JUDGED: [(&str, &str, &str); 3] = [
    (
        "COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION",
        "request_cancel_external_workflow_execution_command_attributes",
        "RequestCancelWorkflowExecution",
    ),
    (
        "COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION",
        "start_child_workflow_execution_command_attributes",
        "StartWorkflowExecution",
    ),
    (
        "COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION",
        "signal_external_workflow_execution_command_attributes",
        "SignalWorkflowExecution",
    ),
];

fn encoded(field: &FieldDescriptorProto, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_key(field.number() as u32, WireType::LengthDelimited, &mut bytes);
    encode_varint(content.len() as u64, &mut bytes);
    bytes.extend_from_slice(content);
    bytes
}

/// A command of the named type, with the encoded fields of its attributes.
fn command(all: &Descriptors, command_type: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let values = &all.enums["temporal.api.enums.v1.CommandType"].value;
    let value = values.iter().find(|value| value.name() == command_type).unwrap().number();
    let mut bytes = Vec::new();
    encode_key(all.field(COMMAND, "command_type").number() as u32, WireType::Varint, &mut bytes);
    encode_varint(value as u64, &mut bytes);
    bytes.extend(attributes.concat());
    encoded(all.field(COMPLETED, "commands"), &bytes)
}

fn found(embedded: Embedded, message: &[u8]) -> Result<Scanned<'_>, ScanError> {
    let table = MethodTable::temporal();
    let mut methods = table.iter().filter(|method| method.embedded() == embedded);
    let method = methods.next().unwrap();
    assert!(methods.next().is_none(), "one method has {embedded:?}");
    scan(method, message, &Limits::default())
}

#[test]
fn each_judged_command_is_found() {
    let all = Descriptors::temporal();
    for (command_type, member, method) in JUDGED {
        let member = all.field(COMMAND, member);
        let attributes = encoded(all.field(held(member).unwrap(), "namespace"), b"there");
        let own = encoded(all.field(COMPLETED, "namespace"), b"here");
        let message = [own, command(&all, command_type, &[encoded(member, &attributes)])].concat();
        let scanned = found(Embedded::Commands, &message).unwrap();
        assert_eq!((scanned.namespace(), scanned.commands().len()), ("here", 1));
        let target = &scanned.commands()[0];
        assert_eq!(target.api_name(), format!("/temporal.api.workflowservice.v1.WorkflowService/{method}"));
        assert_eq!((target.namespace(), Some(target.attributes_name())), ("there", held(member)));
        assert_eq!(target.attributes(), &attributes);
    }
}

#[test]
fn each_method_that_a_command_stands_for_is_in_the_descriptors() {
    let all = Descriptors::temporal();
    let methods = &all.services["temporal.api.workflowservice.v1.WorkflowService"];
    for (_, _, name) in JUDGED {
        let method = methods.iter().find(|method| method.name() == name).unwrap();
        assert_eq!(request(method), format!("temporal.api.workflowservice.v1.{name}Request"));
    }
}

#[test]
fn any_other_attributes_replace_and_no_other_field_does() {
    let all = Descriptors::temporal();
    let oneofs = &all.messages[COMMAND].oneof_decl;
    let attributes = oneofs.iter().position(|oneof| oneof.name() == "attributes").unwrap();
    let (mut members, mut others) = (0, 0);
    for (command_type, own, _) in JUDGED {
        let own = all.field(COMMAND, own);
        let first = encoded(own, &encoded(all.field(held(own).unwrap(), "namespace"), b"there"));
        for field in all.messages[COMMAND].field.iter().filter(|field| held(field).is_some()) {
            let message = command(&all, command_type, &[first.clone(), encoded(field, b"")]);
            let scanned = found(Embedded::Commands, &message).unwrap();
            let replaces = field.oneof_index == Some(attributes as i32) && field.number() != own.number();
            assert_eq!(scanned.commands().is_empty(), replaces, "{command_type}, then {}", field.name());
            *(if replaces { &mut members } else { &mut others }) += 1;
        }
    }
    assert!(members >= 3 * 16 && others >= 3 * 3, "{members} replace, {others} do not");
}

#[test]
fn each_operation_is_compared() {
    let all = Descriptors::temporal();
    let operations = &all.messages[OPERATION].field;
    assert_eq!(operations.len(), 2);
    for operation in operations {
        let inner = all.field(held(operation).unwrap(), "namespace");
        for (name, expected) in [("here", Ok("here")), ("", Ok("here")), ("there", Err(ScanError::NamespaceMismatch))] {
            let operation = encoded(operation, &encoded(inner, name.as_bytes()));
            let own = encoded(all.field(MULTI, "namespace"), b"here");
            let message = [own, encoded(all.field(MULTI, "operations"), &operation)].concat();
            let scanned = found(Embedded::Operations, &message);
            assert_eq!(scanned.as_ref().map(Scanned::namespace).map_err(|error| *error), expected, "{name}");
        }
    }
}

#[test]
fn an_id_beside_the_name_is_found() {
    let (all, table) = (Descriptors::temporal(), MethodTable::temporal());
    // An id of a namespace goes by these two names, and in these two requests only.
    for (request, id) in [("DescribeNamespaceRequest", "id"), ("DeleteNamespaceRequest", "namespace_id")] {
        let mut methods = table.iter().filter(|method| method.request().is_some_and(|name| name.ends_with(request)));
        let method = methods.next().unwrap();
        let message = method.request().unwrap();
        let field = |name| encoded(all.field(message, name), b"here");
        let both = Bytes::from([field("namespace"), field(id)].concat());
        assert_eq!(scan(method, &both, &Limits::default()), Err(ScanError::NamespaceMismatch), "{request}");
    }
    assert_eq!(table.iter().filter(|method| method.embedded() == Embedded::Id).count(), 2);
}

#[test]
fn the_namespace_of_every_request_is_found() {
    let (all, table) = (Descriptors::temporal(), MethodTable::temporal());
    let mut count = 0;
    for method in table.iter().filter(|method| method.namespace_field().is_some()) {
        let Some(message) = all.messages.get(method.request().unwrap()) else { continue };
        let field = message.field.iter().find(|field| field.name() == "namespace").unwrap();
        let message = encoded(field, b"here");
        let scanned = scan(method, &message, &Limits::default()).unwrap();
        assert_eq!(scanned.namespace(), "here", "{}", method.path());
        count += 1;
    }
    assert!(count > 100, "{count} requests");
}
