//! What a caller is about to do: decided by the seed alone.

use std::{sync::Arc, time::Duration};

use super::{Kind, Sent};
use crate::{
    keys::{
        Key,
        ring::{Known, NAMESPACE, STRANGER, claims, new_signer},
    },
    model::Basis,
    random::Random,
    times::{Moment, unix},
    world::World,
};

const SERVICE: &str = "/temporal.api.workflowservice.v1.WorkflowService/";

/// A call before it is sent.
pub struct Plan {
    pub kind: Kind,
    pub issuer: usize,
    random: Random,
    /// When the caller gives up, if it does not wait.
    pub leaves: Option<Duration>,
    /// Whether the whole connection is then closed.
    pub cuts: bool,
    pub pause: Duration,
}

/// A call that is ready to be sent.
pub struct Ready {
    pub path: String,
    pub namespace: &'static str,
    pub token: Option<String>,
    pub sent: Sent,
}

/// A token that a caller uses until it has expired.
#[derive(Clone)]
pub struct Expiring {
    token: String,
    expires: u64,
    basis: Basis,
}

impl Plan {
    pub fn draw(random: &mut Random, issuers: usize) -> Self {
        let kind = Kind::pick(random);
        let issuer = random.below(issuers);
        let leaves = random.once_in(24).then(|| random.millis(0, 40));
        let cuts = random.once_in(400);
        let pause = random.millis(0, 20);
        Self { kind, issuer, random: Random::new(random.number(), "call"), leaves, cuts, pause }
    }

    /// Signs what has to be signed.
    pub fn prepare(&mut self, world: &World, gateway: usize, expiring: &mut Option<Expiring>) -> Ready {
        let issuer = &world.issuers[self.issuer];
        let key = issuer.pick(&mut self.random);
        let published = issuer.ring.lock().unwrap().publishes(&key);
        let to_come = key.number + 1 == issuer.ring.lock().unwrap().keys.len();
        let mut call =
            Draft { method: "StartWorkflowExecution", namespace: NAMESPACE, suffices: true, expires: u64::MAX };
        let mut claims = claims(&issuer.name, 600);
        let (mut kind, mut known) = (self.kind, None);
        let (basis, token) = match self.kind {
            Kind::Known | Kind::Poll => {
                if self.kind == Kind::Poll {
                    call.method = "PollWorkflowTaskQueue";
                }
                let token: Arc<Known> = key.known(&issuer.name, published);
                (call.expires, known) = (token.expires, Some(Arc::clone(&token)));
                kind = if published { kind } else { Kind::KnownWithdrawn };
                (self.by(&key), Some(token.token.clone()))
            }
            Kind::Fresh => {
                kind = if published { kind } else { Kind::FreshWithdrawn };
                (self.by(&key), Some(key.sign(&claims)))
            }
            Kind::Expiring => {
                let new = || {
                    let expires = unix() + 2;
                    claims.insert("exp".to_owned(), expires.into());
                    Expiring { token: key.sign(&claims), expires, basis: self.by(&key) }
                };
                let slot = expiring.take().filter(|token| unix() <= token.expires + 2).unwrap_or_else(new);
                call.expires = slot.expires;
                let slot = expiring.insert(slot);
                (slot.basis, Some(slot.token.clone()))
            }
            Kind::NoRole => {
                claims.insert("permissions".to_owned(), [format!("{NAMESPACE}:read")].as_slice().into());
                call.suffices = false;
                (self.by(&key), Some(key.sign(&claims)))
            }
            Kind::OtherNamespace => {
                (call.namespace, call.suffices) = ("another", false);
                (self.by(&key), Some(key.sign(&claims)))
            }
            Kind::Expired => {
                claims.insert("exp".to_owned(), (unix() - 1).into());
                (Basis::Nothing, Some(key.sign(&claims)))
            }
            Kind::WrongAudience => {
                claims.insert("aud".to_owned(), "another".into());
                (Basis::Nothing, Some(key.sign(&claims)))
            }
            Kind::Forged => {
                let token = stranger().sign_as(&key.kid, &claims).unwrap();
                let shared_id = key.shares_id();
                (Basis::Key { issuer: self.issuer, key: key.number, forged: true, shared_id }, Some(token))
            }
            Kind::UnknownKid => {
                let kid = format!("unknown-{}", self.random.number());
                (Basis::NoKey { issuer: self.issuer }, Some(stranger().sign_as(&kid, &claims).unwrap()))
            }
            Kind::Stranger => (Basis::NoKey { issuer: self.issuer }, Some(stranger().sign(&claims).unwrap())),
            Kind::OtherIssuersKey => {
                let other = &world.issuers[(self.issuer + 1) % world.issuers.len()];
                let token = other.pick(&mut self.random).sign(&claims);
                (Basis::NoKey { issuer: self.issuer }, Some(token))
            }
            Kind::Open => {
                call.method = "GetSystemInfo";
                (Basis::Open, None)
            }
            _ => (Basis::Nothing, None),
        };
        if to_come && matches!(kind, Kind::FreshWithdrawn | Kind::KnownWithdrawn) {
            kind = Kind::NextKey;
        }
        let Draft { method, namespace, suffices, expires } = call;
        let number = world.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let sent = Sent { number, gateway, kind, basis, suffices, expires, known, at: Moment::now() };
        Ready { path: format!("{SERVICE}{method}"), namespace, token, sent }
    }

    fn by(&self, key: &Key) -> Basis {
        Basis::Key { issuer: self.issuer, key: key.number, forged: false, shared_id: key.shares_id() }
    }
}

struct Draft {
    method: &'static str,
    namespace: &'static str,
    suffices: bool,
    expires: u64,
}

fn stranger() -> &'static temporal_gateway::mint::signer::Signer {
    STRANGER.get_or_init(new_signer)
}
