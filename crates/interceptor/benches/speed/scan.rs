//! Finding what a request wants to do, over decoding all of it with prost: the scan, beside what a handler does anyway.

use std::{hint::black_box, time::Duration};

use crate::support::requests::{COMPLETED, START, completed, start};
use bytes::Bytes;
use criterion::Criterion;
use prost::Message;
use temporal_authz::MethodTable;
use temporal_interceptor::{Limits, request::scan};
use temporalio_protos::temporal::api::workflowservice::v1::{
    RespondWorkflowTaskCompletedRequest, StartWorkflowExecutionRequest,
};

fn both<M: Message + Default>(criterion: &mut Criterion, name: &str, path: &str, message: &Bytes) {
    let (table, limits) = (MethodTable::temporal(), Limits::default());
    let method = table.find(path);
    let mut group = criterion.benchmark_group(format!("scan/{name}, {} B", message.len()));
    group.measurement_time(Duration::from_secs(1));
    group.bench_function("prost", |bencher| bencher.iter(|| M::decode(black_box(message).clone()).unwrap()));
    group.bench_function("scan", |bencher| bencher.iter(|| scan(method, black_box(message), &limits).unwrap()));
    group.finish();
}

pub(crate) fn benches(criterion: &mut Criterion) {
    for (name, input) in
        [("small start", 20), ("2 KB start", 1_850), ("64 KB start", 64 << 10), ("1 MB start", 1 << 20)]
    {
        both::<StartWorkflowExecutionRequest>(criterion, name, START, &start(input));
    }
    for (name, commands) in [("1 command", 1), ("10 commands", 10), ("100 commands", 100)] {
        both::<RespondWorkflowTaskCompletedRequest>(criterion, name, COMPLETED, &completed(commands));
    }
}
