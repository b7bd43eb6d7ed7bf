//! The parts of the demo over real sockets: the in-memory frontend, the issuer, certificates, minted tokens, and the
//! descriptor file.
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

mod parts {
    pub mod grpc;
    pub mod requests;

    mod frontend_executions;
    mod frontend_history;
    mod frontend_limits;
    mod frontend_lists;
    mod frontend_wire;
    mod issuer;
    mod mint;
    mod pki;
    mod protoset;
}
