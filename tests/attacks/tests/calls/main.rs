//! Attacks on calls, cases 61 to 110: the whole gateway in this process, over real sockets, and a client that writes any frame.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::unreachable,
    missing_docs,
    unreachable_pub,
    reason = "test code"
)]

mod bodies;
mod certificates;
mod compression;
mod configuration;
mod failures;
mod floods;
mod headers;
mod identities;
mod logs;
mod namespaces;
mod paths;
mod plugins;
mod protobuf;
mod spiffe;
mod streams;
mod support;
mod verdicts;
