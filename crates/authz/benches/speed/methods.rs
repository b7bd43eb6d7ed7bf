//! What is known of a method, by its path; over a hash table of the same paths.

use std::{collections::HashMap, hint::black_box};

use criterion::Criterion;
use temporal_authz::MethodTable;

const PATHS: [(&str, &str); 4] = [
    ("first of many", "/temporal.api.workflowservice.v1.WorkflowService/CountWorkflowExecutions"),
    ("start", "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution"),
    ("long", "/temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskCompletedById"),
    ("unlisted", "/acme.orders.v1.Orders/CreateOrder"),
];

pub(crate) fn benches(criterion: &mut Criterion) {
    let table = MethodTable::temporal();
    let paths: HashMap<&str, ()> = table.iter().map(|method| (method.path(), ())).collect();
    for (name, path) in PATHS {
        let mut group = criterion.benchmark_group(format!("method/{name}"));
        group.bench_function("std HashMap", |bencher| bencher.iter(|| paths.get(black_box(path))));
        group.bench_function("table", |bencher| bencher.iter(|| black_box(table.find(black_box(path))).scope()));
        group.finish();
    }
}
