//! The rows of the method table against the methods of the descriptors.

use prost_types::{FieldDescriptorProto, MethodDescriptorProto, field_descriptor_proto::Type};
use temporal_authz::{MethodInfo, MethodTable};

use crate::descriptors::{Descriptors, is_single, request};

/// The services of a frontend that have descriptors.
pub const FRONTEND: [&str; 3] =
    ["temporal.api.workflowservice.v1.WorkflowService", "temporal.api.operatorservice.v1.OperatorService", HEALTH];
const HEALTH: &str = "grpc.health.v1.Health";

/// Services of the table that have none, and why.
const UNDESCRIBED: [(&str, &str); 2] = [
    ("temporal.server.api.adminservice.v1.AdminService", "its descriptors belong to the server and are not published"),
    ("temporal.api.nexusservice.v1.NexusService", "names that HTTP handlers authorize under; no gRPC service has them"),
];

/// Services of the descriptors that are in no table, and why.
const ELSEWHERE: [(&str, &str); 2] = [
    ("temporal.api.cloud.cloudservice.v1.CloudService", "a service of Temporal Cloud, not of a frontend"),
    ("temporal.api.testservice.v1.TestService", "a service of the SDKs' test server"),
];

/// Where table and descriptors differ, a line each.
fn differences(descriptors: &Descriptors, table: &MethodTable) -> Vec<String> {
    let mut lines = Vec::new();
    for (service, methods) in &descriptors.services {
        if ELSEWHERE.iter().any(|(name, _)| name == service) {
            continue;
        }
        if !FRONTEND.contains(&service.as_str()) {
            lines.push(format!("service {service} is new"));
        }
        for method in methods {
            let path = format!("/{service}/{}", method.name());
            match table.iter().find(|row| row.path() == path) {
                Some(row) => lines.extend(facts(descriptors, method, row).map(|fact| format!("{path}: {fact}"))),
                None => lines.push(format!("{path} is not in the table")),
            }
        }
    }
    lines.extend(
        table
            .iter()
            .filter(|row| !is_described(descriptors, row))
            .map(|row| format!("{} has no descriptor", row.path())),
    );
    lines
}

fn facts<'a>(
    descriptors: &'a Descriptors,
    method: &'a MethodDescriptorProto,
    row: &'a MethodInfo,
) -> impl Iterator<Item = String> + 'a {
    let number = |name, of| {
        let fields = &descriptors.messages[request(method)].field;
        let field = fields.iter().find(|field| field.name() == name && is_single(field, of));
        field.map(FieldDescriptorProto::number)
    };
    let told = [
        ("request", format!("{:?}", Some(request(method))), format!("{:?}", row.request())),
        ("namespace", format!("{:?}", number("namespace", Type::String)), format!("{:?}", row.namespace_field())),
        ("task token", format!("{:?}", number("task_token", Type::Bytes)), format!("{:?}", row.task_token_field())),
        (
            "streaming",
            format!("{:?}", method.client_streaming() || method.server_streaming()),
            format!("{:?}", row.is_streaming()),
        ),
    ];
    told.into_iter()
        .filter(|(_, descriptor, table)| descriptor != table)
        .map(|(what, descriptor, table)| format!("{what} is {descriptor}, in the table {table}"))
}

fn is_described(descriptors: &Descriptors, row: &MethodInfo) -> bool {
    let (service, name) = row.path()[1..].split_once('/').unwrap();
    UNDESCRIBED.iter().any(|(undescribed, _)| *undescribed == service)
        || descriptors.services.get(service).is_some_and(|methods| methods.iter().any(|method| method.name() == name))
}

#[test]
fn the_table_has_every_method_of_the_descriptors_and_no_other() {
    assert_eq!(differences(&Descriptors::temporal(), &MethodTable::temporal()), [""; 0]);
}

#[test]
fn every_exception_is_needed() {
    let (descriptors, table) = (Descriptors::temporal(), MethodTable::temporal());
    for (service, reason) in UNDESCRIBED {
        assert!(!descriptors.services.contains_key(service), "{service} has descriptors now, against: {reason}");
        assert!(table.iter().any(|row| row.path().starts_with(&format!("/{service}/"))), "{service} is in no row");
    }
    for (service, reason) in ELSEWHERE {
        assert!(descriptors.services.contains_key(service), "{service} has no descriptors, against: {reason}");
        assert!(!table.iter().any(|row| row.path().starts_with(&format!("/{service}/"))), "{service} is in the table");
    }
}

#[test]
fn what_changes_in_the_descriptors_is_a_difference() {
    const WORKFLOW: &str = FRONTEND[0];
    const REQUEST: &str = "temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest";
    fn method(all: &mut Descriptors) -> &mut MethodDescriptorProto {
        let methods = all.services.get_mut(WORKFLOW).unwrap();
        methods.iter_mut().find(|method| method.name() == "RespondWorkflowTaskCompleted").unwrap()
    }
    fn field<'a>(all: &'a mut Descriptors, name: &str) -> &'a mut FieldDescriptorProto {
        all.messages.get_mut(REQUEST).unwrap().field.iter_mut().find(|field| field.name() == name).unwrap()
    }
    type Change = fn(&mut Descriptors);
    let changes: [(Change, &str); 9] = [
        (
            |all| {
                let mut added = method(all).clone();
                added.name = Some("Added".into());
                all.services.get_mut(WORKFLOW).unwrap().push(added);
            },
            "/temporal.api.workflowservice.v1.WorkflowService/Added is not in the table",
        ),
        (
            |all| all.services.get_mut(HEALTH).unwrap().retain(|method| method.name() != "Check"),
            "/grpc.health.v1.Health/Check has no descriptor",
        ),
        (|all| drop(all.services.insert("acme.Added".into(), Vec::new())), "service acme.Added is new"),
        (|all| field(all, "namespace").number = Some(90), "namespace is Some(90), in the table Some(9)"),
        (|all| field(all, "namespace").set_type(Type::Bytes), "namespace is None, in the table Some(9)"),
        (|all| field(all, "task_token").number = Some(90), "task token is Some(90), in the table Some(1)"),
        (|all| method(all).client_streaming = Some(true), "streaming is true, in the table false"),
        (|all| method(all).server_streaming = Some(true), "streaming is true, in the table false"),
        (
            |all| method(all).input_type = Some(".grpc.health.v1.HealthCheckRequest".into()),
            "request is Some(\"grpc.health.v1.HealthCheckRequest\"), in the table",
        ),
    ];
    for (change, expected) in changes {
        let mut descriptors = Descriptors::temporal();
        change(&mut descriptors);
        let lines = differences(&descriptors, &MethodTable::temporal());
        assert!(lines.iter().any(|line| line.contains(expected)), "{expected}: {lines:?}");
    }
}
