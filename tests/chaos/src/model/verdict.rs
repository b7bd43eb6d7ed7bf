//! What may happen to one call.

use super::{History, Presence, history::KeyNumber};
use crate::times::Moment;

/// What a call's credential rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The method is open, and there is no credential.
    Open,
    /// There is no credential, or one that is refused whatever the keys are.
    Nothing,
    /// A good signature of this key, or one that only claims to be.
    Key { issuer: usize, key: KeyNumber, forged: bool, shared_id: bool },
    /// A key id that this issuer never had.
    NoKey { issuer: usize },
}

/// How a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The credential is bad: 16.
    Unauthenticated,
    /// It is good, and does not suffice: 7.
    Denied,
    /// Nobody can tell now: 14.
    KeysAway,
}

/// The outcomes that are right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct May {
    pub pass: bool,
    pub refuse: Vec<Refusal>,
}

impl May {
    fn only(refusals: &[Refusal]) -> Self {
        Self { pass: false, refuse: refusals.to_vec() }
    }
}

/// What may happen to a call with this credential that was judged between the two moments. `suffices`: whether its roles
/// allow the call. `expires`: the `exp` of its token.
pub fn may(basis: Basis, suffices: bool, expires: u64, histories: &[&History], sent: Moment, judged: Moment) -> May {
    use Refusal::{Denied, KeysAway, Unauthenticated};
    let (issuer, key, forged, shared_id) = match basis {
        Basis::Open => return May { pass: true, refuse: Vec::new() },
        Basis::Nothing => return May::only(&[Unauthenticated]),
        Basis::Key { issuer, key, forged, shared_id } => (issuer, Some(key), forged, shared_id),
        Basis::NoKey { issuer } => (issuer, None, true, false),
    };
    // Times are looked at before keys.
    if sent.unix >= expires {
        return May::only(&[Unauthenticated]);
    }
    let history = histories[issuer];
    let presence = key.map_or(Presence::Never, |key| history.key(key, sent.steady, judged.steady));
    let away = history.is_away(sent.steady, judged.steady) && !shared_id;
    let mut may = match presence {
        Presence::Never if away => May::only(&[KeysAway]),
        Presence::Never => May::only(&[Unauthenticated, KeysAway]),
        Presence::Always if forged => May::only(&[Unauthenticated]),
        Presence::Unsettled if forged => May::only(&[Unauthenticated, KeysAway]),
        Presence::Always if suffices => May { pass: true, refuse: Vec::new() },
        Presence::Unsettled if suffices => May { pass: true, refuse: vec![Unauthenticated, KeysAway] },
        Presence::Always => May::only(&[Denied]),
        Presence::Unsettled => May::only(&[Denied, Unauthenticated, KeysAway]),
    };
    if judged.unix >= expires && !may.refuse.contains(&Unauthenticated) {
        may.refuse.push(Unauthenticated);
    }
    may
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{
        Refusal::{Denied, KeysAway, Unauthenticated},
        *,
    };
    use crate::{model::Document, times::KEYS_SETTLE};

    #[test]
    fn each_credential_has_its_outcomes() {
        let start = Instant::now();
        let well = History::starting_with(vec![1]);
        let away = History::starting_with(vec![1]);
        away.begins(Document::Unusable);
        let at = |unix| Moment { steady: start + 2 * KEYS_SETTLE + Duration::from_secs(1), unix };
        let key = |key, forged| Basis::Key { issuer: 0, key, forged, shared_id: false };
        let pass = || May { pass: true, refuse: Vec::new() };
        let rows = [
            ("an open method", Basis::Open, true, [pass(), pass()]),
            ("nobody", Basis::Nothing, true, [May::only(&[Unauthenticated]), May::only(&[Unauthenticated])]),
            ("a good token", key(1, false), true, [pass(), pass()]),
            ("one without the role", key(1, false), false, [May::only(&[Denied]), May::only(&[Denied])]),
            ("a forged one", key(1, true), true, [May::only(&[Unauthenticated]), May::only(&[Unauthenticated])]),
            (
                "one of a key that is gone",
                key(2, false),
                true,
                [May::only(&[Unauthenticated, KeysAway]), May::only(&[KeysAway])],
            ),
            (
                "one of no key",
                Basis::NoKey { issuer: 0 },
                true,
                [May::only(&[Unauthenticated, KeysAway]), May::only(&[KeysAway])],
            ),
        ];
        for (row, basis, suffices, expected) in rows {
            let found = [&well, &away].map(|history| may(basis, suffices, 100, &[history], at(50), at(50)));
            assert_eq!(found, expected, "{row}");
        }
        let expiring = |sent, judged| may(key(1, false), true, 100, &[&away], at(sent), at(judged));
        assert_eq!(expiring(100, 100), May::only(&[Unauthenticated]));
        assert_eq!(expiring(99, 100), May { pass: true, refuse: vec![Unauthenticated] });
    }
}
