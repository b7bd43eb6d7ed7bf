//! The run.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::watch, task::JoinSet};

use crate::{
    events,
    gateway::Profile,
    ledger::Fault,
    load::{Line, lane, stream},
    random::Random,
    report::Report,
    times::{PATIENCE, upstream_settle, watch_lateness},
    world::World,
};

/// Callers of each gateway.
const LANES: usize = 8;
/// Connections that they share.
const LINES: usize = 2;
/// Between two lines about how it goes.
const PROGRESS: Duration = Duration::from_secs(5);

/// Runs for so long, and says what came of it. Must be called in a runtime of several threads.
pub async fn run(duration: Duration, seed: u64) -> Report {
    let world = Arc::new(World::start(seed).await);
    let begun = Instant::now();
    let (stop, stopping) = watch::channel(false);
    let (mut load, mut trouble) = (JoinSet::new(), JoinSet::new());
    load.spawn(watch_lateness(stopping.clone()));
    for (number, gateway) in world.gateways.iter().enumerate() {
        let lines: Vec<Arc<Line>> = (0..LINES).map(|_| Arc::new(Line::to(gateway.addr))).collect();
        for lane in 0..LANES {
            let random = Random::new(seed, &format!("lane {number} {lane}"));
            let line = Arc::clone(&lines[lane % LINES]);
            load.spawn(lane::run(Arc::clone(&world), number, line, random, stopping.clone()));
        }
        // Each stream has a new token, which a limiter at work mostly turns away.
        if gateway.profile != Profile::Limited {
            load.spawn(stream::run(Arc::clone(&world), number, stopping.clone()));
        }
    }
    let (over, ending) = watch::channel(false);
    for issuer in 0..world.issuers.len() - 1 {
        let random = Random::new(seed, &format!("issuer {issuer}"));
        trouble.spawn(events::issuer::disturb(Arc::clone(&world), issuer, random, ending.clone()));
    }
    trouble.spawn(events::upstream::disturb(Arc::clone(&world), Random::new(seed, "upstream"), ending.clone()));
    trouble.spawn(events::file::disturb(Arc::clone(&world), Random::new(seed, "file"), ending));
    progress(&world, begun, duration).await;
    // The load goes on until the last trouble is over and healed.
    over.send_replace(true);
    finish(&mut trouble).await;
    stop.send_replace(true);
    finish(&mut load).await;
    wait_for_silence(&world).await;
    world.close();
    Report::of(&world, seed, duration.max(Duration::from_secs(1)))
}

async fn progress(world: &World, begun: Instant, duration: Duration) {
    while let Some(left) = duration.checked_sub(begun.elapsed()).filter(|left| !left.is_zero()) {
        tokio::time::sleep(left.min(PROGRESS)).await;
        let (calls, faults) = (world.ledger.total(), world.ledger.faults());
        let events: u64 = world.ledger.events.lock().unwrap().values().map(|events| events.count).sum();
        println!("{:>5} s: {calls} calls, {events} events, {faults} faults", begun.elapsed().as_secs());
    }
}

/// A part that panics is a fault of the test, and ends it.
async fn finish(parts: &mut JoinSet<()>) {
    while let Some(ended) = parts.join_next().await {
        ended.expect("a part of the run panicked");
    }
}

/// Calls that their callers gave up end at the upstream too.
async fn wait_for_silence(world: &World) {
    let begun = Instant::now();
    let limit = upstream_settle().min(PATIENCE);
    while world.upstream.running() > 0 {
        if begun.elapsed() > limit {
            let text = format!("{} calls run at the upstream, and have no caller", world.upstream.running());
            return world.ledger.fault(Fault::NotHealed, text);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // And what was on its way there arrives.
    tokio::time::sleep(Duration::from_millis(200)).await;
}
