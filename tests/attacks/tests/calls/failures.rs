//! Floods of bad credentials from one peer, and those beside it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::{
    tls::{Authority, CN, Names},
    *,
};

/// What a peer may fail in a second here; five times as many at once.
const PER_SECOND: usize = 1;
const AT_ONCE: usize = 5 * PER_SECOND;
const FLOOD: usize = 1_000;

const THROTTLED: Refusal = always(8, "throttled");

/// The limiter on; of the log what the tests look at, since floods fill it.
fn limited<'a>() -> Setup<'a> {
    Setup { limits: "maxFailuresPerSecond: 1", log: "temporal_authz=trace", ..Setup::new(Profile::Strict) }
}

fn bad() -> Call {
    Call::start("shop").token(&issuer::forge(&issuer::claims(&["shop:admin"])))
}

/// Sends the flood on one connection. How many were looked at, and how many had to wait.
async fn flood(raw: &mut Raw) -> (usize, usize) {
    let (mut looked_at, mut waited) = (0, 0);
    for _ in 0..FLOOD {
        match raw.call(&bad()).await.status() {
            "7" | "16" => looked_at += 1,
            "8" => waited += 1,
            other => panic!("case_106: {other}"),
        }
    }
    (looked_at, waited)
}

/// Refusals of these calls by a peer that has just now failed as often as it may.
async fn while_it_waits(world: &World, raw: &mut Raw, calls: &[(&str, &Call)]) {
    loop {
        while raw.call(&bad()).await.status() == "8" {}
        let begun = Instant::now();
        while raw.call(&bad()).await.status() != "8" {}
        let mut answers = Vec::new();
        for (row, call) in calls {
            let before = world.before();
            answers.push((row, before, Raw::connect(world.addr).await.call(call).await));
        }
        // After a second it may try again, so what a slow machine did later shows nothing.
        if begun.elapsed() < Duration::from_secs(1) {
            return answers.iter().for_each(|(row, before, answer)| world.judge(row, *before, answer, THROTTLED));
        }
    }
}

#[tokio::test]
async fn case_106_a_flood_of_bad_tokens_is_not_verified_and_known_tokens_pass() {
    let world = World::with(&limited()).await;
    let known = Call::start("shop").token(&world.token(&["shop:write"]));
    world.served("case_106 before", &known).await;
    let (calls, fetches, _) = world.before();

    let mut attacker = Raw::connect(world.addr).await;
    let begun = Instant::now();
    let (looked_at, waited) = flood(&mut attacker).await;
    // However long it took: as many as a peer may fail at once, and then a few each second.
    let seconds = begun.elapsed().as_secs() as usize + 1;
    assert!((AT_ONCE..=AT_ONCE + seconds * PER_SECOND).contains(&looked_at), "{looked_at} in {seconds} s");
    assert_eq!(looked_at + waited, FLOOD);
    assert_eq!((world.upstream.count(), world.issuer.fetches()), (calls, fetches));

    // Everybody here has the attacker's address: what has to be verified waits, on any connection. Nothing else does.
    let fresh = Call::start("shop").token(&world.token(&["shop:write"]));
    while_it_waits(&world, &mut attacker, &[("case_106 bad", &bad()), ("case_106 fresh", &fresh)]).await;
    world.served("case_106 known", &known).await;
    world.served("case_106 no token, on an open method", &Call::to(HEALTH)).await;
}

#[tokio::test]
async fn case_106_a_peer_with_a_certificate_answers_for_itself_alone() {
    let (authority, files) = (Authority::new(), Directory::new());
    let tls = authority.listener(&files, "requireClientAuth: true");
    let world = World::with(&Setup { tls: &tls, ..limited() }).await;
    let connect = async |name| {
        let client = authority.client(&Names::subject(&[(CN, name)]));
        Raw::tls(world.addr, Arc::new(authority.config(Some(&client)))).await.unwrap()
    };
    let (_, waited) = flood(&mut connect("attacker").await).await;
    assert!(waited > 0);
    let mut neighbour = connect("neighbour").await;
    for _ in 0..3 {
        let fresh = Call::start("shop").token(&world.token(&["shop:write"]));
        assert_eq!(neighbour.call(&fresh).await.status(), "0", "case_106 at the same address");
    }
    let own = unauthenticated("bad_signature");
    world.refused_on(&mut neighbour, "case_106 its own first failure", &bad(), own).await;
}

#[tokio::test]
async fn case_106_the_temporal_profile_limits_nobody() {
    let world = World::with(&Setup { log: "temporal_authz=trace", ..Setup::new(Profile::Temporal) }).await;
    assert_eq!(flood(&mut Raw::connect(world.addr).await).await, (FLOOD, 0));
    world.served("case_106 afterwards", &Call::start("shop").token(&world.token(&["shop:write"]))).await;
}
