//! The trait between the claim mapper and the keys.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Algorithm, KeyError, KeyQuery, Keys};

/// Knows the keys that tokens are signed with. Temporal's `TokenKeyProvider`, with a list of candidates for an answer.
///
/// A caller that remembers verified tokens reads [`generation`](Self::generation) **before** it asks for keys and keeps it with the
/// token. While the generation stays the same, the key of that token is still published; once it differs, the token's key is looked up
/// again ([`known_keys`](Self::known_keys), else [`keys`](Self::keys)) and compared with
/// [`VerificationKey::same_material`](crate::VerificationKey::same_material).
#[async_trait]
pub trait TokenKeyProvider: Debug + Send + Sync + 'static {
    /// The keys that may have signed the token. May wait for a source, but never when the key is known already.
    ///
    /// # Errors
    ///
    /// [`KeyError::UnknownKey`] when there is no such key, [`KeyError::Unavailable`] when nobody can tell. An `Ok` is never empty.
    async fn keys(&self, query: &KeyQuery<'_>) -> Result<Keys, KeyError>;

    /// A number that changes after a key has left or changed, and not when one was added. Of a provider whose number never changes
    /// nobody learns that a key has left: what was verified with it stays good until it expires.
    fn generation(&self) -> u64;

    /// The algorithms whose keys are served; a token signed with another one is refused before a key is asked for.
    fn supported_algorithms(&self) -> &[Algorithm];

    /// The keys for this query that are at hand without waiting or I/O; `None` when there are none, or when this provider keeps none.
    fn known_keys(&self, query: &KeyQuery<'_>) -> Option<Keys> {
        let _ = query;
        None
    }
}

#[async_trait]
impl<P: TokenKeyProvider + ?Sized> TokenKeyProvider for Arc<P> {
    async fn keys(&self, query: &KeyQuery<'_>) -> Result<Keys, KeyError> {
        (**self).keys(query).await
    }

    fn generation(&self) -> u64 {
        (**self).generation()
    }

    fn supported_algorithms(&self) -> &[Algorithm] {
        (**self).supported_algorithms()
    }

    fn known_keys(&self, query: &KeyQuery<'_>) -> Option<Keys> {
        (**self).known_keys(query)
    }
}
