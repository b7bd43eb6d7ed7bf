//! `temporal-gateway mint`: tokens without an identity provider.
//!
//! A directory holds one signing key. The first call makes it, later calls use it again:
//!
//! ```sh
//! TOKEN=$(temporal-gateway mint --keys ./keys --subject alice --permission default:write)
//! temporal workflow list --grpc-meta "authorization=Bearer $TOKEN"
//! ```
//!
//! Beside the private `signing-key.pem` stands the public `jwks.json`, which the gateway, and Temporal's own server,
//! read as `file:///…/keys/jwks.json` under `jwtKeyProvider.keySourceURIs`. Standard output gets the token and nothing
//! else; what was written, and what looks like a mistake, goes to standard error.
//!
//! [`signer`] is the signing itself, which the demo's issuer uses too.

pub mod signer;

mod command;
pub(crate) mod files;
mod key_dir;
mod lifetime;
mod permission;

pub use command::{MintArgs, Minted, mint, run};
pub use lifetime::{Lifetime, LifetimeError};
