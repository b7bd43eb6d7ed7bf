//! Issuers, what they publish, and the trouble they are in.

pub mod issuer;
pub mod place;
pub mod ring;
pub mod server;
pub mod trouble;

pub use issuer::Issuer;
pub use place::Place;
pub use ring::{Key, Ring};
pub use server::{Answer, Server};
pub use trouble::Trouble;
