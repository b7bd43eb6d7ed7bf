//! The state: namespaces, and workflow executions in the order in which they started.

use std::{
    collections::{BTreeMap, HashMap},
    time::SystemTime,
};

use aws_lc_rs::digest;
use prost::Message as _;
use temporalio_protos::temporal::api::{
    common::v1::WorkflowExecution,
    enums::v1::{EventType, WorkflowExecutionStatus},
    history::v1::{HistoryEvent, history_event::Attributes},
    workflowservice::v1::DescribeNamespaceResponse,
};
use tonic::Status;

use super::failure;

/// Executions kept; they are never forgotten, so this is also how many can be started.
pub(super) const MAX_EXECUTIONS: usize = 10_000;
/// Namespaces kept.
pub(super) const MAX_NAMESPACES: usize = 1_000;
/// Bytes of namespaces and history kept: payloads are the caller's, and may be 4 MiB each.
const MAX_STORED_BYTES: usize = 64 << 20;
/// Temporal's `limit.maxIDLength`.
const MAX_ID_BYTES: usize = 1_000;

/// All that the frontend knows.
#[derive(Default)]
pub(super) struct World {
    pub(super) namespaces: BTreeMap<String, DescribeNamespaceResponse>,
    /// By number: the order in which they started.
    pub(super) executions: BTreeMap<u64, Execution>,
    /// Namespace and workflow id to the number of the latest execution.
    latest: HashMap<(String, String), u64>,
    /// Run id to number.
    runs: HashMap<String, u64>,
    stored_bytes: usize,
}

/// One workflow execution.
pub(super) struct Execution {
    pub(super) namespace: String,
    pub(super) workflow_id: String,
    pub(super) run_id: String,
    pub(super) workflow_type: String,
    pub(super) task_queue: String,
    /// The id of the request that started it: the same request again is the same start.
    pub(super) request_id: String,
    pub(super) status: WorkflowExecutionStatus,
    pub(super) started: SystemTime,
    pub(super) closed: Option<SystemTime>,
    pub(super) cancel_requested: bool,
    pub(super) signals: u64,
    pub(super) history: Vec<HistoryEvent>,
}

impl Execution {
    pub(super) fn is_running(&self) -> bool {
        self.closed.is_none()
    }
}

impl World {
    /// A world with these namespaces; names past [`MAX_NAMESPACES`] are left out.
    pub(super) fn new(namespaces: impl Iterator<Item = String>) -> Self {
        let mut world = Self::default();
        for name in namespaces.take(MAX_NAMESPACES) {
            let described = super::namespaces::described(&name);
            world.namespaces.insert(name, described);
        }
        world
    }

    /// Signals received by the latest execution of a workflow id.
    pub(super) fn signals(&self, namespace: &str, workflow_id: &str) -> Option<u64> {
        let (_, execution) = self.latest(namespace, workflow_id)?;
        Some(execution.signals)
    }

    /// Refuses a namespace that is not registered.
    pub(super) fn known_namespace(&self, namespace: &str) -> Result<(), Status> {
        if namespace.is_empty() {
            // Go's NamespaceValidatorInterceptor.
            return Err(Status::invalid_argument("Namespace not set on request."));
        }
        match self.namespaces.contains_key(namespace) {
            true => Ok(()),
            false => Err(failure::namespace_not_found(namespace)),
        }
    }

    /// The latest execution of a workflow id, with its number.
    pub(super) fn latest(&self, namespace: &str, workflow_id: &str) -> Option<(u64, &Execution)> {
        let key = (namespace.to_owned(), workflow_id.to_owned());
        let number = *self.latest.get(&key)?;
        Some((number, self.executions.get(&number)?))
    }

    /// The execution that a request names: that run, or the latest when it names no run.
    pub(super) fn find(&self, namespace: &str, named: Option<&WorkflowExecution>) -> Result<(u64, &Execution), Status> {
        self.known_namespace(namespace)?;
        let named = named.ok_or_else(|| failure::not_set("Execution"))?;
        require("WorkflowId", &named.workflow_id)?;
        if named.run_id.is_empty() {
            return self
                .latest(namespace, &named.workflow_id)
                .ok_or_else(|| failure::workflow_not_found(&named.workflow_id));
        }
        if !is_identifier(&named.run_id) {
            return Err(Status::invalid_argument("Invalid RunId."));
        }
        self.runs
            .get(&named.run_id)
            .and_then(|number| Some((*number, self.executions.get(number)?)))
            .filter(|(_, found)| found.namespace == namespace && found.workflow_id == named.workflow_id)
            .ok_or_else(|| failure::run_not_found(&named.workflow_id, &named.run_id))
    }

    /// Keeps a new execution and answers its run id. Call [`World::reserve`] first.
    pub(super) fn insert(&mut self, mut execution: Execution, started: HistoryEvent) -> String {
        let number = self.executions.last_key_value().map_or(1, |(last, _)| last.saturating_add(1));
        let run_id = execution.run_id.clone();
        let key = (execution.namespace.clone(), execution.workflow_id.clone());
        execution.history.push(started);
        self.runs.insert(run_id.clone(), number);
        self.latest.insert(key, number);
        self.executions.insert(number, execution);
        run_id
    }

    /// Takes `bytes` off what may still be stored.
    pub(super) fn reserve(&mut self, bytes: usize) -> Result<(), Status> {
        let stored = self.stored_bytes.saturating_add(bytes);
        if stored > MAX_STORED_BYTES {
            return Err(failure::full("bytes"));
        }
        self.stored_bytes = stored;
        Ok(())
    }

    /// Appends an event to the history of a running execution and answers the execution, to be changed with it.
    pub(super) fn record(
        &mut self,
        number: u64,
        kind: EventType,
        attributes: Attributes,
    ) -> Result<&mut Execution, Status> {
        let next = self
            .executions
            .get(&number)
            .filter(|execution| execution.is_running())
            .ok_or_else(failure::already_completed)?
            .history
            .len();
        let event = event(next, kind, attributes);
        self.reserve(event.encoded_len())?;
        let execution = self.executions.get_mut(&number).ok_or_else(failure::already_completed)?;
        execution.history.push(event);
        Ok(execution)
    }
}

/// The event that follows `before` others.
pub(super) fn event(before: usize, kind: EventType, attributes: Attributes) -> HistoryEvent {
    HistoryEvent {
        event_id: i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1),
        event_time: Some(SystemTime::now().into()),
        event_type: kind.into(),
        attributes: Some(attributes),
        ..Default::default()
    }
}

/// Refuses a name that is empty or too long; `what` is the field's name in Temporal's messages.
pub(super) fn require(what: &str, value: &str) -> Result<(), Status> {
    match value.len() {
        0 => Err(failure::not_set(what)),
        1..=MAX_ID_BYTES => Ok(()),
        _ => Err(failure::too_long(what)),
    }
}

/// A UUID (version 8 of RFC 9562: a digest) that is the same for the same parts.
pub(super) fn identifier(parts: &[&str]) -> String {
    let digest = digest::digest(&digest::SHA256, parts.join("\0").as_bytes());
    let bits = digest.as_ref().first_chunk().map_or(0, |half: &[u8; 16]| u128::from_be_bytes(*half));
    format!(
        "{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}",
        bits >> 96,
        (bits >> 80) & 0xffff,
        (bits >> 64) & 0xfff,
        ((bits >> 48) & 0x3fff) | 0x8000,
        bits & 0xffff_ffff_ffff
    )
}

fn is_identifier(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
