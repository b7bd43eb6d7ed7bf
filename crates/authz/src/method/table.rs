//! Finding the row of a method.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{Access, MethodInfo, Scope, is_method_path, path::is_segment, temporal::TEMPORAL};

/// The methods that are known, looked up by exact path.
///
/// A service can also be listed whole: Temporal's AdminService is, so that a method that a newer server adds to it is
/// an admin's too. Everything else has [`Scope::Unknown`], which the default authorizer denies to everybody.
#[derive(Debug, Clone)]
pub struct MethodTable {
    methods: HashMap<String, MethodInfo, RandomState>,
    services: Vec<(String, MethodInfo)>,
    unknown: MethodInfo,
}

impl MethodTable {
    /// The methods of Temporal's frontend: WorkflowService, OperatorService, AdminService, Health and the names that
    /// its Nexus handlers authorize under.
    pub fn temporal() -> Self {
        Self::builder().table
    }

    /// Temporal's methods, to add others to.
    pub fn builder() -> MethodTableBuilder {
        let mut builder = MethodTableBuilder::empty();
        builder.table.methods = TEMPORAL.iter().map(|method| (method.path().to_owned(), method.clone())).collect();
        // As Temporal's GetMethodMetadata: any method of AdminService, listed or not, is the cluster admin's.
        let admin = MethodInfo::streaming(format!("{ADMIN_SERVICE}*"), Scope::Cluster, Access::Admin);
        builder.table.services.push((ADMIN_SERVICE.to_owned(), admin));
        builder
    }

    /// The row of `path`: its own, that of its service if the service is listed whole, or the one for unknown methods.
    #[inline]
    pub fn find(&self, path: &str) -> &MethodInfo {
        if let Some(method) = self.methods.get(path) {
            return method;
        }
        self.services
            .iter()
            .find(|(prefix, _)| path.strip_prefix(prefix.as_str()).is_some_and(is_segment))
            .map_or(&self.unknown, |(_, method)| method)
    }

    /// Every method that is listed, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &MethodInfo> {
        self.methods.values()
    }
}

impl Default for MethodTable {
    fn default() -> Self {
        Self::temporal()
    }
}

const ADMIN_SERVICE: &str = "/temporal.server.api.adminservice.v1.AdminService/";

/// Adds methods to a [`MethodTable`].
#[derive(Debug, Clone)]
pub struct MethodTableBuilder {
    table: MethodTable,
}

impl MethodTableBuilder {
    /// No methods at all, for a service that has nothing to do with Temporal's.
    pub fn empty() -> Self {
        // Nothing is known of an unlisted method, so its body is not read.
        let unknown = MethodInfo::streaming("/*", Scope::Unknown, Access::Admin);
        Self { table: MethodTable { methods: HashMap::default(), services: Vec::new(), unknown } }
    }

    /// Adds a method.
    ///
    /// # Errors
    /// A path that is no method path, or that is listed already.
    pub fn method(mut self, method: MethodInfo) -> Result<Self, MethodTableError> {
        let path = method.path();
        if !is_method_path(path) {
            return Err(MethodTableError::Path(path.to_owned()));
        }
        if self.table.methods.contains_key(path) {
            return Err(MethodTableError::Repeated(path.to_owned()));
        }
        self.table.methods.insert(path.to_owned(), method);
        Ok(self)
    }

    /// The table.
    pub fn build(self) -> MethodTable {
        self.table
    }
}

/// A method that cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MethodTableError {
    /// Not of the form `/package.Service/Method`.
    #[error("{0:?} is no method path: expected /package.Service/Method")]
    Path(String),
    /// Listed already, perhaps as one of Temporal's own.
    #[error("method {0} is listed already")]
    Repeated(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_found_by_its_exact_path_and_admin_service_by_its_prefix_too() {
        let table = MethodTable::temporal();
        let start = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
        assert_eq!(table.find(start).path(), start);
        for (path, scope) in [
            (start, Scope::Namespace),
            ("/temporal.api.workflowservice.v1.WorkflowService/ListNamespaces", Scope::Cluster),
            ("/temporal.api.workflowservice.v1.WorkflowService/listnamespaces", Scope::Unknown),
            ("/temporal.api.workflowservice.v1.WorkflowService/x/ListNamespaces", Scope::Unknown),
            ("/temporal.server.api.adminservice.v1.AdminService/AddTasks", Scope::Cluster),
            ("/temporal.server.api.adminservice.v1.AdminService/AddedLater", Scope::Cluster),
            ("/temporal.server.api.adminservice.v1.AdminService/", Scope::Unknown),
            ("/temporal.server.api.adminservice.v1.AdminService/a/b", Scope::Unknown),
            ("/temporal.server.api.adminservice.v1.AdminServiceX/AddTasks", Scope::Unknown),
            ("/grpc.health.v1.Health/Check", Scope::Unknown),
            ("", Scope::Unknown),
        ] {
            assert_eq!(table.find(path).scope(), scope, "{path}");
        }
        assert_eq!(table.iter().count(), 188);
    }

    #[test]
    fn an_unlisted_method_is_never_buffered() {
        let table = MethodTable::temporal();
        for path in ["/a.B/C", "/temporal.server.api.adminservice.v1.AdminService/AddedLater"] {
            assert!(table.find(path).is_streaming(), "{path}");
        }
    }

    #[test]
    fn a_method_is_listed_once_and_by_a_real_path() {
        let method = |path: &str| MethodInfo::unary(path, Scope::Namespace, Access::Write);
        let table = MethodTable::builder().method(method("/acme.Orders/Create")).unwrap();
        assert_eq!(
            table.clone().method(method("/acme.Orders/Create")).unwrap_err(),
            MethodTableError::Repeated("/acme.Orders/Create".into())
        );
        let temporals = "/temporal.api.workflowservice.v1.WorkflowService/ListNamespaces";
        assert!(table.clone().method(method(temporals)).is_err());
        assert!(table.clone().method(method("acme.Orders/Create")).is_err());
        assert_eq!(table.build().find("/acme.Orders/Create").access(), Access::Write);
    }
}
