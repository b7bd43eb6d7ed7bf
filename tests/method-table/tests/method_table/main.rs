//! The method table and the scanner against Temporal's descriptors, and who may call what.
//!
//! Each comparison is a function that lists differences. One test says that there are none; others change the
//! descriptors and say which difference that makes.

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

mod descriptors;
mod golden;
mod methods;
mod namespaces;
mod scanner;
