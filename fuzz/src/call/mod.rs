//! A whole call, described: method, headers, caller, message and framing.

mod body;
mod caller;
mod message;
mod path;
mod peer;
mod wire;

pub use body::Body;
pub use message::MAX_NAME;
pub use peer::Peer;
pub use wire::{Call, Settings, Wire};
