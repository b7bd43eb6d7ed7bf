//! Every namespace that a request can name, at any depth: what becomes of it.

use std::collections::BTreeSet;

use prost_types::field_descriptor_proto::Type;
use temporal_authz::{Access, Embedded, MethodInfo, MethodTable, Scope};

use crate::{
    descriptors::{Descriptors, held},
    methods::FRONTEND,
};

/// What becomes of a namespace that is not the request's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    /// The command that names it is a target of its own.
    Judged,
    /// It must be the request's own, or empty.
    Equal,
    /// Only a cluster admin may name it.
    ClusterAdmin,
    /// It tells where something came from. Nothing is done there.
    Reference,
    /// Another way to name the request's own; who leaves the namespace empty needs a system role.
    Alternative,
}

use Treatment::{Alternative, ClusterAdmin, Equal, Judged, Reference};

/// Every string whose name has `namespace` in it, but for the ones that the table knows.
const KNOWN: [(&str, Treatment); 13] = [
    ("temporal.api.command.v1.RequestCancelExternalWorkflowExecutionCommandAttributes.namespace", Judged),
    ("temporal.api.command.v1.SignalExternalWorkflowExecutionCommandAttributes.namespace", Judged),
    ("temporal.api.command.v1.StartChildWorkflowExecutionCommandAttributes.namespace", Judged),
    ("temporal.api.workflowservice.v1.StartWorkflowExecutionRequest.namespace", Equal),
    ("temporal.api.workflowservice.v1.UpdateWorkflowExecutionRequest.namespace", Equal),
    ("temporal.api.nexus.v1.EndpointTarget.Worker.namespace", ClusterAdmin),
    ("temporal.api.common.v1.Link.Activity.namespace", Reference),
    ("temporal.api.common.v1.Link.Callback.namespace", Reference),
    ("temporal.api.common.v1.Link.NexusOperation.namespace", Reference),
    ("temporal.api.common.v1.Link.Workflow.namespace", Reference),
    ("temporal.api.common.v1.Link.WorkflowEvent.namespace", Reference),
    ("temporal.api.failure.v1.ChildWorkflowExecutionFailureInfo.namespace", Reference),
    ("temporal.api.operatorservice.v1.DeleteNamespaceRequest.namespace_id", Alternative),
];

/// A namespace inside a request, by the full name of its field.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    field: String,
    path: String,
}

/// Every namespace of every request of the frontend's services, except the one that the table knows.
fn named(descriptors: &Descriptors, table: &MethodTable) -> BTreeSet<Named> {
    let mut all = BTreeSet::new();
    for row in table.iter().filter(|row| FRONTEND.contains(&row.path()[1..].split_once('/').unwrap().0)) {
        let request = row.request().unwrap();
        let mut visited = BTreeSet::new();
        let mut todo = vec![(request, true)];
        while let Some((message, is_request)) = todo.pop() {
            // Messages hold themselves: a failure has a cause.
            if !visited.insert((message, is_request)) {
                continue;
            }
            for field in &descriptors.messages[message].field {
                let known = is_request && row.namespace_field().is_some_and(|number| field.number() == number as i32);
                if field.r#type() == Type::String && field.name().contains("namespace") && !known {
                    all.insert(Named { field: format!("{message}.{}", field.name()), path: row.path().to_owned() });
                }
                todo.extend(held(field).map(|inner| (inner, false)));
            }
        }
    }
    all
}

/// Whether a namespace that is treated so may be in a request of this method.
fn fits(treatment: Treatment, method: &MethodInfo) -> bool {
    match treatment {
        Judged => method.embedded() == Embedded::Commands,
        Equal => method.embedded() == Embedded::Operations,
        ClusterAdmin => method.scope() == Scope::Cluster && method.access() == Access::Admin,
        Reference => true,
        Alternative => method.embedded() == Embedded::Id,
    }
}

/// Namespaces that nobody decided about, and decisions about namespaces that there are not, a line each.
fn differences(descriptors: &Descriptors, table: &MethodTable) -> Vec<String> {
    let named = named(descriptors, table);
    let undecided = named.iter().filter(|Named { field, path }| {
        let known = KNOWN.iter().find(|(name, _)| name == field);
        !known.is_some_and(|(_, treatment)| fits(*treatment, table.find(path)))
    });
    let gone = KNOWN.iter().filter(|(name, _)| !named.iter().any(|it| it.field == *name));
    let undecided = undecided.map(|Named { field, path }| format!("{field} in {path} is new"));
    undecided.chain(gone.map(|(field, _)| format!("{field} is gone"))).collect()
}

#[test]
fn case_87_every_namespace_inside_a_request_is_decided_about() {
    assert_eq!(differences(&Descriptors::temporal(), &MethodTable::temporal()), [""; 0]);
}

#[test]
fn case_87_a_new_namespace_is_a_difference() {
    const WORKFLOW: &str = "temporal.api.workflowservice.v1";
    fn copy(all: &mut Descriptors, (from, field): (&str, &str), (to, name): (&str, &str)) {
        let mut field = all.field(from, field).clone();
        field.name = Some(name.to_owned());
        field.number = Some(2_000);
        all.messages.get_mut(to).unwrap().field.push(field);
    }
    type Change = fn(&mut Descriptors);
    let start = format!("{WORKFLOW}.StartWorkflowExecutionRequest");
    let service = format!("/{WORKFLOW}.WorkflowService");
    let changes: [(Change, String); 6] = [
        (
            |all| {
                copy(
                    all,
                    ("temporal.api.common.v1.Link.Workflow", "namespace"),
                    ("temporal.api.common.v1.Priority", "namespace"),
                )
            },
            format!("temporal.api.common.v1.Priority.namespace in {service}/StartWorkflowExecution is new"),
        ),
        (
            |all| {
                let request = format!("{WORKFLOW}.StartWorkflowExecutionRequest");
                copy(all, (&request, "namespace"), (&request, "target_namespace"));
            },
            format!("{start}.target_namespace in {service}/StartWorkflowExecution is new"),
        ),
        (
            |all| {
                let operation = format!("{WORKFLOW}.ExecuteMultiOperationRequest.Operation");
                copy(all, (&operation, "start_workflow"), (&format!("{WORKFLOW}.PauseActivityRequest"), "start"));
            },
            format!("{start}.namespace in {service}/PauseActivity is new"),
        ),
        (
            |all| {
                let operation = format!("{WORKFLOW}.ExecuteMultiOperationRequest.Operation");
                copy(
                    all,
                    (&operation, "start_workflow"),
                    (&format!("{WORKFLOW}.StartWorkflowExecutionRequest"), "then"),
                );
            },
            format!("{start}.namespace in {service}/StartWorkflowExecution is new"),
        ),
        (
            |all| {
                let completed = format!("{WORKFLOW}.RespondWorkflowTaskCompletedRequest");
                copy(all, (&completed, "commands"), (&format!("{WORKFLOW}.PauseActivityRequest"), "commands"));
            },
            format!(
                "temporal.api.command.v1.StartChildWorkflowExecutionCommandAttributes.namespace in {service}/PauseActivity is new"
            ),
        ),
        (
            |all| all.messages.get_mut("temporal.api.nexus.v1.EndpointTarget.Worker").unwrap().field.clear(),
            "temporal.api.nexus.v1.EndpointTarget.Worker.namespace is gone".to_owned(),
        ),
    ];
    for (change, expected) in changes {
        let mut descriptors = Descriptors::temporal();
        change(&mut descriptors);
        let lines = differences(&descriptors, &MethodTable::temporal());
        assert!(lines.contains(&expected), "{expected}: {lines:?}");
    }
}
