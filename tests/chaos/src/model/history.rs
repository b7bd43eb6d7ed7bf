//! What an issuer published when, and so what a gateway may know.
//!
//! A gateway loads a document at any time while it is there, and surely within [`keys_settle`]. What cannot be used changes
//! nothing. So the documents that a gateway may go by at a moment are the last usable one that was there for that long, and
//! every usable one after it.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use crate::times::keys_settle;

/// A key by its number in its issuer's ring.
pub type KeyNumber = usize;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// Nothing that holds a usable key, or nothing at all.
    Unusable,
    Keys(Vec<KeyNumber>),
}

/// Whether a key is among those that a gateway goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Always,
    Never,
    /// Nobody can tell from outside.
    Unsettled,
}

#[derive(Debug)]
struct Segment {
    document: Document,
    /// The first moment at which somebody may have read it.
    from: Instant,
    /// From here on everybody who reads reads it. None: since before the first call, and loaded.
    since: Option<Instant>,
}

#[derive(Debug)]
pub struct History(Mutex<Vec<Segment>>);

impl History {
    /// Begins with keys that every gateway has loaded.
    pub fn starting_with(keys: Vec<KeyNumber>) -> Self {
        Self(Mutex::new(vec![Segment { document: Document::Keys(keys), from: Instant::now(), since: None }]))
    }

    /// From now on this may be read.
    pub fn begins(&self, document: Document) {
        let now = Instant::now();
        self.0.lock().unwrap().push(Segment { document, from: now, since: Some(now) });
    }

    /// What began last is all there is to be read from now on.
    pub fn has_begun(&self) {
        self.0.lock().unwrap().last_mut().unwrap().since = Some(Instant::now());
    }

    /// What a gateway that judged a call between the two moments knew of the key.
    pub fn key(&self, key: KeyNumber, from: Instant, to: Instant) -> Presence {
        let segments = self.0.lock().unwrap();
        let (mut with, mut without) = (false, false);
        let mut end = to;
        for segment in segments.iter().rev().filter(|segment| segment.from <= to) {
            if let Document::Keys(keys) = &segment.document {
                match keys.contains(&key) {
                    true => with = true,
                    false => without = true,
                }
                if segment.is_settled_by(from.min(end)) {
                    break;
                }
            }
            end = segment.from;
        }
        match (with, without) {
            (true, false) => Presence::Always,
            (false, _) => Presence::Never,
            (true, true) => Presence::Unsettled,
        }
    }

    /// Whether there was nothing usable for so long that every gateway had noticed, between the two moments.
    pub fn is_away(&self, from: Instant, to: Instant) -> bool {
        let segments = self.0.lock().unwrap();
        let last = segments.iter().rev().find(|segment| segment.from <= to);
        last.is_some_and(|last| last.document == Document::Unusable && last.is_settled_by(from))
    }
}

impl Segment {
    fn is_settled_by(&self, moment: Instant) -> bool {
        let settled = |since: Instant| moment.checked_duration_since(since).unwrap_or(Duration::ZERO) >= keys_settle();
        self.since.is_none_or(settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::times::KEYS_SETTLE;

    /// Segments of so many milliseconds each, behind one that was there from the start.
    fn history(segments: &[(&[usize], u64)]) -> (History, Instant) {
        let start = Instant::now();
        let mut at = start + Duration::from_secs(1);
        let mut all = vec![Segment { document: Document::Keys(vec![1, 2]), from: start, since: None }];
        for (keys, millis) in segments {
            let document = if keys.is_empty() { Document::Unusable } else { Document::Keys(keys.to_vec()) };
            all.push(Segment { document, from: at, since: Some(at) });
            at += Duration::from_millis(*millis);
        }
        (History(Mutex::new(all)), at)
    }

    #[test]
    fn a_key_is_there_or_gone_once_a_document_was_there_for_long_and_either_before() {
        let long = KEYS_SETTLE.as_millis() as u64 + 1;
        type Row<'a> = (&'a str, &'a [(&'a [usize], u64)], [Presence; 3]);
        let rows: &[Row<'_>] = &[
            ("the start", &[], [Presence::Always, Presence::Always, Presence::Never]),
            ("trouble", &[(&[], 9 * long)], [Presence::Always, Presence::Always, Presence::Never]),
            ("just changed", &[(&[1, 3], 10)], [Presence::Always, Presence::Unsettled, Presence::Unsettled]),
            ("changed", &[(&[1, 3], long)], [Presence::Always, Presence::Never, Presence::Always]),
            (
                "just changed, and trouble",
                &[(&[1, 3], 10), (&[], long)],
                [Presence::Always, Presence::Unsettled, Presence::Unsettled],
            ),
            (
                "changed, and trouble",
                &[(&[1, 3], long), (&[], 10)],
                [Presence::Always, Presence::Never, Presence::Always],
            ),
            ("there and back", &[(&[1], 10), (&[1, 2], 10)], [Presence::Always, Presence::Unsettled, Presence::Never]),
        ];
        for (row, segments, expected) in rows {
            let (history, now) = history(segments);
            assert_eq!([1, 2, 3].map(|key| history.key(key, now, now)), *expected, "{row}");
        }
    }

    #[test]
    fn what_changes_while_a_call_runs_is_unsettled_for_it() {
        let (history, now) = history(&[(&[1], 10)]);
        let sent = now - Duration::from_millis(500);
        assert_eq!(history.key(2, sent, sent), Presence::Always);
        assert_eq!(history.key(2, sent, now), Presence::Unsettled);
        assert_eq!(history.key(2, sent, now + 2 * KEYS_SETTLE), Presence::Unsettled);
        assert_eq!(history.key(2, now + KEYS_SETTLE, now + 2 * KEYS_SETTLE), Presence::Never);
    }

    #[test]
    fn an_issuer_is_away_once_everybody_has_noticed() {
        let (history, now) = history(&[(&[], 100)]);
        assert!(!history.is_away(now, now));
        let later = now + KEYS_SETTLE;
        assert!(history.is_away(later, later));
        assert!(!history.is_away(now, later));
        history.begins(Document::Keys(vec![1]));
        history.0.lock().unwrap().last_mut().unwrap().from = later;
        assert!(!history.is_away(later, later));
    }
}
