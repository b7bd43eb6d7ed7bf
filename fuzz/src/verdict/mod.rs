//! What becomes of a call: sections 1 to 4 of Temporal's behaviour with the differences that ARCHITECTURE.md names, for the
//! default authorizer and the mapper of [`token`](crate::token), in small limits.

mod body;
mod details;
mod rules;

pub use body::MAX_MESSAGE;
pub use details::reason_in_details;
pub use rules::{MAX_TARGETS, Passed, Verdict, verdict};
