//! The path of a call.

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use temporal_authz::MethodInfo;

#[derive(Debug, Arbitrary)]
pub enum Path {
    Listed(u8),
    /// One of the few methods that are special.
    Special(u8),
    Odd(u8, u8),
}

impl Path {
    pub(super) fn text(&self, methods: &[MethodInfo]) -> String {
        const WORKFLOW: &str = "/temporal.api.workflowservice.v1.WorkflowService";
        let listed = |index: &u8| methods[usize::from(*index) % methods.len()].path().to_owned();
        match self {
            Path::Listed(index) => listed(index),
            Path::Special(index) => {
                let special = [
                    "StartWorkflowExecution",
                    "RespondWorkflowTaskCompleted",
                    "ExecuteMultiOperation",
                    "GetSystemInfo",
                    "ListNamespaces",
                    "RespondQueryTaskCompleted",
                ];
                match special.get(usize::from(index % 9)) {
                    Some(method) => format!("{WORKFLOW}/{method}"),
                    None if *index % 9 == 6 => "/grpc.health.v1.Health/Check".to_owned(),
                    None if *index % 9 == 7 => {
                        let admin = "/temporal.server.api.adminservice.v1.AdminService";
                        format!("{admin}/StreamWorkflowReplicationMessages")
                    }
                    None => "/temporal.server.api.adminservice.v1.AdminService/AddedLater".to_owned(),
                }
            }
            Path::Odd(index, how) => {
                let path = listed(index);
                match how % 12 {
                    0 => path + "/",
                    1 => format!("/{path}"),
                    2 => path.to_lowercase(),
                    3 => path + "?x=/y",
                    4 => path.replacen('.', "%2E", 1),
                    5 => path + "/more",
                    6 => path + "%20",
                    7 => path + "Later",
                    8 => path.replace('/', "//"),
                    9 => path + ";x",
                    10 => format!("http://host{path}"),
                    _ => "*".to_owned(),
                }
            }
        }
    }
}
