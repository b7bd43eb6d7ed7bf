//! The answer to a query: candidate keys, or why there are none.

use crate::VerificationKey;

/// The keys that may have signed a token, in the order of their sources. Cheap to clone.
///
/// More than one when two sources publish the same `kid`: the token is good if one of them verifies it.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<VerificationKey>);

impl Keys {
    /// The candidates, the first source's first.
    pub fn iter(&self) -> std::slice::Iter<'_, VerificationKey> {
        self.0.iter()
    }

    /// How many candidates there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is no candidate.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<VerificationKey> for Keys {
    fn from_iter<I: IntoIterator<Item = VerificationKey>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Keys {
    type Item = &'a VerificationKey;
    type IntoIter = std::slice::Iter<'a, VerificationKey>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Keys {
    type Item = VerificationKey;
    type IntoIter = std::vec::IntoIter<VerificationKey>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Why there is no key. Bad and unavailable are different answers: the first is the token's fault, the second is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Every source asked was loaded when last tried, and none has this `kid`; or the token names no `kid`; or no source serves its issuer.
    #[error("no key with this key id")]
    UnknownKey,
    /// A source that may hold the key could not be loaded when last tried, or has never been, so nobody can tell whether the key is new.
    /// Made with [`KeyError::unavailable`].
    #[error("keys are not available: {reason}")]
    #[non_exhaustive]
    Unavailable {
        /// What is missing and why, for the log. Holds no secret.
        reason: String,
    },
}

impl KeyError {
    /// An [`Unavailable`](Self::Unavailable) with this reason, which is meant for the log.
    #[must_use]
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into() }
    }

    /// True when the same token may well be accepted later, without any change to it.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
