//! Temporal's Rust SDK, worker and client, through the gateway to a real server.
//!
//! `sdk-client WORLD.json` runs every check at once and prints `version <package> <version>` for what it was built
//! from, then `ok <check>` or `FAIL <check>: <why>`. It exits with 0 only when all passed.

mod checks;
mod connect;
mod http;
mod stage;
mod versions;
mod watch;
mod worker;
mod workflows;
mod world;

use std::{
    path::Path,
    pin::Pin,
    process::{ExitCode, exit},
    time::Duration,
};

use anyhow::{Context, Result};
use futures::{StreamExt, stream::FuturesUnordered};

use checks::{expiring, idle, lifecycle, mtls, reading, refused, renewed, schedule, tls};
use world::World;

type Check = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// The checks whose waiting is the point of them take more than a minute.
const LIMIT: Duration = Duration::from_secs(110);

#[tokio::main]
async fn main() -> ExitCode {
    let world = match world() {
        Ok(world) => world,
        Err(error) => {
            eprintln!("{error:#}");
            return ExitCode::from(2);
        }
    };
    versions::print();
    let passed = run(checks(world)).await;
    // Workers that wait to repeat a refused call would be waited for.
    exit(if passed { 0 } else { 1 })
}

/// The world, for as long as the program runs.
fn world() -> Result<&'static World> {
    let path = std::env::args_os().nth(1).context("usage: sdk-client WORLD.json")?;
    Ok(Box::leak(Box::new(World::read(Path::new(&path))?)))
}

fn checks(world: &'static World) -> Vec<(&'static str, Check)> {
    vec![
        ("idle-minute", Box::pin(idle::idle_minute(world))),
        ("token-expires-in-poll", Box::pin(expiring::token_expires_in_poll(world))),
        ("token-renewed", Box::pin(renewed::token_renewed(world))),
        ("workflow", Box::pin(lifecycle::workflow(world))),
        ("cancel", Box::pin(lifecycle::cancel(world))),
        ("schedule", Box::pin(schedule::schedule(world))),
        ("list-and-history", Box::pin(reading::list_and_history(world))),
        ("reader-refused", Box::pin(refused::reader(world))),
        ("other-namespace-refused", Box::pin(refused::other_namespace(world))),
        ("no-token-refused", Box::pin(refused::no_token(world))),
        ("expired-token-refused", Box::pin(refused::expired_token(world))),
        ("tls", Box::pin(tls::tls(world))),
        ("tls-wrong-ca", Box::pin(tls::wrong_ca(world))),
        ("mtls", Box::pin(mtls::mtls(world))),
        ("mtls-no-certificate", Box::pin(mtls::no_certificate(world))),
        ("mtls-unmapped-certificate", Box::pin(mtls::unmapped_certificate(world))),
    ]
}

/// Runs the checks at once, prints a line for each as it ends, and tells whether all passed.
async fn run(checks: Vec<(&'static str, Check)>) -> bool {
    let running = checks.into_iter().map(async |(name, check)| {
        let outcome = tokio::time::timeout(LIMIT, tokio::spawn(check)).await;
        let outcome = match outcome {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panicked)) => Err(panicked.into()),
            Err(_) => Err(anyhow::anyhow!("not finished after {LIMIT:?}")),
        };
        (name, outcome)
    });
    let mut running: FuturesUnordered<_> = running.collect();
    let mut passed = true;
    while let Some((name, outcome)) = running.next().await {
        match outcome {
            Ok(()) => println!("ok {name}"),
            Err(error) => {
                passed = false;
                let why = format!("{error:#}").replace(['\r', '\n'], " ");
                println!("FAIL {name}: {why}");
            }
        }
    }
    passed
}
