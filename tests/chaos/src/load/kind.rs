//! The kinds of calls.

use crate::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A token that is used again and again; `Poll`: for a long poll.
    Known,
    Poll,
    /// A token that nobody has seen.
    Fresh,
    /// One that expires soon, used until after.
    Expiring,
    /// One that grants too little; one that grants another namespace.
    NoRole,
    OtherNamespace,
    Expired,
    /// A known key id, and a signature by somebody else.
    Forged,
    /// A key id that never was.
    UnknownKid,
    /// By the key that stands in the documents that must not count.
    Stranger,
    /// By a good key of another issuer.
    OtherIssuersKey,
    WrongAudience,
    NoToken,
    /// An open method, without a token.
    Open,
    /// For the table alone: known and fresh tokens of keys that are not published.
    KnownWithdrawn,
    FreshWithdrawn,
    NextKey,
    Stream,
}

impl Kind {
    /// One of them, by weight.
    pub fn pick(random: &mut Random) -> Self {
        const WEIGHTS: [(Kind, usize); 14] = [
            (Kind::Known, 30),
            (Kind::Fresh, 14),
            (Kind::Expiring, 8),
            (Kind::NoRole, 6),
            (Kind::OtherNamespace, 6),
            (Kind::Forged, 6),
            (Kind::Expired, 5),
            (Kind::UnknownKid, 5),
            (Kind::Poll, 5),
            (Kind::NoToken, 5),
            (Kind::OtherIssuersKey, 4),
            (Kind::Open, 4),
            (Kind::Stranger, 3),
            (Kind::WrongAudience, 3),
        ];
        let mut number = random.below(WEIGHTS.iter().map(|(_, weight)| weight).sum());
        for (kind, weight) in WEIGHTS {
            match number.checked_sub(weight) {
                Some(rest) => number = rest,
                None => return kind,
            }
        }
        Self::Known
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Known => "known token",
            Self::Poll => "known token, long poll",
            Self::Fresh => "fresh token",
            Self::Expiring => "token that expires",
            Self::NoRole => "without the role",
            Self::OtherNamespace => "another namespace",
            Self::Expired => "expired token",
            Self::Forged => "forged signature",
            Self::UnknownKid => "unknown key id",
            Self::Stranger => "stranger's key",
            Self::OtherIssuersKey => "another issuer's key",
            Self::WrongAudience => "wrong audience",
            Self::NoToken => "no token",
            Self::Open => "open method, no token",
            Self::KnownWithdrawn => "known token, key withdrawn",
            Self::FreshWithdrawn => "fresh token, key withdrawn",
            Self::NextKey => "fresh token, key to come",
            Self::Stream => "stream",
        }
    }
}
