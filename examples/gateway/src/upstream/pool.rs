//! The connections to the upstream, used in turn.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::time::{Instant, timeout_at};

use super::{
    UpstreamOptions,
    failure::Failure,
    slot::{Attempt, Lease, Offer, Slot},
};

#[derive(Debug)]
pub(super) struct Pool {
    slots: Vec<Arc<Slot>>,
    turn: AtomicUsize,
}

impl Pool {
    pub(super) fn new(options: &Arc<UpstreamOptions>) -> Self {
        Self {
            slots: (0..options.connections.max(1)).map(|_| Slot::new(Arc::clone(options))).collect(),
            turn: AtomicUsize::new(0),
        }
    }

    /// The next connection in turn that is there; when none is, the first that comes, for which the call waits no longer than its
    /// `deadline`. Slots without a connection begin an attempt on the way.
    pub(super) async fn lease(&self, deadline: Option<Instant>) -> Result<Lease, Failure> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let first = turn.checked_rem(self.slots.len()).unwrap_or(0);
        let mut waiting = None;
        for slot in self.slots.iter().cycle().skip(first).take(self.slots.len()) {
            match slot.offer() {
                Offer::Ready(lease) => return Ok(lease),
                Offer::Wait(attempt) => waiting = waiting.or(Some(attempt)),
                Offer::Closed => {}
            }
        }
        wait(waiting.ok_or(Failure::Unavailable)?, deadline).await
    }

    /// A fresh connection in the place of one that handed a request back.
    pub(super) async fn replace(&self, lease: Lease, deadline: Option<Instant>) -> Result<Lease, Failure> {
        match lease.retire().offer() {
            Offer::Ready(lease) => Ok(lease),
            Offer::Wait(attempt) => wait(attempt, deadline).await,
            Offer::Closed => Err(Failure::Unavailable),
        }
    }
}

/// Waits for an attempt; it ends by itself after the connect timeout.
async fn wait(mut attempt: Attempt, deadline: Option<Instant>) -> Result<Lease, Failure> {
    let outcome = attempt.wait_for(Option::is_some);
    let outcome = match deadline {
        Some(deadline) => timeout_at(deadline, outcome).await.map_err(|_| Failure::Deadline)?,
        None => outcome.await,
    };
    outcome.ok().and_then(|lease| lease.clone()).ok_or(Failure::Unavailable)
}
