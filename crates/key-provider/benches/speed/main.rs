//! What keys cost. One subject a module; each measures beside its floor, or beside a peer.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "bench code"
)]

mod jwks;

fn main() {
    let mut criterion = criterion::Criterion::default()
        .sample_size(10)
        .warm_up_time(std::time::Duration::from_millis(500))
        .measurement_time(std::time::Duration::from_secs(3))
        .without_plots()
        .configure_from_args();
    jwks::benches(&mut criterion);
    criterion.final_summary();
}
