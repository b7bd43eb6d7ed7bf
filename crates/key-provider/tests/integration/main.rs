//! The crate from outside: real keys, real sockets, real files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "test code"
)]

mod answers;
mod discovery;
mod documents;
mod files;
mod issuers;
mod jwk;
mod logs;
mod rotation;
mod start;
mod support;
mod tls;
mod unknown_kid;
mod verification;
