//! RegisterNamespace, DescribeNamespace, ListNamespaces.

use std::ops::Bound;

use prost::Message as _;
use temporalio_protos::temporal::api::{
    enums::v1::NamespaceState,
    namespace::v1::{NamespaceConfig, NamespaceInfo},
    workflowservice::v1::{
        DescribeNamespaceRequest, DescribeNamespaceResponse, ListNamespacesRequest, ListNamespacesResponse,
        RegisterNamespaceRequest, RegisterNamespaceResponse,
    },
};
use tonic::Status;

use super::{
    failure,
    world::{MAX_NAMESPACES, World, identifier, require},
};

/// Temporal's lower bound of a retention, in seconds.
const MIN_RETENTION_SECONDS: i64 = 3_600;
/// A page, whatever larger size is asked for.
const MAX_PAGE: usize = 100;

/// A namespace as `DescribeNamespace` shows it, with nothing but a name.
pub(super) fn described(name: &str) -> DescribeNamespaceResponse {
    DescribeNamespaceResponse {
        namespace_info: Some(NamespaceInfo {
            name: name.to_owned(),
            state: NamespaceState::Registered.into(),
            id: identifier(&["namespace", name]),
            ..Default::default()
        }),
        config: Some(NamespaceConfig::default()),
        ..Default::default()
    }
}

impl World {
    pub(super) fn register_namespace(
        &mut self,
        request: RegisterNamespaceRequest,
    ) -> Result<RegisterNamespaceResponse, Status> {
        require("Namespace", &request.namespace)?;
        let retention = request.workflow_execution_retention_period;
        if retention.is_none_or(|period| period.seconds < MIN_RETENTION_SECONDS) {
            return Err(Status::invalid_argument("A valid retention period is not set on request."));
        }
        if self.namespaces.contains_key(&request.namespace) {
            return Err(failure::namespace_already_exists());
        }
        if self.namespaces.len() >= MAX_NAMESPACES {
            return Err(failure::full("namespaces"));
        }
        let mut entry = described(&request.namespace);
        if let Some(info) = &mut entry.namespace_info {
            info.description = request.description;
            info.owner_email = request.owner_email;
            info.data = request.data;
        }
        entry.config = Some(NamespaceConfig { workflow_execution_retention_ttl: retention, ..Default::default() });
        self.reserve(entry.encoded_len())?;
        self.namespaces.insert(request.namespace, entry);
        Ok(RegisterNamespaceResponse {})
    }

    /// By name, or by id when no name is given.
    pub(super) fn describe_namespace(
        &self,
        request: DescribeNamespaceRequest,
    ) -> Result<DescribeNamespaceResponse, Status> {
        let found = match (request.namespace.as_str(), request.id.as_str()) {
            ("", "") => return Err(Status::invalid_argument("Namespace not set on request.")),
            ("", id) => {
                self.namespaces.values().find(|entry| entry.namespace_info.as_ref().is_some_and(|info| info.id == id))
            }
            (name, _) => self.namespaces.get(name),
        };
        found.cloned().ok_or_else(|| {
            failure::namespace_not_found(match request.namespace.as_str() {
                "" => &request.id,
                name => name,
            })
        })
    }

    /// In the order of their names; the token of a page is the last name on it.
    pub(super) fn list_namespaces(&self, request: ListNamespacesRequest) -> Result<ListNamespacesResponse, Status> {
        let after = String::from_utf8(request.next_page_token)
            .map_err(|_| Status::invalid_argument("Invalid NextPageToken."))?;
        let size = page_size(request.page_size, MAX_PAGE);
        let mut rest = self.namespaces.range::<str, _>((Bound::Excluded(after.as_str()), Bound::Unbounded)).peekable();
        let mut last = String::new();
        let mut namespaces = Vec::new();
        for (name, entry) in rest.by_ref().take(size) {
            name.clone_into(&mut last);
            namespaces.push(entry.clone());
        }
        let more = rest.peek().is_some();
        Ok(ListNamespacesResponse { namespaces, next_page_token: if more { last.into_bytes() } else { Vec::new() } })
    }
}

/// What was asked for, between 1 and `max`; `max` when nothing sensible was.
pub(super) fn page_size(asked: i32, max: usize) -> usize {
    match usize::try_from(asked) {
        Ok(0) | Err(_) => max,
        Ok(asked) => asked.min(max),
    }
}
