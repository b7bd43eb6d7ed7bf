//! A client that means well, and must be served whatever others do.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use super::{Call, Raw, World};

/// Longer than a good call may take while somebody attacks.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs an attack. Meanwhile, and once afterwards, good calls are made on one connection and on new ones; each must be
/// served, soon. `calls` at least are made during the attack, which is waited for.
pub async fn while_served<T>(world: &World, calls: usize, attack: impl Future<Output = T>) -> T {
    let (over, made) = (Cell::new(false), Cell::new(0));
    let good = async {
        let token = world.token(&["good:write"]);
        let call = Call::start("good").token(&token);
        let mut raw = Raw::connect(world.addr).await;
        while !over.get() || made.get() < calls {
            served(&mut raw, &call, &made).await;
            served(&mut Raw::connect(world.addr).await, &call, &made).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        served(&mut Raw::connect(world.addr).await, &call, &made).await;
    };
    let attack = async {
        let outcome = attack.await;
        over.set(true);
        outcome
    };
    tokio::join!(attack, good).0
}

async fn served(raw: &mut Raw, call: &Call, made: &Cell<usize>) {
    let begun = Instant::now();
    let answer = raw.call(call).await;
    assert_eq!(answer.status(), "0", "good call {}: {}", made.get(), answer.shown());
    assert!(begun.elapsed() < PATIENCE, "good call {} took {:?}", made.get(), begun.elapsed());
    made.set(made.get() + 1);
}
