//! What a run has to say in the end.

use std::{fmt, time::Duration};

use crate::{
    ledger::{Calls, Events, Fault},
    times::worst_lateness,
    world::World,
};

pub struct Report {
    pub seed: u64,
    pub ran: Duration,
    pub calls: Vec<(&'static str, Calls)>,
    pub events: Vec<(String, Events)>,
    pub faults: Vec<(Fault, u64)>,
    pub texts: Vec<String>,
}

impl Report {
    pub fn of(world: &World, seed: u64, ran: Duration) -> Self {
        let ledger = &world.ledger;
        let (counts, texts) = &*ledger.faults.lock().unwrap();
        Self {
            seed,
            ran,
            calls: ledger.calls.lock().unwrap().iter().map(|(kind, calls)| (*kind, *calls)).collect(),
            events: ledger.events.lock().unwrap().iter().map(|(name, events)| (name.clone(), *events)).collect(),
            faults: counts.iter().map(|(fault, count)| (*fault, *count)).collect(),
            texts: texts.clone(),
        }
    }

    pub fn is_good(&self) -> bool {
        self.faults.is_empty()
    }

    fn count(&self, fault: Fault) -> u64 {
        self.faults.iter().find(|(other, _)| *other == fault).map_or(0, |(_, count)| *count)
    }

    /// The longest time until all was well again, and had been seen to be: on a loaded machine the looking takes most of it.
    pub fn longest_heal(&self) -> (&str, Duration) {
        let longest = self.events.iter().max_by_key(|(_, events)| events.healed);
        longest.map_or(("", Duration::ZERO), |(name, events)| (name, events.healed))
    }

    /// Calls of all kinds together.
    pub fn total(&self) -> Calls {
        self.calls.iter().fold(Calls::default(), |sum, (_, calls)| Calls {
            served: sum.served + calls.served,
            refused: sum.refused + calls.refused,
            keys_away: sum.keys_away + calls.keys_away,
            throttled: sum.throttled + calls.throttled,
            upstream: sum.upstream + calls.upstream,
            left: sum.left + calls.left,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["calls", "served", "refused", "keys away", "throttled", "upstream", "left"];
        let [kind, a, b, c, d, e, g] = heads;
        writeln!(f, "{kind:<28}{a:>9}{b:>9}{c:>11}{d:>11}{e:>10}{g:>7}")?;
        let total = ("all", self.total());
        for (kind, calls) in self.calls.iter().chain([&total]) {
            let Calls { served, refused, keys_away, throttled, upstream, left } = calls;
            writeln!(f, "{kind:<28}{served:>9}{refused:>9}{keys_away:>11}{throttled:>11}{upstream:>10}{left:>7}")?;
        }
        writeln!(f, "\n{:<44}{:>6}{:>14}", "events", "times", "healed within")?;
        for (name, Events { count, healed }) in &self.events {
            writeln!(f, "{name:<44}{count:>6}{:>11} ms", healed.as_millis())?;
        }
        let events: u64 = self.events.iter().map(|(_, events)| events.count).sum();
        let (name, healed) = self.longest_heal();
        writeln!(
            f,
            "\n{events} events in {} s; wrong allows: {}; wrong denials: {}; longest heal: {} ms ({name}); longest wait for \
             a turn: {} ms",
            self.ran.as_secs(),
            self.count(Fault::WrongAllow),
            self.count(Fault::WrongDenial),
            healed.as_millis(),
            worst_lateness().as_millis(),
        )?;
        for (fault, count) in &self.faults {
            writeln!(f, "FAULT {fault:?}: {count}")?;
        }
        for text in &self.texts {
            writeln!(f, "  {text}")?;
        }
        let verdict = if self.is_good() { "good" } else { "BAD" };
        writeln!(
            f,
            "verdict: {verdict}; again: cargo run -p chaos -- --seconds {} --seed {}",
            self.ran.as_secs(),
            self.seed
        )
    }
}
