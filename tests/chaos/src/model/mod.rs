//! What may happen to a call, from what was published around it.

pub mod history;
pub mod verdict;

pub use history::{Document, History, Presence};
pub use verdict::{Basis, May, Refusal, may};
