//! Calls that find out when all is well.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use crate::{
    gateway::Profile,
    keys::{
        Key,
        ring::{NAMESPACE, STRANGER, claims, new_signer},
    },
    ledger::Fault,
    load::{Kind, Line, Outcome, Sent, lane::ask, plan::Ready},
    model::{Basis, Refusal},
    times::{Moment, keys_settle, upstream_settle},
    world::World,
};

const START: &str = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// What there is to wait for.
#[derive(Clone, Copy)]
pub enum Well {
    /// The gateway takes every published key of the issuer, refuses the last withdrawn one, and calls an unknown one unknown.
    Keys(usize),
    /// A call is served.
    Upstream,
}

/// Connections to the gateways, but for the one whose limiter has a say in each answer.
pub struct Probes([(usize, Line); 2]);

impl Probes {
    pub fn new(world: &World) -> Self {
        Self([Profile::Strict, Profile::Temporal].map(|profile| {
            let number = world.gateways.iter().position(|gateway| gateway.profile == profile).unwrap();
            (number, Line::to(world.gateways[number].addr))
        }))
    }

    /// Waits until it is so at every gateway, and says how long that took, the looking included.
    pub async fn until(&self, well: Well, world: &World, after: &str) -> Duration {
        let [one, other] = &self.0;
        let begun = Instant::now();
        tokio::join!(well.wait(world, one.0, &one.1, after), well.wait(world, other.0, &other.1, after));
        begun.elapsed()
    }
}

impl Well {
    async fn wait(self, world: &World, gateway: usize, line: &Line, after: &str) {
        let begun = Instant::now();
        loop {
            let looked = begun.elapsed();
            if self.holds(world, gateway, line).await {
                return;
            }
            let limit = match self {
                Self::Keys(_) => keys_settle(),
                Self::Upstream => upstream_settle(),
            };
            // Not before a look that began behind the limit: on a loaded machine a look takes its time.
            if looked > limit {
                let text = format!("{after}: not well at {:?} after {limit:?}", world.gateways[gateway].profile);
                return world.ledger.fault(Fault::NotHealed, text);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn holds(self, world: &World, gateway: usize, line: &Line) -> bool {
        match self {
            Self::Upstream => {
                // The issuer that is never in trouble.
                let issuer = world.issuers.len() - 1;
                let (keys, _) = world.issuers[issuer].keys();
                ask(world, line, fresh(world, gateway, issuer, &keys[0], Kind::Fresh)).await == Outcome::Served
            }
            Self::Keys(issuer) => keys_are_well(world, gateway, line, issuer).await,
        }
    }
}

async fn keys_are_well(world: &World, gateway: usize, line: &Line, issuer: usize) -> bool {
    let (published, gone) = world.issuers[issuer].keys();
    let unknown = match world.gateways[gateway].profile {
        Profile::Temporal => Outcome::Refused(Refusal::Denied),
        _ => Outcome::Refused(Refusal::Unauthenticated),
    };
    if ask(world, line, no_key(world, gateway, issuer)).await != unknown {
        return false;
    }
    for key in &published {
        if !ask(world, line, fresh(world, gateway, issuer, key, Kind::Fresh)).await.has_passed() {
            return false;
        }
    }
    match gone {
        Some(key) => ask(world, line, fresh(world, gateway, issuer, &key, Kind::FreshWithdrawn)).await == unknown,
        None => true,
    }
}

fn fresh(world: &World, gateway: usize, issuer: usize, key: &Key, kind: Kind) -> Ready {
    let token = key.sign(&claims(&world.issuers[issuer].name, 600));
    let basis = Basis::Key { issuer, key: key.number, forged: false, shared_id: key.shares_id() };
    ready(world, gateway, kind, basis, token)
}

fn no_key(world: &World, gateway: usize, issuer: usize) -> Ready {
    let stranger = STRANGER.get_or_init(new_signer);
    let token = stranger.sign_as("unknown", &claims(&world.issuers[issuer].name, 600)).unwrap();
    ready(world, gateway, Kind::UnknownKid, Basis::NoKey { issuer }, token)
}

fn ready(world: &World, gateway: usize, kind: Kind, basis: Basis, token: String) -> Ready {
    let number = world.next.fetch_add(1, Ordering::Relaxed);
    let at = Moment::now();
    let sent = Sent { number, gateway, kind, basis, suffices: true, expires: u64::MAX, known: None, at };
    Ready { path: START.to_owned(), namespace: NAMESPACE, token: Some(token), sent }
}
