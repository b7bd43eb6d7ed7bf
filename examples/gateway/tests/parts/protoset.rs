//! The descriptor file, read as grpcurl reads it.

use std::collections::HashSet;

use prost::Message as _;
use prost_types::FileDescriptorSet;
use temporal_gateway::protoset::{DESCRIPTORS, ProtosetArgs, run};

use super::mint::Scratch;

#[test]
fn the_descriptor_set_is_complete_and_has_temporals_services() {
    let scratch = Scratch::new("protoset");
    let file = scratch.0.join("temporal.protoset");
    let mut out = Vec::new();
    run(&ProtosetArgs { output: Some(file.clone()) }, &mut out).unwrap();
    assert!(out.is_empty());
    run(&ProtosetArgs::default(), &mut out).unwrap();
    assert_eq!(out, std::fs::read(&file).unwrap());
    assert_eq!(out, DESCRIPTORS);

    let set = FileDescriptorSet::decode(&out[..]).unwrap();
    let mut known = HashSet::new();
    let mut services = HashSet::new();
    for file in &set.file {
        // grpcurl needs every import in the set; protoc writes them before the files that need them.
        for import in &file.dependency {
            assert!(known.contains(import.as_str()), "{} imports {import}", file.name());
        }
        known.insert(file.name());
        for service in &file.service {
            services.insert((format!("{}.{}", file.package(), service.name()), service.method.len()));
        }
    }
    for (name, methods) in [
        ("temporal.api.workflowservice.v1.WorkflowService", 123),
        ("temporal.api.operatorservice.v1.OperatorService", 12),
        ("grpc.health.v1.Health", 2),
    ] {
        assert!(services.contains(&(name.to_owned(), methods)), "{name}: {services:?}");
    }

    let nowhere = ProtosetArgs { output: Some(scratch.0.join("no").join("file")) };
    let error = run(&nowhere, &mut Vec::new()).unwrap_err();
    assert!(format!("{error:#}").contains("writing "));
}
