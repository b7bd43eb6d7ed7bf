//! What authorization costs in front of a service. One subject a module; each measures beside its floor, or beside a peer.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "bench code"
)]

mod call;
mod layer;
mod scan;
#[path = "../support/mod.rs"]
mod support;

fn main() {
    let mut criterion = support::criterion();
    scan::benches(&mut criterion);
    call::benches(&mut criterion);
    layer::benches(&mut criterion);
    criterion.final_summary();
}
