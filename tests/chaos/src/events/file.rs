//! Configuration files that are half written while the gateway runs. It does not follow them, and nothing else may start with
//! one.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use super::pause;
use crate::{ledger::Fault, random::Random, world::World};

/// Until it is told to stop; then the files are whole.
pub async fn disturb(world: Arc<World>, mut random: Random, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let (before, gateway) = (random.millis(500, 3_000), random.below(world.gateways.len()));
        pause(&mut stop, before).await;
        let gateway = &world.gateways[gateway];
        // Short of the brace that closes it all.
        let half = random.below(gateway.text.trim_end().len());
        std::fs::write(&gateway.file, &gateway.text[..half]).unwrap();
        let refused = gateway.refuses_its_file().await;
        std::fs::write(&gateway.file, &gateway.text).unwrap();
        for problem in [refused, gateway.accepts_its_file().await].into_iter().filter_map(Result::err) {
            world.ledger.fault(Fault::WrongAnswer, format!("{problem} ({half} bytes of it)"));
        }
        world.ledger.event("configuration: HalfWritten".to_owned(), Duration::ZERO);
    }
}
