//! Verified tokens, remembered.

mod front;
mod limits;
mod store;
mod verified;

pub use limits::CacheLimits;
pub(crate) use store::VerifiedCache;
pub(crate) use verified::{Verified, claims_bytes};
