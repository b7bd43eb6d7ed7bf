//! Trouble with the upstream.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use super::{
    pause,
    probe::{Probes, Well},
};
use crate::{
    random::{Deck, Random},
    times::upstream_settle,
    upstream::Trouble,
    world::World,
};

/// Until it is told to stop; then all is well with the upstream.
pub async fn disturb(world: Arc<World>, mut random: Random, mut stop: watch::Receiver<bool>) {
    let probes = Probes::new(&world);
    let mut deck = Deck::of(&[Trouble::Away, Trouble::Cut, Trouble::Refuses, Trouble::Fails, Trouble::Holds]);
    while !*stop.borrow() {
        let (trouble, before, lasts) = (deck.draw(&mut random), random.millis(1_000, 4_000), random.millis(300, 3_000));
        let settles = random.once_in(3);
        pause(&mut stop, before).await;
        world.upstream.fail(trouble).await;
        if trouble != Trouble::Cut {
            pause(&mut stop, lasts).await;
        }
        world.upstream.mend().await;
        let name = format!("upstream: {trouble:?}");
        let healed = probes.until(Well::Upstream, &world, &name).await;
        world.ledger.event(name, healed);
        if settles {
            // So that for some time every call must be served again.
            pause(&mut stop, upstream_settle() + Duration::from_secs(2)).await;
        }
    }
}
