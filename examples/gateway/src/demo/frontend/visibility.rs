//! ListWorkflowExecutions and CountWorkflowExecutions, of a whole namespace: there is no query language here.

use temporalio_protos::temporal::api::workflowservice::v1::{
    CountWorkflowExecutionsRequest, CountWorkflowExecutionsResponse, ListWorkflowExecutionsRequest,
    ListWorkflowExecutionsResponse,
};
use tonic::Status;

use super::{executions::info, namespaces::page_size, world::World};

/// Temporal's `frontend.visibilityMaxPageSize`.
const MAX_PAGE: usize = 1_000;

impl World {
    /// Latest start first; the token of a page is the number of the last execution on it.
    pub(super) fn list_executions(
        &self,
        request: ListWorkflowExecutionsRequest,
    ) -> Result<ListWorkflowExecutionsResponse, Status> {
        self.known_namespace(&request.namespace)?;
        no_query(&request.query)?;
        let before = before(&request.next_page_token)?;
        let mut rest = self
            .executions
            .range(..before)
            .rev()
            .filter(|(_, execution)| execution.namespace == request.namespace)
            .peekable();
        let mut last = before;
        let mut executions = Vec::new();
        for (number, execution) in rest.by_ref().take(page_size(request.page_size, MAX_PAGE)) {
            last = *number;
            executions.push(info(execution));
        }
        let more = rest.peek().is_some();
        Ok(ListWorkflowExecutionsResponse {
            executions,
            next_page_token: if more { last.to_be_bytes().to_vec() } else { Vec::new() },
        })
    }

    pub(super) fn count_executions(
        &self,
        request: CountWorkflowExecutionsRequest,
    ) -> Result<CountWorkflowExecutionsResponse, Status> {
        self.known_namespace(&request.namespace)?;
        no_query(&request.query)?;
        let count = self.executions.values().filter(|execution| execution.namespace == request.namespace).count();
        Ok(CountWorkflowExecutionsResponse { count: i64::try_from(count).unwrap_or(i64::MAX), ..Default::default() })
    }
}

fn no_query(query: &str) -> Result<(), Status> {
    match query.trim() {
        "" => Ok(()),
        _ => Err(Status::invalid_argument(
            "invalid query: this in-memory frontend lists whole namespaces and takes no query",
        )),
    }
}

fn before(token: &[u8]) -> Result<u64, Status> {
    if token.is_empty() {
        return Ok(u64::MAX);
    }
    let number = token.try_into().map_err(|_| Status::invalid_argument("Invalid NextPageToken."))?;
    Ok(u64::from_be_bytes(number))
}
