//! Where the listener is between serving and stopped, as seen from connections and calls.

use tokio::sync::watch;
use tonic::Status;

/// In this order, never back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Serving,
    /// Running calls go on, nothing new begins.
    Draining,
    /// The time of the running calls is up.
    Expired,
}

/// A view of the phase.
#[derive(Debug, Clone)]
pub(super) struct Watch(watch::Receiver<Phase>);

impl Watch {
    /// The sender and the first view. When the sender is gone, the phase is expired.
    pub(super) fn new() -> (watch::Sender<Phase>, Self) {
        let (sender, receiver) = watch::channel(Phase::Serving);
        (sender, Self(receiver))
    }

    /// Comes when `phase` is reached or passed.
    pub(super) async fn reached(mut self, phase: Phase) {
        let _ = self.0.wait_for(|now| *now >= phase).await;
    }

    /// Whether the time of the running calls is up.
    pub(super) fn is_expired(&self) -> bool {
        *self.0.borrow() == Phase::Expired
    }
}

/// What a call is told that did not end in time.
pub(super) fn shutting_down() -> Status {
    Status::unavailable("the gateway is shutting down")
}
