//! Verified tokens, remembered.

mod front;
mod limits;
mod pending;
mod table;
#[cfg(test)]
mod testing;
mod verified;

use std::{future::Future, sync::Arc};

use temporal_authz::{ClaimError, Claims};
use temporal_key_provider::TokenKeyProvider;

use self::{front::Front, pending::Pending, table::Table};

use crate::clock::Clock;

pub use self::limits::CacheLimits;
pub(crate) use self::verified::Verified;

/// Verified tokens by their whole text, and the verifications that are under way. Failures are not kept.
pub(crate) struct VerifiedCache {
    front: Front,
    table: Table,
    pending: Pending,
}

impl VerifiedCache {
    pub(crate) fn new(limits: CacheLimits) -> Self {
        Self { front: Front::default(), table: Table::new(limits), pending: Pending::default() }
    }

    /// The claims of a token that is remembered, and good for a call with this audience, now.
    pub(crate) fn claims(
        &self,
        token: &[u8],
        call_audience: &str,
        clock: &dyn Clock,
        keys: &dyn TokenKeyProvider,
    ) -> Option<Claims> {
        let hash = self.table.hash(token);
        let good = |entry: &Verified| entry.is_good_for(call_audience, clock, keys);
        let known = self.front.claims(hash, token, good);
        known.or_else(|| self.table.look(hash, token, |entry| good(entry).then(|| self.front.offer(hash, entry))))
    }

    /// What `verify` makes of the token; then the flag is true. Of simultaneous callers one verifies and the others wait; when
    /// that one is dropped, another takes over. Its failure is theirs, and is not kept.
    pub(crate) async fn get_or_verify(
        &self,
        token: &[u8],
        now: i64,
        keys: &dyn TokenKeyProvider,
        verify: impl Future<Output = Result<Arc<Verified>, ClaimError>>,
    ) -> Result<(Arc<Verified>, bool), ClaimError> {
        let mut fresh = false;
        let answer = self.pending.answer(token, async {
            // Another caller's verification may have ended since this one looked.
            let known = |entry: &Arc<Verified>| entry.is_current(keys).then(|| Arc::clone(entry));
            if let Some(entry) = self.table.look(self.table.hash(token), token, known) {
                return Ok(entry);
            }
            fresh = true;
            let entry = verify.await?;
            self.table.put(&entry, now);
            Ok(entry)
        });
        let entry = answer.await?;
        Ok((entry, fresh))
    }
}
