//! One caller, call after call.

use std::{sync::Arc, time::Instant};

use tokio::{sync::watch, time::timeout};

use super::{
    Line, Outcome, line,
    plan::{Plan, Ready},
};
use crate::{
    random::Random,
    times::{Moment, PATIENCE},
    world::World,
};

/// Calls until it is told to stop.
pub async fn run(world: Arc<World>, gateway: usize, line: Arc<Line>, mut random: Random, stop: watch::Receiver<bool>) {
    let mut expiring = None;
    while !*stop.borrow() {
        let mut plan = Plan::draw(&mut random, world.issuers.len());
        let ready = plan.prepare(&world, gateway, &mut expiring);
        let begun = Instant::now();
        make(&world, &line, ready, &plan).await;
        // A machine that is slow gets less to do: it is not the load that is on trial.
        tokio::time::sleep(plan.pause.max(begun.elapsed())).await;
    }
}

async fn make(world: &World, line: &Line, ready: Ready, plan: &Plan) {
    let taken = match line.take().await {
        Ok(taken) => taken,
        Err(error) => return world.judge(ready.sent, &Outcome::Odd(error), Moment::now()),
    };
    let Ready { path, namespace, token, mut sent } = ready;
    sent.at = Moment::now();
    let call = line::unary(&taken, &path, sent.number, token.as_deref(), namespace);
    let outcome = match timeout(plan.leaves.unwrap_or(PATIENCE), call).await {
        Ok(Ok((code, message))) => Outcome::of(code, &message),
        Ok(Err(_)) if taken.was_cut() => Outcome::Left,
        Ok(Err(error)) => Outcome::Odd(error),
        Err(_) if plan.leaves.is_some() => Outcome::Left,
        Err(_) => Outcome::Odd(format!("no answer; this side had cut the connection: {}", taken.was_cut())),
    };
    if plan.cuts {
        line.cut();
    }
    world.judge(sent, &outcome, Moment::now());
}

/// One call whose outcome somebody waits for; it is judged as any other.
pub async fn ask(world: &World, line: &Line, ready: Ready) -> Outcome {
    let Ready { path, namespace, token, mut sent } = ready;
    sent.at = Moment::now();
    let answer = async {
        let taken = line.take().await?;
        line::unary(&taken, &path, sent.number, token.as_deref(), namespace).await
    };
    let outcome = match timeout(PATIENCE, answer).await {
        Ok(Ok((code, message))) => Outcome::of(code, &message),
        Ok(Err(error)) => Outcome::Odd(error),
        Err(_) => Outcome::Odd("no answer".to_owned()),
    };
    world.judge(sent, &outcome, Moment::now());
    outcome
}
