//! Key ids that are not known: who may make a source load again, and who waits for it.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::support::server::{Behaviour, Server};
use crate::support::signer::{jwk, jwks};
use crate::support::{SOON, eager, keys, knows, until};

const COOLDOWN: Duration = Duration::from_millis(250);

#[tokio::test]
async fn a_key_published_since_is_found_at_once() {
    let server = Server::with(jwks(&[jwk("old")])).await;
    let provider = eager().source(server.source()).build().await.unwrap();
    server.behave(Behaviour::ok(jwks(&[jwk("old"), jwk("new")])));
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(keys(&provider, "new").await.unwrap().iter().next().unwrap().kid(), Some("new"));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_flood_of_unknown_ids_makes_one_request_per_cool_down_whatever_the_answer() {
    let good = jwks(&[jwk("known")]);
    let (_server_goes_away, down) = watch::channel(false);
    let answers = [
        ("good", Behaviour::ok(&good)),
        ("empty", Behaviour::ok(r#"{"keys":[]}"#)),
        ("500", Behaviour::status("500 Internal Server Error", "")),
        ("cut off", Behaviour::Raw(String::new())),
        ("hanging", Behaviour::Held(good.clone(), down)),
    ];
    for (name, behaviour) in answers {
        let server = Server::with(&good).await;
        let builder = eager().unknown_kid_cooldown(COOLDOWN).fetch_timeout(Duration::from_millis(300));
        let provider = builder.source(server.source()).build().await.unwrap();
        server.behave(behaviour);
        let flood = async |round: usize| {
            let mut tasks = JoinSet::new();
            for number in 0..2000 {
                let provider = provider.clone();
                tasks.spawn(async move { keys(&provider, &format!("{round}-{number}")).await.is_err() });
            }
            assert!(tasks.join_all().await.into_iter().all(|refused| refused), "{name}");
        };
        // The first load counts: within its cool-down nobody is let through.
        let built = Instant::now();
        flood(0).await;
        if built.elapsed() < COOLDOWN / 2 {
            assert_eq!(server.requests(), 1, "{name}");
        }
        tokio::time::sleep(COOLDOWN).await;
        let requests = server.requests();
        let started = Instant::now();
        flood(1).await;
        flood(2).await;
        let periods = started.elapsed().as_millis() / COOLDOWN.as_millis() + 1;
        let made = server.requests() - requests;
        assert!(made >= 1 && made as u128 <= periods, "{name}: {made} requests in {:?}", started.elapsed());
        assert!(keys(&provider, "known").await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn a_known_key_does_not_wait_for_a_source_that_hangs() {
    let server = Server::with(jwks(&[jwk("known")])).await;
    let provider = eager().fetch_timeout(SOON * 2).source(server.source()).build().await.unwrap();
    server.behave(Behaviour::Hang);
    let waiter = {
        let provider = provider.clone();
        tokio::spawn(async move { keys(&provider, "new").await.is_ok() })
    };
    until("the request that hangs", || server.requests() == 2).await;
    assert!(tokio::time::timeout(SOON, keys(&provider, "known")).await.expect("waited").is_ok());
    assert!(!waiter.is_finished());
    waiter.abort();
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nothing_from_the_others() {
    let (release, held) = watch::channel(false);
    let server = Server::with(jwks(&[jwk("old")])).await;
    let provider = eager().source(server.source()).fetch_timeout(SOON).build().await.unwrap();
    server.behave(Behaviour::Held(jwks(&[jwk("old"), jwk("new")]), held));
    tokio::time::sleep(Duration::from_millis(1)).await;
    let waiter = || {
        let provider = provider.clone();
        tokio::spawn(async move { keys(&provider, "new").await })
    };
    let (first, second) = (waiter(), waiter());
    until("the request", || server.requests() == 2).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    release.send(true).unwrap();
    assert!(second.await.unwrap().is_ok());
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn an_attempt_that_nobody_waits_for_any_more_is_completed() {
    let (release, held) = watch::channel(false);
    let server = Server::with(jwks(&[jwk("old")])).await;
    let provider = eager().source(server.source()).fetch_timeout(SOON).build().await.unwrap();
    server.behave(Behaviour::Held(jwks(&[jwk("old"), jwk("new")]), held));
    tokio::time::sleep(Duration::from_millis(1)).await;
    let waiter = {
        let provider = provider.clone();
        tokio::spawn(async move { keys(&provider, "new").await.is_ok() })
    };
    until("the request", || server.requests() == 2).await;
    waiter.abort();
    release.send(true).unwrap();
    until("the new key", || knows(&provider, "new")).await;
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_key_that_one_source_brings_is_not_kept_waiting_by_another_that_hangs() {
    let (slow, quick) = (Server::with(jwks(&[jwk("a")])).await, Server::with(jwks(&[jwk("b")])).await);
    let builder = eager().fetch_timeout(SOON * 2);
    let provider = builder.source(slow.source()).source(quick.source()).build().await.unwrap();
    slow.behave(Behaviour::Hang);
    quick.behave(Behaviour::ok(jwks(&[jwk("b"), jwk("new")])));
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(tokio::time::timeout(SOON, keys(&provider, "new")).await.expect("waited").is_ok());
}

#[tokio::test]
async fn an_unknown_id_is_remembered_until_the_set_changes() {
    let server = Server::with(jwks(&[jwk("old")])).await;
    let builder = eager().unknown_kid_cooldown(Duration::from_millis(20));
    let provider = builder.source(server.source()).build().await.unwrap();
    let rest = || tokio::time::sleep(Duration::from_millis(25));
    rest().await;
    assert!(keys(&provider, "early").await.is_err());
    assert_eq!(server.requests(), 2);
    rest().await;
    assert!(keys(&provider, "early").await.is_err());
    assert_eq!(server.requests(), 2, "asked again for an id that is known to be unknown");

    server.behave(Behaviour::ok(jwks(&[jwk("old"), jwk("new")])));
    assert!(keys(&provider, "new").await.is_ok());
    server.behave(Behaviour::ok(jwks(&[jwk("old"), jwk("new"), jwk("early")])));
    rest().await;
    assert!(keys(&provider, "early").await.is_ok());
}

#[tokio::test]
async fn an_id_that_no_key_can_have_asks_nobody() {
    use temporal_key_provider::{Algorithm, JoseHeader, KeyError, KeyQuery, TokenKeyProvider as _};
    let server = Server::with(jwks(&[jwk("a")])).await;
    let provider = eager().source(server.source()).build().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await;
    for kid in [None, Some("k".repeat(1025))] {
        let header = JoseHeader::new(Algorithm::Es256, kid, None);
        assert_eq!(provider.keys(&KeyQuery::new(&header)).await.unwrap_err(), KeyError::UnknownKey);
    }
    assert_eq!(server.requests(), 1);
}
