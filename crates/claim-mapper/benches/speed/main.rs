//! What it costs to know a caller. One subject a module; each measures beside its floor, or beside a peer.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "bench code"
)]

mod cached;
mod certificate;
mod cold;
mod refused;
#[path = "../support/mod.rs"]
mod support;
mod threads;

fn main() {
    let mut criterion = support::criterion();
    cold::benches(&mut criterion);
    cached::benches(&mut criterion);
    threads::benches(&mut criterion);
    refused::benches(&mut criterion);
    certificate::benches(&mut criterion);
    criterion.final_summary();
}
