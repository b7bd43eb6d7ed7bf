//! What an operator can ask about a source.

use std::time::SystemTime;

use crate::SkippedKey;

/// The state of one source, in the order in which the sources were given.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SourceStatus {
    /// The source, without the secrets of its URL.
    pub source: String,
    /// The issuer it is bound to.
    pub issuer: Option<String>,
    /// Whether it has keys, and its last three refreshes were not all missed.
    pub ready: bool,
    /// How many of its keys are in use.
    pub keys: usize,
    /// The keys of the last document that are not used, and why; the first 100 of them.
    pub skipped: Vec<SkippedKey>,
    /// Why the last attempt failed; `None` after one that succeeded.
    pub last_error: Option<String>,
    /// When it was last found to be good, by the clock of the system.
    pub last_success: Option<SystemTime>,
}
