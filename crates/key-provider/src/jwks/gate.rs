//! When an unknown `kid` is worth an attempt at its source.
//!
//! Anybody can send tokens with random key ids. So attempts are shared by all who wait, at least a cool-down apart (counted from the
//! last attempt, good or bad), and an id that a good attempt did not bring is remembered as unknown for a while.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// Unknown ids that are remembered for one source; with the length limit of an id, 1 MiB.
const MAX_REMEMBERED: usize = 1024;
/// How long an unknown id is remembered, in cool-downs. Not for ever: an issuer may sign with a key just before it publishes it.
const REMEMBERED_COOLDOWNS: u32 = 12;

/// The state of one source's attempts.
#[derive(Debug)]
pub(super) struct Gate {
    cooldown: Duration,
    flight: Flight,
    last_attempt: Option<Instant>,
    /// How many attempts have ended.
    ended: u64,
    last_was_good: bool,
    unknown: HashMap<String, Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flight {
    None,
    /// Somebody needs it; the source's task has not begun yet.
    Asked,
    Running,
}

/// The answer to somebody who does not find a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Wait for this attempt, which is to be started now.
    Start(Ticket),
    /// Wait for this attempt, which others wait for too.
    Join(Ticket),
    /// No attempt is due.
    Refused,
}

/// Stands for one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

impl Gate {
    pub(super) fn new(cooldown: Duration) -> Self {
        Self {
            cooldown,
            flight: Flight::None,
            last_attempt: None,
            ended: 0,
            last_was_good: false,
            unknown: HashMap::new(),
        }
    }

    /// Somebody asks for a key id that the source does not have.
    pub(super) fn ask(&mut self, kid: &str, now: Instant) -> Admission {
        if self.unknown.get(kid).is_some_and(|until| now < *until) {
            return Admission::Refused;
        }
        let next = Ticket(self.ended.saturating_add(1));
        if self.flight != Flight::None {
            return Admission::Join(next);
        }
        if self.last_attempt.is_some_and(|last| now.saturating_duration_since(last) < self.cooldown) {
            return Admission::Refused;
        }
        self.flight = Flight::Asked;
        Admission::Start(next)
    }

    /// Whether somebody waits for an attempt that has not begun.
    pub(super) fn is_asked(&self) -> bool {
        self.flight == Flight::Asked
    }

    pub(super) fn begin(&mut self, now: Instant) {
        self.flight = Flight::Running;
        self.last_attempt = Some(now);
    }

    /// The attempt has ended. Counts for the cool-down too: a source that hangs is not asked again the moment it gives up.
    pub(super) fn end(&mut self, good: bool, now: Instant) {
        self.flight = Flight::None;
        self.last_attempt = Some(now);
        self.last_was_good = good;
        self.ended = self.ended.saturating_add(1);
    }

    pub(super) fn has_ended(&self, Ticket(number): Ticket) -> bool {
        self.ended >= number
    }

    /// A waiter did not find its key after the attempt. Only an attempt that was good says that the id is unknown.
    pub(super) fn remember(&mut self, kid: &str, now: Instant) {
        if !self.last_was_good {
            return;
        }
        if self.unknown.len() >= MAX_REMEMBERED {
            self.unknown.retain(|_, until| now < *until);
        }
        if let Some(until) = now.checked_add(self.cooldown.saturating_mul(REMEMBERED_COOLDOWNS))
            && self.unknown.len() < MAX_REMEMBERED
        {
            self.unknown.insert(kid.to_owned(), until);
        }
    }

    /// The set of keys has changed.
    pub(super) fn forget_unknown(&mut self) {
        self.unknown.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOLDOWN: Duration = Duration::from_secs(5);

    fn gate_after_an_attempt(good: bool, now: Instant) -> Gate {
        let mut gate = Gate::new(COOLDOWN);
        gate.begin(now);
        gate.end(good, now);
        gate
    }

    #[test]
    fn all_who_ask_share_one_attempt() {
        let now = Instant::now();
        let mut gate = Gate::new(COOLDOWN);
        assert_eq!(gate.ask("a", now), Admission::Start(Ticket(1)));
        assert_eq!(gate.ask("b", now), Admission::Join(Ticket(1)));
        gate.begin(now);
        assert_eq!(gate.ask("c", now), Admission::Join(Ticket(1)));
        assert!(!gate.has_ended(Ticket(1)));
        gate.end(true, now);
        assert!(gate.has_ended(Ticket(1)));
    }

    #[test]
    fn the_cool_down_counts_from_good_and_from_bad_attempts() {
        let now = Instant::now();
        for good in [true, false] {
            let mut gate = gate_after_an_attempt(good, now);
            assert_eq!(gate.ask("a", now + COOLDOWN - Duration::from_nanos(1)), Admission::Refused);
            assert_eq!(gate.ask("a", now + COOLDOWN), Admission::Start(Ticket(2)));
        }
    }

    #[test]
    fn the_cool_down_of_a_slow_attempt_counts_from_its_end() {
        let now = Instant::now();
        let mut gate = Gate::new(COOLDOWN);
        gate.begin(now);
        gate.end(false, now + COOLDOWN);
        assert_eq!(gate.ask("a", now + COOLDOWN), Admission::Refused);
    }

    #[test]
    fn an_unknown_id_is_remembered_until_the_set_changes_or_time_has_passed() {
        let now = Instant::now();
        let mut gate = gate_after_an_attempt(true, now);
        gate.remember("a", now);
        assert_eq!(gate.ask("a", now + COOLDOWN * 11), Admission::Refused);
        assert_ne!(gate.ask("b", now + COOLDOWN * 11), Admission::Refused);
        let mut forgetful = gate_after_an_attempt(true, now);
        forgetful.remember("a", now);
        forgetful.forget_unknown();
        assert_ne!(forgetful.ask("a", now + COOLDOWN), Admission::Refused);
        let mut patient = gate_after_an_attempt(true, now);
        patient.remember("a", now);
        assert_ne!(patient.ask("a", now + COOLDOWN * 12), Admission::Refused);
    }

    #[test]
    fn a_failed_attempt_says_nothing_about_an_id() {
        let now = Instant::now();
        let mut gate = gate_after_an_attempt(false, now);
        gate.remember("a", now);
        assert_ne!(gate.ask("a", now + COOLDOWN), Admission::Refused);
    }

    #[test]
    fn the_memory_is_bounded() {
        let now = Instant::now();
        let mut gate = gate_after_an_attempt(true, now);
        for number in 0..10 * MAX_REMEMBERED {
            gate.remember(&number.to_string(), now);
        }
        assert_eq!(gate.unknown.len(), MAX_REMEMBERED);
        gate.remember("later", now + COOLDOWN * 12);
        assert_eq!(gate.unknown.len(), 1);
    }
}
