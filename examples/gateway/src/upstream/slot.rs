//! One place of the pool: a connection, an attempt at one, or a pause before the next attempt.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::{
    UpstreamOptions, backoff,
    connect::{Connection, connect},
    events,
};

/// Where the outcome of an attempt arrives, for every call that waits for it. Closed without an outcome: the attempt failed.
pub(super) type Attempt = watch::Receiver<Option<Lease>>;

/// A connection and which of the slot's connections it is.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    pub(super) connection: Connection,
    slot: Arc<Slot>,
    generation: u64,
}

/// What a slot has for a call.
#[derive(Debug)]
pub(super) enum Offer {
    Ready(Lease),
    Wait(Attempt),
    /// The last attempts failed and it is too early for another.
    Closed,
}

#[derive(Debug)]
pub(super) struct Slot {
    options: Arc<UpstreamOptions>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    stage: Stage,
    /// Connections so far.
    generation: u64,
    /// Attempts that failed since the last connection on which the upstream spoke.
    failures: u32,
}

#[derive(Debug)]
enum Stage {
    Connected(Connection),
    Connecting(Attempt),
    /// Nothing until a call comes, and not before the instant.
    Idle(Instant),
}

impl Slot {
    pub(super) fn new(options: Arc<UpstreamOptions>) -> Arc<Self> {
        let state = State { stage: Stage::Idle(Instant::now()), generation: 0, failures: 0 };
        Arc::new(Self { options, state: Mutex::new(state) })
    }

    /// The connection if there is one; else an attempt at one, begun now if none is running and the pause is over.
    pub(super) fn offer(self: &Arc<Self>) -> Offer {
        let mut state = self.lock();
        if let Stage::Connected(connection) = &state.stage
            && connection.sender.is_closed()
        {
            state.vacate();
        }
        match &state.stage {
            Stage::Connected(connection) => Offer::Ready(Lease {
                connection: connection.clone(),
                slot: Arc::clone(self),
                generation: state.generation,
            }),
            Stage::Connecting(attempt) => Offer::Wait(attempt.clone()),
            Stage::Idle(until) if Instant::now() < *until => Offer::Closed,
            Stage::Idle(_) => {
                let (outcome, attempt) = watch::channel(None);
                state.stage = Stage::Connecting(attempt.clone());
                // A task of its own: the caller that began the attempt may leave while others wait.
                tokio::spawn(Arc::clone(self).attempt(outcome));
                Offer::Wait(attempt)
            }
        }
    }

    async fn attempt(self: Arc<Self>, outcome: watch::Sender<Option<Lease>>) {
        let connected = connect(&self.options).await;
        let mut state = self.lock();
        match connected {
            Ok(connection) => {
                state.generation = state.generation.wrapping_add(1);
                state.stage = Stage::Connected(connection.clone());
                let lease = Lease { connection, slot: Arc::clone(&self), generation: state.generation };
                events::connected(&self.options.address);
                outcome.send_replace(Some(lease));
            }
            Err(error) => {
                let pause = state.fail(Instant::now());
                events::connect_failed(&self.options.address, &error, state.failures, pause);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No change of state can panic half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Gives up the connection. One that nobody spoke on (a balancer that accepts for backends that are not there) is as good as a
    /// failed attempt, counted from when it was made: the idle connection of hours is no reason to wait.
    fn vacate(&mut self) {
        if let Stage::Connected(connection) = &self.stage {
            let since = connection.since;
            if connection.greeting.is_a_frame() {
                self.failures = 0;
                self.stage = Stage::Idle(since);
            } else {
                self.fail(since);
            }
        }
    }

    fn fail(&mut self, at: Instant) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let pause = backoff::pause(self.failures);
        self.stage = Stage::Idle(at.checked_add(pause).unwrap_or(at));
        pause
    }
}

impl Lease {
    /// The connection takes no more calls: makes room for a new one, unless another call has done so, and says where. Calls that it
    /// carries are not disturbed.
    pub(super) fn retire(self) -> Arc<Slot> {
        let mut state = self.slot.lock();
        if state.generation == self.generation {
            state.vacate();
        }
        drop(state);
        self.slot
    }
}
