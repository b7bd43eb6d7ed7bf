//! The relay over real sockets: a raw HTTP/2 frontend behind it, raw HTTP/2 callers in front of it.
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

mod support_relay;
