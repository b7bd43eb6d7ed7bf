//! The mappers from outside: real keys, real signatures, a clock of our own. Numbers in comments are those of the
//! project's list of attacks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    missing_docs,
    unreachable_pub,
    reason = "test code"
)]

mod algorithms;
mod build;
mod cache;
mod certificate;
mod claims;
mod combined;
mod explain;
mod header;
mod permissions;
mod support;
