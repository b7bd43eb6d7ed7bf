//! What the benches of this crate share: an issuer, requests of Temporal's, and how long to measure.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unreachable,
    reason = "bench code; each bench uses a part of it"
)]

pub mod caller;
pub mod issuer;
pub mod requests;
pub mod services;

use std::time::Duration;

use criterion::Criterion;

/// Short runs: ratios within one run are what counts. The usual options of criterion change it.
pub fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .without_plots()
        .configure_from_args()
}
