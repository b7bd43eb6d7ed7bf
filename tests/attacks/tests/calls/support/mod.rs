//! What the tests stand on: an issuer that counts, an upstream that remembers, the gateway between them, and a client that writes
//! any frame.

mod call;
mod good;
mod hpack;
mod log;
mod upstream;
mod world;

pub mod issuer;
pub mod raw;
pub mod refusal;
pub mod tls;

use std::time::Duration;

pub use call::{
    Call, HEALTH, LIST_NAMESPACES, REPLICATION, START, SYSTEM_INFO, field, framed, number, varint, workflow,
};
pub use good::while_served;
pub use hpack::encode;
pub use issuer::Issuer;
pub use log::Log;
pub use raw::{Answer, End, Raw};
pub use refusal::{
    OVERLOADED, Refusal, TOO_LARGE, TOO_SLOW, UNDECODABLE, always, denied, unauthenticated, unavailable,
};
pub use upstream::{Arrived, Manner, Upstream};
pub use world::{Directory, Profile, Setup, World};

/// Longer than anything here takes; a test that waits for it fails.
pub const SOON: Duration = Duration::from_secs(20);
