//! Runs the chaos for as long as one likes.

use std::{process::ExitCode, time::Duration};

use clap::Parser;

/// Runs three gateways at load while their issuers, their upstream and their files are in trouble, and holds each call against
/// a model. Exit status 0: nothing was wrong.
#[derive(Parser)]
struct Arguments {
    /// How long.
    #[arg(long, default_value_t = 60)]
    seconds: u64,

    /// Decides the order of events and the kinds of calls.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { seconds, seed } = Arguments::parse();
    println!("chaos: cargo run -p chaos -- --seconds {seconds} --seed {seed}");
    let report = chaos::run::run(Duration::from_secs(seconds), seed).await;
    print!("\n{report}");
    if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
