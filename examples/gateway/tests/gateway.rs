//! The whole gateway over real sockets: a configuration file, `serve`, real keys and certificates, an upstream that remembers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    missing_docs,
    unreachable_pub,
    reason = "test code"
)]

mod support_gateway;
