//! Unknown key ids by the thousand, and callers that go away.

use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::{Duration, Instant},
};

use attacks::{
    server::{Answer, JwksServer},
    signer::{P256, RSA, jwks},
    token::{claims_with, parts, signed, token},
};
use serde_json::json;
use temporal_authz::Reason::{self, KeysUnavailable, UnknownKey};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_key_provider::{Algorithm, JoseHeader, JwksKeyProvider, KeyQuery, TokenKeyProvider as _};
use tokio::{sync::watch, task::JoinSet};

use crate::support::{SOON, Served, claims_of, eager, profile, reason, until};

const COOLDOWN: Duration = Duration::from_millis(400);

/// A token that nobody signed, and whose key id nobody has heard of.
fn nobodys(kid: &str) -> String {
    parts(json!({"alg": "RS256", "kid": kid}).to_string(), claims_with(json!({})).to_string(), [7; 256])
}

fn fresh_kid() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("random-{}", NEXT.fetch_add(1, SeqCst))
}

async fn provider(server: &JwksServer, fetch_timeout: Duration) -> JwksKeyProvider {
    let builder = eager().unknown_kid_cooldown(COOLDOWN).fetch_timeout(fetch_timeout);
    builder.source(server.source()).build().await.unwrap()
}

/// Sends a token with each of these ids, all at once.
async fn flood(mapper: &JwtClaimMapper, kids: impl Iterator<Item = String>) -> JoinSet<Option<Reason>> {
    let mut tasks = JoinSet::new();
    for kid in kids {
        let (mapper, value) = (mapper.clone(), nobodys(&kid));
        tasks.spawn(async move { reason(&mapper, &value).await });
    }
    // Until each has asked for its key.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    tasks
}

async fn all_are_refused(case: &str, flood: JoinSet<Option<Reason>>) {
    for refused in flood.join_all().await {
        assert!(matches!(refused, Some(UnknownKey | KeysUnavailable)), "{case}: {refused:?}");
    }
}

/// Tokens with a known key id are good: new ones, which are verified, and one that is remembered.
async fn known_keys_serve(case: &str, mapper: &JwtClaimMapper) {
    for number in 0..20 {
        let changes = [json!({"sub": format!("{number}")}), json!({"exp": 4_102_444_800_u64})];
        for value in changes.map(|changes| token(&claims_with(changes))) {
            assert_eq!(reason(mapper, &value).await, None, "{case}: a known key");
        }
    }
}

#[tokio::test]
async fn case_043_case_044_random_key_ids_cost_one_fetch_a_cool_down_whatever_it_brings() {
    let good = jwks(&[RSA.jwk("rsa-1")]);
    let (_never, held) = watch::channel(false);
    let answers = [
        ("case_043 a good answer", Answer::ok(&good)),
        ("case_044 no keys", Answer::ok(r#"{"keys":[]}"#)),
        ("case_044 500", Answer::with("500 Internal Server Error", "", "")),
        ("case_044 the connection closes", Answer::Raw(Vec::new())),
        ("case_044 silence", Answer::Held(good.clone(), held)),
        ("case_044 HTML", Answer::ok("<html></html>")),
    ];
    for (number, (case, answer)) in answers.into_iter().enumerate() {
        let strict = number % 2 == 0;
        let server = JwksServer::publishing(&good).await;
        let keys = provider(&server, Duration::from_millis(300)).await;
        let mapper = profile(strict, keys.clone()).build().unwrap();
        let served = Served::new(strict, mapper.clone());
        server.answer(answer);
        tokio::time::sleep(COOLDOWN).await;
        let (before, begun) = (server.connections(), Instant::now());
        // Many more floods than cool-downs: each could cost a fetch.
        for _ in 0..50 {
            all_are_refused(case, flood(&mapper, (0..200).map(|_| fresh_kid())).await).await;
        }
        known_keys_serve(case, &mapper).await;
        let (made, took) = (server.connections() - before, begun.elapsed());
        let allowed = took.as_nanos().div_ceil(COOLDOWN.as_nanos()) + 1;
        assert!(made >= 1 && made as u128 <= allowed, "{case}: {made} fetches in {took:?}");
        // One of them through the layer: 16 or 14 in strict, by whether anybody can tell.
        let value = nobodys(&fresh_kid());
        let expected = reason(&mapper, &value).await.unwrap();
        assert_eq!(expected == UnknownKey, number == 0, "{case}: {expected:?}");
        served.refuses(case, &value, expected).await;
    }
}

#[tokio::test]
async fn case_044_nobody_at_the_address_at_all() {
    for strict in [true, false] {
        let server = JwksServer::publishing(jwks(&[RSA.jwk("rsa-1")])).await;
        let keys = provider(&server, SOON).await;
        server.stop();
        until("a closed port", || std::net::TcpStream::connect(server.address).is_err()).await;
        tokio::time::sleep(COOLDOWN).await;
        let mapper = profile(strict, keys).build().unwrap();
        all_are_refused("case_044 refused", flood(&mapper, (0..2000).map(|_| fresh_kid())).await).await;
        Served::new(strict, mapper).refuses("case_044 refused", &nobodys("one-more"), KeysUnavailable).await;
    }
}

#[tokio::test]
async fn case_043_unknown_ids_are_remembered_and_not_without_bound() {
    let good = jwks(&[RSA.jwk("rsa-1")]);
    for (case, ids, again) in [("case_043 few", 500, false), ("case_043 more than are remembered", 3000, true)] {
        let server = JwksServer::publishing(&good).await;
        let mapper = profile(true, provider(&server, SOON).await).build().unwrap();
        tokio::time::sleep(COOLDOWN).await;
        let kids = || (0..ids).map(|number| format!("{case} {number}"));
        let (release, held) = watch::channel(false);
        server.answer(Answer::Held(good.clone(), held));
        let before = server.connections();
        let first = flood(&mapper, kids()).await;
        // The fetch is on its way and has no answer: who knows its key does not wait for it.
        known_keys_serve(case, &mapper).await;
        release.send(true).unwrap();
        all_are_refused(case, first).await;
        assert_eq!(server.connections(), before + 1, "{case}: one fetch for all of them");
        tokio::time::sleep(COOLDOWN).await;
        all_are_refused(case, flood(&mapper, kids()).await).await;
        assert_eq!(server.connections() > before + 1, again, "{case}: {}", server.connections() - before);
    }
}

#[tokio::test]
async fn case_060_a_caller_that_goes_away_takes_nothing_along() {
    for strict in [true, false] {
        let (release, held) = watch::channel(false);
        let server = JwksServer::publishing(jwks(&[RSA.jwk("rsa-1")])).await;
        let keys = eager().fetch_timeout(SOON).source(server.source()).build().await.unwrap();
        let mapper = profile(strict, keys.clone()).build().unwrap();
        server.answer(Answer::Held(jwks(&[RSA.jwk("rsa-1"), P256.jwk("new")]), held));
        let header = r#"{"alg":"ES256","kid":"new"}"#;
        let ask = |subject: &str| {
            let value = signed(&P256, Algorithm::Es256, header, claims_with(json!({"sub": subject})).to_string());
            let mapper = mapper.clone();
            tokio::spawn(async move { claims_of(&mapper, &value).await.map(|_| ()).map_err(|error| error.reason()) })
        };
        // The same token from several callers, and others.
        let leader = ask("alice");
        until("case_060 the fetch", || server.requests() == 2).await;
        let followers: Vec<_> = ["alice", "alice", "bob", "carol"].into_iter().map(ask).collect();
        tokio::task::yield_now().await;
        leader.abort();
        assert!(leader.await.unwrap_err().is_cancelled(), "case_060");
        followers[2].abort();
        release.send(true).unwrap();
        for (number, follower) in followers.into_iter().enumerate() {
            match follower.await {
                Ok(answer) => assert_eq!(answer, Ok(()), "case_060 follower {number}"),
                Err(error) => assert!(error.is_cancelled() && number == 2, "case_060 {number}: {error}"),
            }
        }
        assert_eq!(server.requests(), 2, "case_060: one fetch for all");

        // All of them go away: the fetch is completed all the same, and nothing is poisoned.
        let (release, held) = watch::channel(false);
        server.answer(Answer::Held(jwks(&[RSA.jwk("rsa-1"), P256.jwk("newer")]), held));
        let header = r#"{"alg":"ES256","kid":"newer"}"#;
        let value = signed(&P256, Algorithm::Es256, header, claims_with(json!({})).to_string());
        let waiters: Vec<_> = (0..5)
            .map(|_| {
                let (mapper, value) = (mapper.clone(), value.clone());
                tokio::spawn(async move { reason(&mapper, &value).await })
            })
            .collect();
        until("case_060 the second fetch", || server.requests() == 3).await;
        waiters.iter().for_each(tokio::task::JoinHandle::abort);
        release.send(true).unwrap();
        let newer = JoseHeader::new(Algorithm::Es256, Some("newer".to_owned()), None);
        until("case_060 the key that nobody waits for", || keys.known_keys(&KeyQuery::new(&newer)).is_some()).await;
        assert_eq!(reason(&mapper, &value).await, None, "case_060 the key that nobody waited for");
        assert_eq!(server.requests(), 3, "case_060: fetched again");
    }
}

#[tokio::test]
async fn case_060_two_tokens_while_no_keys_can_be_had() {
    for strict in [true, false] {
        let server = JwksServer::publishing(jwks(&[RSA.jwk("rsa-1")])).await;
        let keys = eager().source(server.source()).build().await.unwrap();
        let mapper = profile(strict, keys).build().unwrap();
        let served = Served::new(strict, mapper.clone());
        server.answer(Answer::with("500 Internal Server Error", "", "hunter2"));
        let (good, unknown) = (token(&claims_with(json!({}))), nobodys("c060"));
        let before = server.connections();
        for pair in [[good.as_str(), &unknown], [&unknown, &good], [&unknown, &unknown], [&good, &good]] {
            let answer = served.send(&pair, "default").await.unwrap();
            assert_eq!((answer.code, answer.handled), (if strict { 16 } else { 7 }, 0), "case_060: {answer:?}");
        }
        assert_eq!(server.connections(), before, "case_060: keys were fetched for two tokens");
        served.refuses("case_060 one of them", &unknown, KeysUnavailable).await;
        assert_eq!(reason(&mapper, &good).await, None, "case_060 the other");
    }
}
