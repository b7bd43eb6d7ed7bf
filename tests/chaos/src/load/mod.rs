//! Callers.

pub mod call;
pub mod kind;
pub mod lane;
pub mod line;
pub mod plan;
pub mod stream;

pub use call::{Outcome, Sent};
pub use kind::Kind;
pub use line::Line;
