//! How long the benches of this crate measure.

#![allow(unreachable_pub, reason = "bench code")]

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
