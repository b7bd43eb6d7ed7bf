//! Which key signed a token.

use temporal_authz::{ClaimError, Escaped, Reason};
use temporal_key_provider::{KeyError, Keys, VerificationKey, VerifyError};

use super::policy::Candidate;

/// The keys that may have signed the token, or why there are none.
pub(super) fn candidates(found: Result<Keys, KeyError>, candidate: &Candidate<'_>) -> Result<Keys, ClaimError> {
    let kid = candidate.header.kid();
    let unknown = |detail: &str| {
        let detail = match kid {
            // Whoever sends a flood of these pays nothing; to format it would take longer.
            Some(kid) => ["kid \"", &Escaped(kid).to_string(), "\": ", detail].concat(),
            None => ["no kid: ", detail].concat(),
        };
        Err(ClaimError::rejected_with(Reason::UnknownKey, detail))
    };
    match found {
        // Without an id, only the one key of an issuer that has one is meant.
        Ok(keys) if kid.is_none() && keys.len() != 1 => unknown("not exactly one key to choose"),
        Ok(keys) => Ok(keys),
        Err(KeyError::UnknownKey) => unknown("no such key"),
        Err(error) => Err(ClaimError::keys_unavailable(error)),
    }
}

/// The key among `keys` that signed the token. A key verifies only the algorithms that it is for.
pub(super) fn signer(candidate: &Candidate<'_>, keys: &Keys) -> Result<VerificationKey, ClaimError> {
    let algorithm = candidate.header.alg();
    let mut refusal = ClaimError::rejected_with(Reason::AlgKeyMismatch, format!("the key is not for {algorithm}"));
    for key in keys {
        match key.verify(algorithm, candidate.message, &candidate.signature) {
            Ok(()) => return Ok(key.clone()),
            Err(VerifyError::AlgorithmMismatch) => {}
            Err(_) => refusal = ClaimError::rejected(Reason::BadSignature),
        }
    }
    Err(refusal)
}
