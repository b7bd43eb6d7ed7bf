//! One call and its outcome.

use std::sync::Arc;

use super::Kind;
use crate::{
    gateway::Profile,
    keys::ring::Known,
    model::{Basis, May, Presence, Refusal},
    times::Moment,
    world::World,
};

/// A call on its way, with all that the model asks.
#[derive(Clone)]
pub struct Sent {
    pub number: u64,
    pub gateway: usize,
    pub kind: Kind,
    pub basis: Basis,
    pub suffices: bool,
    pub expires: u64,
    pub known: Option<Arc<Known>>,
    pub at: Moment,
}

/// What a caller was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Served,
    /// The call was allowed, and the upstream failed.
    Upstream(String),
    Refused(Refusal),
    Throttled,
    /// Nothing: the caller did not wait.
    Left,
    /// What nobody may be told.
    Odd(String),
}

impl Outcome {
    /// What a status means.
    pub fn of(code: u16, message: &str) -> Self {
        match (code, message) {
            (0, _) => Self::Served,
            (16, "Request unauthorized." | "Credentials expired.") => Self::Refused(Refusal::Unauthenticated),
            (7, "Request unauthorized.") => Self::Refused(Refusal::Denied),
            (14, "Authorization is not available at the moment.") => Self::Refused(Refusal::KeysAway),
            (8, "Too many failed credentials.") => Self::Throttled,
            (14, "upstream is unavailable") | (13 | 14, "the upstream reset the call") => {
                Self::Upstream(message.to_owned())
            }
            _ => Self::Odd(format!("{code} {message:?}")),
        }
    }

    pub fn has_passed(&self) -> bool {
        matches!(self, Self::Served | Self::Upstream(_))
    }
}

impl Sent {
    /// Whether this is how the gateway refuses such a call: `temporal` says 7 whatever the reason.
    pub fn is_right_refusal(&self, world: &World, may: &May, refusal: Refusal) -> bool {
        match world.gateways[self.gateway].profile {
            Profile::Temporal => refusal == Refusal::Denied && !may.refuse.is_empty(),
            Profile::Strict | Profile::Limited => may.refuse.contains(&refusal),
        }
    }

    /// Whether the limiter may turn it away: whatever has to be verified first. A token that it has passed before, and whose
    /// key was there ever since, is remembered.
    pub fn may_be_throttled(&self, world: &World, received: Moment) -> bool {
        if world.gateways[self.gateway].profile != Profile::Limited || self.kind.is_without_token() {
            return false;
        }
        let Some(passed) = self.known.as_ref().and_then(|known| known.passed(self.gateway)) else { return true };
        let Basis::Key { issuer, key, .. } = self.basis else { return true };
        let presence = world.issuers[issuer].history.key(key, passed.steady, received.steady);
        passed.steady >= self.at.steady || presence != Presence::Always
    }
}

impl Kind {
    fn is_without_token(self) -> bool {
        matches!(self, Self::Open | Self::NoToken)
    }
}
