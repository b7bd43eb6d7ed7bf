//! What happened, and what of it was wrong.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use crate::{
    gateway::Profile,
    load::{Kind, Outcome, Sent},
    model::{Refusal, may},
    times::Moment,
    world::World,
};

/// Faults that are kept with their texts; all are counted.
const KEPT: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A call that must be refused reached the upstream, or was answered as if it had been allowed.
    WrongAllow,
    /// A call that must pass was refused.
    WrongDenial,
    /// A call was refused rightly, with the wrong status.
    WrongStatus,
    /// The gateway said that the upstream is away, and it was not.
    WronglyUnavailable,
    /// A call reached the upstream more than once.
    Doubled,
    /// An answer that no call may get, or none at all.
    WrongAnswer,
    /// All was not well in time.
    NotHealed,
}

/// Calls of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Calls {
    pub served: u64,
    pub refused: u64,
    pub keys_away: u64,
    pub throttled: u64,
    pub upstream: u64,
    pub left: u64,
}

/// Events of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Events {
    pub count: u64,
    /// The longest time until all was seen to be well after one. The looking takes its part of it, and is not held against
    /// the gateways: only a look that began behind the limit may not find anything wrong.
    pub healed: Duration,
}

#[derive(Default)]
pub struct Ledger {
    pub calls: Mutex<BTreeMap<&'static str, Calls>>,
    pub events: Mutex<BTreeMap<String, Events>>,
    pub faults: Mutex<(BTreeMap<Fault, u64>, Vec<String>)>,
    /// Calls that their callers gave up: where they arrived is looked at in the end.
    left: Mutex<Vec<Sent>>,
}

impl Ledger {
    pub fn fault(&self, fault: Fault, text: String) {
        let (counts, texts) = &mut *self.faults.lock().unwrap();
        *counts.entry(fault).or_default() += 1;
        if texts.len() < KEPT {
            texts.push(format!("{fault:?}: {text}"));
        }
    }

    pub fn faults(&self) -> u64 {
        self.faults.lock().unwrap().0.values().sum()
    }

    /// An event has ended, and all was well after so long.
    pub fn event(&self, name: String, healed: Duration) {
        let mut events = self.events.lock().unwrap();
        let entry = events.entry(name).or_default();
        entry.count += 1;
        entry.healed = entry.healed.max(healed);
    }

    pub fn total(&self) -> u64 {
        let calls = self.calls.lock().unwrap();
        let all = |calls: &Calls| {
            calls.served + calls.refused + calls.keys_away + calls.throttled + calls.upstream + calls.left
        };
        calls.values().map(all).sum()
    }

    fn count(&self, kind: &'static str, outcome: &Outcome) {
        let mut calls = self.calls.lock().unwrap();
        let calls = calls.entry(kind).or_default();
        let count = match outcome {
            Outcome::Served => &mut calls.served,
            Outcome::Upstream(_) => &mut calls.upstream,
            Outcome::Refused(Refusal::KeysAway) => &mut calls.keys_away,
            Outcome::Refused(_) | Outcome::Odd(_) => &mut calls.refused,
            Outcome::Throttled => &mut calls.throttled,
            Outcome::Left => &mut calls.left,
        };
        *count += 1;
    }
}

impl World {
    /// Holds an answer against the model.
    pub fn judge(&self, sent: Sent, outcome: &Outcome, received: Moment) {
        self.ledger.count(self.name(&sent, received), outcome);
        if *outcome == Outcome::Left {
            self.ledger.left.lock().unwrap().push(sent);
            return;
        }
        let arrived = self.arrival(&sent, outcome);
        let may = self.may(&sent, received);
        let say =
            |fault| self.ledger.fault(fault, format!("{}: {outcome:?}, where {may:?}", self.shown(&sent, received)));
        match outcome {
            Outcome::Served if !arrived => say(Fault::WrongAnswer),
            Outcome::Served | Outcome::Upstream(_) => {
                if !may.pass {
                    say(Fault::WrongAllow);
                }
                if *outcome != Outcome::Served && self.upstream.is_well(sent.at.steady, received.steady) {
                    say(Fault::WronglyUnavailable);
                }
                if let Some(known) = &sent.known {
                    known.has_passed(sent.gateway);
                }
            }
            _ if arrived => say(Fault::WrongAllow),
            Outcome::Throttled if sent.may_be_throttled(self, received) => {}
            Outcome::Refused(refusal) if sent.is_right_refusal(self, &may, *refusal) => {}
            Outcome::Refused(_) | Outcome::Throttled if may.refuse.is_empty() => say(Fault::WrongDenial),
            Outcome::Refused(_) | Outcome::Throttled => say(Fault::WrongStatus),
            Outcome::Odd(_) | Outcome::Left => say(Fault::WrongAnswer),
        }
    }

    /// The kind of call, for the table.
    fn name(&self, sent: &Sent, received: Moment) -> &'static str {
        let limited = self.gateways[sent.gateway].profile == Profile::Limited;
        if limited && sent.kind == Kind::Known && !sent.may_be_throttled(self, received) {
            return "known token, others fail";
        }
        sent.kind.name()
    }

    /// Looks after the calls that were given up, and after those that arrived when their answer was out. Once, in the end.
    pub fn close(&self) {
        for sent in std::mem::take(&mut *self.ledger.left.lock().unwrap()) {
            self.arrival(&sent, &Outcome::Left);
        }
        for number in self.upstream.left_over() {
            self.ledger.fault(Fault::WrongAllow, format!("call {number} arrived, and should have been over"));
        }
    }

    /// Whether the call reached the upstream, which it must have been allowed to.
    fn arrival(&self, sent: &Sent, outcome: &Outcome) -> bool {
        let Some(arrival) = self.upstream.take(sent.number) else { return false };
        if !self.may(sent, arrival.at).pass {
            let text = format!("{} reached the upstream: {outcome:?}", self.shown(sent, arrival.at));
            self.ledger.fault(Fault::WrongAllow, text);
        }
        if arrival.times > 1 {
            let text = format!("{} arrived {} times", self.shown(sent, arrival.at), arrival.times);
            self.ledger.fault(Fault::Doubled, text);
        }
        true
    }

    fn may(&self, sent: &Sent, judged: Moment) -> crate::model::May {
        may(sent.basis, sent.suffices, sent.expires, &self.histories(), sent.at, judged)
    }

    fn shown(&self, sent: &Sent, received: Moment) -> String {
        let took = received.steady.saturating_duration_since(sent.at.steady);
        let profile = self.gateways[sent.gateway].profile;
        format!("call {} ({}, {:?}) to {profile:?}, {took:?}", sent.number, sent.kind.name(), sent.basis)
    }
}
