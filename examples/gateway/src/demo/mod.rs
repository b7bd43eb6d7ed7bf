//! What `temporal-gateway` without arguments brings along: an issuer, a Temporal frontend and a certificate authority,
//! all in the process, so that the gateway between them can be tried with nothing else installed.
//!
//! - [`issuer`] signs tokens and publishes its keys, as an OpenID provider does.
//! - [`frontend`] is a Temporal frontend in memory: it keeps what callers start, and counts every call that reaches it.
//! - [`pki`] makes a certificate authority, a server certificate and client certificates.
//!
//! None of it is for production: everything is gone when the process ends, and the frontend lets everybody in (the
//! gateway in front of it is the one that decides).

mod callers;
pub mod frontend;
pub mod issuer;
pub mod pki;
mod run;
mod table;
mod world;

pub use run::{DemoArgs, run};
