use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::HeaderMap;
use serde_json::json;
use temporal_authz::{AuthInfo, ClaimMapper as _, Claims, Reason};
use temporal_claim_mapper::{CacheLimits, JwtClaimMapper};

use crate::support::*;

fn at_hand(mapper: &JwtClaimMapper, value: &str, audience: &str) -> Option<Claims> {
    let headers = HeaderMap::new();
    let info = AuthInfo::new(&headers).with_auth_token(value).with_audience(audience);
    mapper.claims_at_hand(&info).map(|answer| answer.unwrap().unwrap())
}

#[tokio::test]
async fn a_verified_token_is_at_hand_and_is_not_verified_again() {
    let keys = MemoryKeys::new();
    for mapper in [strict(&keys).build().unwrap(), temporal(&keys).build().unwrap()] {
        let before = keys.asked();
        let value = token(&good());
        assert!(at_hand(&mapper, &value, "").is_none());
        for _ in 0..3 {
            assert_eq!(reason(&mapper, &value).await, None);
            assert_eq!(at_hand(&mapper, &value, "").unwrap().subject(), "alice");
        }
        assert_eq!(at_hand(&mapper.clone(), &value, "").unwrap().subject(), "alice", "clones share it");
        assert_eq!(keys.asked() - before, 1);
    }
}

// 55
#[tokio::test]
async fn only_exactly_this_token_is_at_hand() {
    let keys = MemoryKeys::new();
    let mapper = strict(&keys).build().unwrap();
    let value = token(&good());
    reason(&mapper, &value).await;
    let mut parts: Vec<_> = value.split('.').map(str::to_owned).collect();
    parts[1] = base64(payload(json!({"sub": "mallory"})).to_string());
    let forged = parts.join(".");
    for other in [forged.as_str(), &value[..value.len() - 1], &format!("{value}A"), "Bearer ", "", "Bearer a.b.c"] {
        assert!(at_hand(&mapper, other, "").is_none());
    }
    assert_eq!(reason(&mapper, &forged).await, Some(Reason::BadSignature));
}

// 53, 31
#[tokio::test]
async fn a_remembered_token_ends_at_its_exp_by_the_wall_clock() {
    let keys = MemoryKeys::new();
    let clock = FakeClock::at(NOW);
    let mapper = strict(&keys).clock(clock.clone()).build().unwrap();
    let value = token(&payload(json!({"nbf": NOW - 5})));
    assert_eq!(reason(&mapper, &value).await, None);
    for (now, expected) in
        [(NOW + 599, None), (NOW + 600, Some(Reason::Expired)), (NOW - 6, Some(Reason::NotYetValid)), (NOW, None)]
    {
        clock.set(now);
        assert_eq!(at_hand(&mapper, &value, "").is_some(), expected.is_none(), "{}", now - NOW);
        assert_eq!(reason(&mapper, &value).await, expected, "{}", now - NOW);
    }
}

#[tokio::test]
async fn a_clock_that_ticks_late_keeps_no_token_out_and_lets_none_in() {
    let keys = MemoryKeys::new();
    let clock = FakeClock::at(NOW);
    let mapper = strict(&keys).clock(SlowTicks(clock.clone())).build().unwrap();
    let value = token(&payload(json!({"nbf": NOW})));
    for (now, known, expected) in [
        (NOW - 1, false, Some(Reason::NotYetValid)),
        (NOW, false, None),
        (NOW + 1, true, None),
        (NOW + 599, true, None),
        (NOW + 600, false, Some(Reason::Expired)),
        (NOW + 601, false, Some(Reason::Expired)),
    ] {
        clock.set(now);
        assert_eq!(at_hand(&mapper, &value, "").is_some(), known, "{}", now - NOW);
        if !known {
            assert_eq!(reason(&mapper, &value).await, expected, "{}", now - NOW);
        }
    }
    assert_eq!(keys.asked(), 1, "what is asked again is not verified again");
}

#[tokio::test]
async fn a_remembered_token_without_exp_stays() {
    let keys = MemoryKeys::new();
    let clock = FakeClock::at(NOW);
    let mapper = temporal(&keys).clock(clock.clone()).build().unwrap();
    let value = token(&payload(json!({"exp": null})));
    assert_eq!(reason(&mapper, &value).await, None);
    clock.set(NOW + 1_000_000_000);
    assert!(at_hand(&mapper, &value, "").is_some());
}

// 54
#[tokio::test]
async fn a_token_remembered_for_one_audience_is_no_hit_for_another() {
    let keys = MemoryKeys::new();
    let mapper = strict(&keys).build().unwrap();
    let value = token(&payload(json!({"aud": [AUDIENCE, "billing"]})));
    assert_eq!(reason(&mapper, &value).await, None);
    let headers = HeaderMap::new();
    for (audience, good) in [("", true), ("billing", true), (AUDIENCE, true), ("other", false), ("billing ", false)] {
        assert_eq!(at_hand(&mapper, &value, audience).is_some(), good, "{audience}");
        let info = AuthInfo::new(&headers).with_auth_token(&value).with_audience(audience);
        let answer = mapper.get_claims(&info).await.map_err(|error| error.reason());
        assert_eq!(answer.err(), (!good).then_some(Reason::WrongAudience), "{audience}");
    }
    assert_eq!(keys.asked(), 1);
    // Nor is one for the audience of a call alone, when a call names none.
    let theirs = token(&payload(json!({"aud": "billing"})));
    let info = AuthInfo::new(&headers).with_auth_token(&theirs).with_audience("billing");
    assert!(mapper.get_claims(&info).await.is_ok());
    for (audience, good) in [("billing", true), ("", false), (" ", false), (AUDIENCE, false)] {
        assert_eq!(at_hand(&mapper, &theirs, audience).is_some(), good, "{audience}");
    }
    // Another mapper has another cache.
    let other = strict(&keys).audience("x").build().unwrap();
    assert!(at_hand(&other, &value, "").is_none());
}

// 52
#[tokio::test]
async fn a_token_goes_with_its_key() {
    let keys = MemoryKeys::new();
    let mapper = strict(&keys).build().unwrap();
    let value = token(&good());
    for change in ["gone", "replaced"] {
        keys.put(Some("rsa-1"), [RSA.key("rsa-1")]);
        assert_eq!(reason(&mapper, &value).await, None);
        let expected = if change == "gone" {
            keys.remove("rsa-1");
            Reason::UnknownKey
        } else {
            keys.put(Some("rsa-1"), [OTHER_RSA.key("rsa-1")]);
            Reason::BadSignature
        };
        assert!(at_hand(&mapper, &value, "").is_none(), "{change}");
        assert_eq!(reason(&mapper, &value).await, Some(expected), "{change}");
        assert!(at_hand(&mapper, &value, "").is_none(), "{change}");
    }
}

#[tokio::test]
async fn a_token_whose_key_stays_is_kept_without_signature_work() {
    let keys = MemoryKeys::new();
    let mapper = strict(&keys).build().unwrap();
    let value = token(&good());
    reason(&mapper, &value).await;
    let changes: [&dyn Fn(); 4] = [
        &|| keys.put(Some("new"), [P256.key("new")]),
        &|| keys.remove("ed-1"),
        &|| keys.put(Some("rsa-1"), [RSA.key("rsa-1")]),
        &|| keys.put(Some("rsa-1"), [P256.key("rsa-1"), RSA.key("rsa-1")]),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        change();
        assert!(at_hand(&mapper, &value, "").is_some(), "change {number}");
        assert_eq!(reason(&mapper, &value).await, None, "change {number}");
    }
    assert_eq!(keys.asked(), 1);
    assert_eq!(keys.looked.load(Ordering::SeqCst), 3, "once for each new generation, and adding a key makes none");
}

#[tokio::test]
async fn a_change_of_keys_is_looked_at_once_for_all_tokens_of_an_issuer() {
    let keys = MemoryKeys::new();
    let mapper = strict(&keys).build().unwrap();
    let tokens: Vec<_> = (0..20).map(|number| token(&payload(json!({"sub": format!("worker {number}")})))).collect();
    for value in &tokens {
        assert_eq!(reason(&mapper, value).await, None);
    }
    keys.remove("ed-1");
    for value in &tokens {
        assert!(at_hand(&mapper, value, "").is_some());
    }
    assert_eq!(keys.looked.load(Ordering::SeqCst), 1);
    keys.remove("rsa-1");
    for value in &tokens {
        assert!(at_hand(&mapper, value, "").is_none());
        assert_eq!(reason(&mapper, value).await, Some(Reason::UnknownKey));
    }
}

#[tokio::test]
async fn a_token_that_expires_while_it_is_verified_is_refused() {
    let keys = MemoryKeys::new();
    let clock = FakeClock::at(NOW);
    let mapper = strict(&keys).clock(clock.clone()).build().unwrap();
    let value = token(&good());
    keys.gate.forget_permits(usize::MAX);
    let callers: Vec<_> = (0..2)
        .map(|_| {
            let (mapper, value) = (mapper.clone(), value.clone());
            tokio::spawn(async move { reason(&mapper, &value).await })
        })
        .collect();
    while keys.asked() == 0 {
        tokio::task::yield_now().await;
    }
    clock.set(NOW + 600);
    keys.gate.add_permits(1000);
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Some(Reason::Expired));
    }
}

#[tokio::test]
async fn a_provider_that_keeps_no_keys_at_hand_is_asked_again_after_a_change() {
    let keys = Arc::new(MemoryKeys::with_known(false));
    let mapper = strict(&keys).build().unwrap();
    let value = token(&good());
    reason(&mapper, &value).await;
    keys.remove("ed-1");
    assert!(at_hand(&mapper, &value, "").is_none());
    assert_eq!(reason(&mapper, &value).await, None);
    assert_eq!(keys.asked(), 2);
    assert!(at_hand(&mapper, &value, "").is_some());
}

#[tokio::test]
async fn a_verification_that_began_before_a_key_left_does_not_outlive_it() {
    let keys = MemoryKeys::new();
    let mapper = strict(&keys).build().unwrap();
    let value = token(&good());
    keys.gate.forget_permits(usize::MAX);
    let first = tokio::spawn({
        let (mapper, value) = (mapper.clone(), value.clone());
        async move { reason(&mapper, &value).await }
    });
    while keys.asked() == 0 {
        tokio::task::yield_now().await;
    }
    keys.remove("rsa-1");
    keys.gate.add_permits(1000);
    // Its key was good when it was asked for.
    assert_eq!(first.await.unwrap(), None);
    assert!(at_hand(&mapper, &value, "").is_none());
    assert_eq!(reason(&mapper, &value).await, Some(Reason::UnknownKey));
}

const STAMPEDE: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_first_uses_verify_once() {
    let keys = MemoryKeys::new();
    let mapper = strict(&keys).build().unwrap();
    let value = token(&good());
    keys.gate.forget_permits(usize::MAX);
    let asking = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..STAMPEDE)
        .map(|_| {
            let (mapper, value, asking) = (mapper.clone(), value.clone(), Arc::clone(&asking));
            tokio::spawn(async move {
                asking.fetch_add(1, Ordering::Relaxed);
                reason(&mapper, &value).await
            })
        })
        .collect();
    // All of them wait for the one verification, which waits for its key.
    while keys.asked() == 0 || asking.load(Ordering::Relaxed) < STAMPEDE {
        tokio::task::yield_now().await;
    }
    keys.gate.add_permits(STAMPEDE);
    for task in tasks {
        assert_eq!(task.await.unwrap(), None);
    }
    assert_eq!(keys.asked(), 1);
}

// 60
#[tokio::test]
async fn a_caller_that_goes_away_does_not_fail_the_others() {
    let keys = MemoryKeys::new();
    let mapper = strict(&keys).build().unwrap();
    let value = token(&good());
    keys.gate.forget_permits(usize::MAX);
    let spawn = || {
        let (mapper, value) = (mapper.clone(), value.clone());
        tokio::spawn(async move { reason(&mapper, &value).await })
    };
    let leader = spawn();
    while keys.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let followers: Vec<_> = (0..10).map(|_| spawn()).collect();
    tokio::task::yield_now().await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    keys.gate.add_permits(1000);
    for follower in followers {
        assert_eq!(follower.await.unwrap(), None);
    }
    assert_eq!(keys.asked(), 2, "one follower took over");
}

#[tokio::test]
async fn refused_tokens_are_not_remembered() {
    let keys = MemoryKeys::new();
    let mapper = strict(&keys).build().unwrap();
    let unknown = raw(r#"{"alg":"RS256","kid":"later"}"#, good().to_string());
    for asked in 1..=2 {
        assert_eq!(reason(&mapper, &unknown).await, Some(Reason::UnknownKey));
        assert!(at_hand(&mapper, &unknown, "").is_none());
        assert_eq!(keys.asked(), asked);
    }
    keys.put(Some("later"), [RSA.key("later")]);
    assert_eq!(reason(&mapper, &unknown).await, None);
}

// 56
#[tokio::test]
async fn a_cache_of_no_size_remembers_nothing() {
    let keys = MemoryKeys::new();
    let value = token(&good());
    for limits in [CacheLimits::new(0, 1 << 20), CacheLimits::new(1000, 0)] {
        let mapper = strict(&keys).cache(limits).build().unwrap();
        let before = keys.asked();
        for _ in 0..2 {
            assert_eq!(reason(&mapper, &value).await, None, "{limits:?}");
        }
        assert_eq!(keys.asked() - before, 2, "{limits:?}");
    }
}
