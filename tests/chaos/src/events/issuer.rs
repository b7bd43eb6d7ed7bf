//! Trouble with one issuer.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use super::{
    pause,
    probe::{Probes, Well},
};
use crate::{
    keys::Trouble,
    random::{Deck, Random},
    times::keys_settle,
    world::World,
};

#[derive(Clone, Copy, Debug)]
enum Event {
    Trouble(Trouble),
    /// A key more.
    Rotates,
    /// A key less.
    Withdraws,
    /// A good document without one of the keys, and then with it again.
    LacksKey,
    /// Another key with the id of one that goes.
    Reissues,
    /// A key less and a key more, while nobody can see it.
    ChangesUnseen(Trouble),
}

/// Until it is told to stop; then all is well with the issuer.
pub async fn disturb(world: Arc<World>, issuer: usize, mut random: Random, mut stop: watch::Receiver<bool>) {
    let subject = &world.issuers[issuer];
    let probes = Probes::new(&world);
    let mut all: Vec<Event> = subject.troubles().iter().map(|trouble| Event::Trouble(*trouble)).collect();
    all.extend([Event::Rotates, Event::Withdraws, Event::LacksKey, Event::Reissues]);
    all.extend([Event::Rotates, Event::Withdraws]);
    all.extend(subject.troubles().iter().take(2).map(|trouble| Event::ChangesUnseen(*trouble)));
    let mut deck = Deck::of(&all);
    while !*stop.borrow() {
        let event = deck.draw(&mut random);
        let (short, lasts) = (random.millis(200, 1_500), lasting(&mut random));
        let settles = random.once_in(2);
        pause(&mut stop, short).await;
        let name = run(&world, issuer, event, lasts, &mut stop).await;
        let healed = probes.until(Well::Keys(issuer), &world, &name).await;
        world.ledger.event(name, healed);
        // Long enough for the model to be sure again, every other time and after what takes keys away.
        if settles || matches!(event, Event::Withdraws | Event::Reissues | Event::ChangesUnseen(_)) {
            pause(&mut stop, keys_settle() + Duration::from_millis(1_000)).await;
        }
    }
}

/// Some troubles are noticed by everybody, and most by some.
fn lasting(random: &mut Random) -> Duration {
    let settled = random.once_in(3);
    let short = random.millis(300, 2_500);
    if settled { keys_settle() + short } else { short }
}

async fn run(world: &World, issuer: usize, event: Event, lasts: Duration, stop: &mut watch::Receiver<bool>) -> String {
    let subject = &world.issuers[issuer];
    let where_from = ["discovered issuer", "issuer at a URL", "issuer in a file"][issuer];
    let name = match event {
        Event::Trouble(trouble) => {
            subject.fail(trouble).await;
            pause(stop, lasts).await;
            format!("{trouble:?}")
        }
        Event::Rotates => {
            subject.ring.lock().unwrap().rotate();
            "Rotates".to_owned()
        }
        Event::Withdraws => {
            {
                // There is always one to take away.
                let mut ring = subject.ring.lock().unwrap();
                if ring.published.len() == 1 {
                    ring.rotate();
                }
                ring.withdraw();
            }
            "Withdraws".to_owned()
        }
        Event::LacksKey => {
            let all = subject.ring.lock().unwrap().published.clone();
            {
                let mut ring = subject.ring.lock().unwrap();
                ring.rotate();
                ring.withdraw();
            }
            subject.publish().await;
            pause(stop, lasts).await;
            let mut ring = subject.ring.lock().unwrap();
            let new = ring.published.last().copied();
            ring.published = all;
            ring.published.extend(new);
            "LacksKey".to_owned()
        }
        Event::Reissues => {
            subject.ring.lock().unwrap().reissue();
            "Reissues".to_owned()
        }
        Event::ChangesUnseen(trouble) => {
            subject.fail(trouble).await;
            {
                let mut ring = subject.ring.lock().unwrap();
                ring.rotate();
                ring.withdraw();
            }
            pause(stop, lasts).await;
            format!("{trouble:?}, keys change")
        }
    };
    trim(world, issuer);
    subject.publish().await;
    format!("{where_from}: {name}")
}

/// Keeps the set small: what rotates in must go out some day.
fn trim(world: &World, issuer: usize) {
    let mut ring = world.issuers[issuer].ring.lock().unwrap();
    while ring.published.len() > 4 {
        ring.withdraw();
    }
}
