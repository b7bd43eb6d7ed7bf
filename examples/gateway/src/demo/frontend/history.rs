//! GetWorkflowExecutionHistory, and the two long polls.

use std::time::Duration;

use temporalio_protos::temporal::api::{
    common::v1::WorkflowExecution,
    enums::v1::HistoryEventFilterType,
    history::v1::{History, HistoryEvent},
    workflowservice::v1::{
        GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse, PollWorkflowTaskQueueRequest,
        PollWorkflowTaskQueueResponse,
    },
};
use tokio::time::{Instant, sleep, timeout_at};
use tonic::Status;

use super::{
    Frontend,
    namespaces::page_size,
    world::{Execution, World, require},
};

/// Temporal's `history.longPollExpirationInterval`.
const HISTORY_WAIT: Duration = Duration::from_secs(20);
/// Temporal's `matching.longPollExpirationInterval`.
const TASK_WAIT: Duration = Duration::from_secs(60);
/// Events on one page.
const MAX_PAGE: usize = 256;

/// What there is to see now.
enum Look {
    /// An answer to give at once.
    Now(GetWorkflowExecutionHistoryResponse),
    /// Nothing yet; the answer to give when nothing comes.
    Later(GetWorkflowExecutionHistoryResponse),
}

impl Frontend {
    /// Events from the token on. With `wait_new_event` it waits for one: 20 seconds, or what the caller's own `timeout`
    /// leaves, and then answers with none and a token to go on with, as Temporal does.
    pub(super) async fn history(
        &self,
        request: GetWorkflowExecutionHistoryRequest,
        timeout: Option<Duration>,
    ) -> Result<GetWorkflowExecutionHistoryResponse, Status> {
        let deadline = Instant::now()
            .checked_add(bounded(HISTORY_WAIT, timeout))
            .ok_or_else(|| Status::internal("the clock has run out"))?;
        let mut changes = self.changes();
        loop {
            changes.mark_unchanged();
            let look = self.world().look(&request)?;
            let nothing = match look {
                Look::Now(answer) => return Ok(answer),
                Look::Later(nothing) => nothing,
            };
            if !matches!(timeout_at(deadline, changes.changed()).await, Ok(Ok(()))) {
                return Ok(nothing);
            }
        }
    }

    /// Waits a minute, or what the caller's own `timeout` leaves, and has no task to give.
    pub(super) async fn poll_workflow_task(
        &self,
        request: PollWorkflowTaskQueueRequest,
        timeout: Option<Duration>,
    ) -> Result<PollWorkflowTaskQueueResponse, Status> {
        self.world().known_namespace(&request.namespace)?;
        require("TaskQueue", &request.task_queue.unwrap_or_default().name)?;
        sleep(bounded(TASK_WAIT, timeout)).await;
        Ok(PollWorkflowTaskQueueResponse::default())
    }
}

impl World {
    fn look(&self, request: &GetWorkflowExecutionHistoryRequest) -> Result<Look, Status> {
        let (named, next) = position(request)?;
        let (_, execution) = self.find(&request.namespace, named.as_ref())?;
        let waits = request.wait_new_event && execution.is_running();
        if request.history_event_filter_type() == HistoryEventFilterType::CloseEvent {
            return Ok(match (execution.is_running(), execution.history.last()) {
                (false, Some(last)) => Look::Now(answer(vec![last.clone()], None)),
                _ if waits => Look::Later(answer(Vec::new(), Some((execution, next)))),
                _ => Look::Now(answer(Vec::new(), None)),
            });
        }
        let size = page_size(request.maximum_page_size, MAX_PAGE);
        let events: Vec<_> = execution.history.iter().skip(next).take(size).cloned().collect();
        let reached = next.saturating_add(events.len());
        let goes_on = waits || reached < execution.history.len();
        let nothing_new = events.is_empty() && waits;
        let answer = answer(events, goes_on.then_some((execution, reached)));
        Ok(match nothing_new {
            true => Look::Later(answer),
            false => Look::Now(answer),
        })
    }
}

/// Which execution, and how many of its events are already known. A token is a run id and that number.
fn position(request: &GetWorkflowExecutionHistoryRequest) -> Result<(Option<WorkflowExecution>, usize), Status> {
    if request.next_page_token.is_empty() {
        return Ok((request.execution.clone(), 0));
    }
    let (run_id, known) = std::str::from_utf8(&request.next_page_token)
        .ok()
        .and_then(|token| token.split_once('/'))
        .and_then(|(run_id, known)| Some((run_id, known.parse().ok()?)))
        .ok_or_else(|| Status::invalid_argument("Invalid NextPageToken."))?;
    let named = request.execution.clone().map(|execution| WorkflowExecution { run_id: run_id.to_owned(), ..execution });
    Ok((named, known))
}

fn answer(events: Vec<HistoryEvent>, next: Option<(&Execution, usize)>) -> GetWorkflowExecutionHistoryResponse {
    GetWorkflowExecutionHistoryResponse {
        history: Some(History { events }),
        next_page_token: next
            .map_or_else(Vec::new, |(execution, known)| format!("{}/{known}", execution.run_id).into_bytes()),
        ..Default::default()
    }
}

/// A tenth of the caller's time is left for the answer to arrive in.
fn bounded(own: Duration, callers: Option<Duration>) -> Duration {
    callers.map_or(own, |callers| own.min(callers.saturating_sub(callers.checked_div(10).unwrap_or_default())))
}
