//! `check`, `explain` and `methods`, with real tokens and certificates.
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

mod commands {
    pub mod scratch;

    mod check;
    mod explain;
    mod explain_certificates;
    mod methods;
}
