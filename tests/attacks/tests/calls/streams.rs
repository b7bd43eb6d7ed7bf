//! Streams: judged when they open, and not left open for ever.

use std::time::{Duration, Instant};

use crate::support::*;

#[tokio::test]
async fn a_stream_is_judged_before_its_first_message() {
    for profile in Profile::BOTH {
        let world = World::with(&Setup { manner: Manner::Echo, ..Setup::new(profile) }).await;
        let missing = unauthenticated("missing_credentials");
        let low = denied("insufficient_role");
        let rows = [
            ("case_069 no credentials", Call::to(REPLICATION), missing),
            ("case_069 garbage", Call::to(REPLICATION).token("garbage"), unauthenticated("malformed_credentials")),
            (
                "case_069 a bad signature",
                Call::to(REPLICATION).token(&world.bad_token(&["temporal-system:admin"])),
                unauthenticated("bad_signature"),
            ),
            ("case_069 a namespace's admin", Call::to(REPLICATION).token(&world.token(&["shop:admin"])), low),
            ("case_069 a system's writer", Call::to(REPLICATION).token(&world.token(&["temporal-system:write"])), low),
        ];
        for (row, call, expected) in rows {
            let before = world.before();
            let mut raw = Raw::connect(world.addr).await;
            // No message follows, and the stream stays open from this side.
            let stream = raw.open(&call, false).await;
            let answer = raw.answer(stream).await;
            world.judge(row, before, &answer, expected);
        }
    }
}

// That each message of a stream is looked at again is not built; that the stream ends is.
#[tokio::test]
async fn case_070_a_stream_ends_with_its_token_in_strict() {
    for profile in Profile::BOTH {
        let world = World::with(&Setup { manner: Manner::Echo, ..Setup::new(profile) }).await;
        let mut claims = issuer::claims(&["temporal-system:admin"]);
        let expires = claims["iat"].as_u64().unwrap() + 3;
        claims.insert("exp".to_owned(), expires.into());
        let token = world.kept(issuer::sign(&claims));
        let begun = Instant::now();
        let mut raw = Raw::connect(world.addr).await;
        let stream = raw.open(&Call::to(REPLICATION).token(&token), false).await;
        raw.write(&raw::frame(raw::DATA, 0, stream, &framed(0, b"before"))).await;
        let answer = raw.answer_within(stream, Duration::from_secs(5)).await;
        match (profile, answer) {
            (Profile::Temporal, None) => {}
            (Profile::Strict, Some(answer)) => {
                assert_eq!((answer.status(), answer.http()), ("16", "200"), "{}", answer.shown());
                assert_eq!(answer.field("grpc-message"), Some("Credentials%20expired."));
                assert_eq!(answer.data, framed(0, b"before"));
                assert!(begun.elapsed() < Duration::from_millis(4_500), "{:?}", begun.elapsed());
                world.discreet("case_070", &answer.shown());
            }
            (profile, answer) => panic!("case_070 {profile:?}: {answer:?}"),
        }
        // A new stream is not to be had with it in either.
        world.refused("case_070 again", &Call::to(REPLICATION).token(&token), unauthenticated("expired")).await;
    }
}

#[tokio::test]
async fn case_070_a_long_poll_that_was_allowed_is_not_ended() {
    let world = World::with(&Setup { manner: Manner::Hang, ..Setup::new(Profile::Strict) }).await;
    let mut claims = issuer::claims(&["shop:write"]);
    let expires = claims["iat"].as_u64().unwrap() + 2;
    claims.insert("exp".to_owned(), expires.into());
    let token = world.kept(issuer::sign(&claims));
    let mut raw = Raw::connect(world.addr).await;
    let poll = Call::to(workflow("PollWorkflowTaskQueue")).message(&field(1, b"shop")).token(&token);
    let stream = raw.send(&poll).await;
    assert!(raw.answer_within(stream, Duration::from_secs(4)).await.is_none());
    assert_eq!(world.upstream.count(), 1);
    world.refused_on(&mut raw, "case_070 the next poll", &poll, unauthenticated("expired")).await;
}
