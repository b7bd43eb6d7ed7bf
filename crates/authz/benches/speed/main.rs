//! What the verdict on one call costs, in parts. One subject a module; each measures beside its floor, or beside a peer.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "bench code"
)]

mod decision;
mod methods;
#[path = "../support/mod.rs"]
mod support;

fn main() {
    let mut criterion = support::criterion();
    decision::benches(&mut criterion);
    methods::benches(&mut criterion);
    criterion.final_summary();
}
