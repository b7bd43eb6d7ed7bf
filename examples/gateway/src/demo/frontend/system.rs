//! Methods that concern no namespace: GetSystemInfo, GetClusterInfo, and the health check.

use temporalio_protos::{
    grpc::health::v1::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus},
    temporal::api::workflowservice::v1::{
        GetClusterInfoRequest, GetClusterInfoResponse, GetSystemInfoRequest, GetSystemInfoResponse,
        get_system_info_response::Capabilities,
    },
};
use tonic::Status;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "-in-memory");
const CLUSTER: &str = "in-memory";

/// No capability is claimed: clients then use the oldest form of each call.
pub(super) fn system_info(_: &GetSystemInfoRequest) -> GetSystemInfoResponse {
    GetSystemInfoResponse { server_version: VERSION.to_owned(), capabilities: Some(Capabilities::default()) }
}

pub(super) fn cluster_info(_: &GetClusterInfoRequest) -> GetClusterInfoResponse {
    GetClusterInfoResponse {
        server_version: VERSION.to_owned(),
        cluster_id: super::world::identifier(&["cluster", CLUSTER]),
        cluster_name: CLUSTER.to_owned(),
        history_shard_count: 1,
        persistence_store: CLUSTER.to_owned(),
        visibility_store: CLUSTER.to_owned(),
        ..Default::default()
    }
}

/// Serving, as a whole and as the WorkflowService; any other name is unknown.
pub(super) fn health(request: &HealthCheckRequest) -> Result<HealthCheckResponse, Status> {
    match request.service.as_str() {
        "" | "temporal.api.workflowservice.v1.WorkflowService" => {
            Ok(HealthCheckResponse { status: ServingStatus::Serving.into() })
        }
        _ => Err(Status::not_found("unknown service")),
    }
}
