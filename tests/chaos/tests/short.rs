//! A short run, with a seed that is always the same.

use std::time::Duration;

const SEED: u64 = 1;
const SECONDS: u64 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_goes_wrong_in_a_short_run() {
    println!("chaos: cargo run -p chaos -- --seconds {SECONDS} --seed {SEED}");
    let report = chaos::run::run(Duration::from_secs(SECONDS), SEED).await;
    println!("\n{report}");
    assert!(report.is_good(), "see above");
    let calls = report.total();
    assert!(calls.served > 100 && calls.refused > 100, "there was load");
    assert!(calls.throttled > 0, "the limiter had something to do");
    assert!(report.calls.len() >= 15, "of nearly every kind");
    assert!(report.events.len() >= 5, "and trouble");
}
