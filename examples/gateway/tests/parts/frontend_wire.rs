//! The frontend as a gRPC server: framing, unknown methods, limits, health.

use bytes::{BufMut as _, Bytes, BytesMut};
use http_body_util::Full;
use temporalio_protos::{
    grpc::health::v1::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus},
    temporal::api::workflowservice::v1::*,
};
use tonic::Code;

use super::grpc::{Harness, answer_of, framed, path, request_to};

#[tokio::test]
async fn system_info_cluster_info_and_health_are_answered() {
    let harness = Harness::start().await;
    let system: GetSystemInfoResponse = harness.call("GetSystemInfo", GetSystemInfoRequest {}).await.unwrap();
    assert!(!system.server_version.is_empty() && system.capabilities.is_some());
    let cluster: GetClusterInfoResponse = harness.call("GetClusterInfo", GetClusterInfoRequest {}).await.unwrap();
    assert_eq!(cluster.cluster_name, "in-memory");
    for (service, expected) in [
        ("", Ok(ServingStatus::Serving)),
        ("temporal.api.workflowservice.v1.WorkflowService", Ok(ServingStatus::Serving)),
        ("other", Err(Code::NotFound)),
    ] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = harness.unary::<_, HealthCheckResponse>("/grpc.health.v1.Health/Check", request).await;
        let answer = answer.map(|found| found.status()).map_err(|status| status.code());
        assert_eq!(answer, expected, "{service:?}");
    }
}

#[tokio::test]
async fn what_is_not_one_plain_message_for_a_known_method_is_refused() {
    let harness = Harness::start().await;
    let mut two = BytesMut::from(&framed(0, b"")[..]);
    two.put_slice(&framed(0, b""));
    let mut short = BytesMut::from(&framed(0, b"abc")[..]);
    short.truncate(7);
    let info = path("GetSystemInfo");
    let cases = [
        (info.as_str(), Bytes::new(), Code::Internal),
        (&info, two.freeze(), Code::Internal),
        (&info, short.freeze(), Code::Internal),
        (&info, framed(1, b""), Code::Unimplemented),
        (&info, framed(2, b""), Code::Internal),
        // Field 1, length 9, and nothing behind it.
        (&path("ListWorkflowExecutions"), framed(0, &[0x0a, 9]), Code::Internal),
        (&info, framed(0, &vec![0; (4 << 20) + 1]), Code::ResourceExhausted),
        (&path("UpdateNamespace"), framed(0, b""), Code::Unimplemented),
        (&path("getsysteminfo"), framed(0, b""), Code::Unimplemented),
        ("/grpc.health.v1.Health/Watch", framed(0, b""), Code::Unimplemented),
        ("/other.Service/Method", framed(0, b""), Code::Unimplemented),
        ("/nothing", framed(0, b""), Code::Unimplemented),
    ];
    for (path, body, code) in cases {
        let request = request_to(path).body(Full::new(body)).unwrap();
        let status = answer_of::<GetSystemInfoResponse, _>(harness.send(request).await).await.unwrap_err();
        assert_eq!(status.code(), code, "{path}: {status}");
        assert!(harness.frontend.calls(path) > 0, "{path} was counted");
    }
    assert_eq!(harness.frontend.calls("/never/Called"), 0);
}

#[tokio::test]
async fn what_is_not_grpc_gets_an_http_status() {
    let harness = Harness::start().await;
    let uri = format!("http://frontend{}", path("GetSystemInfo"));
    let requests = [
        http::Request::get(&uri).header("content-type", "application/grpc"),
        http::Request::post(&uri).header("content-type", "application/json"),
        http::Request::post(&uri),
    ];
    for request in requests {
        let answer = harness.send(request.body(Full::default()).unwrap()).await;
        assert_eq!(answer.status(), 415);
    }
}
