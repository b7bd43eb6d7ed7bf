//! Bodies that are cut, doubled, slow, or too many.

use std::time::{Duration, Instant};

use crate::support::*;

/// A message of so many bytes that names a namespace.
fn filled(namespace: &str, bytes: usize) -> Vec<u8> {
    let name = field(1, namespace.as_bytes());
    let rest = bytes - name.len() - 5;
    let message = [name, field(1_000, &vec![b'x'; rest])].concat();
    assert!(message.len() <= bytes && message.len() + 2 >= bytes, "{}", message.len());
    message
}

#[tokio::test]
async fn a_unary_body_is_one_whole_message() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let token = world.token(&["shop:write"]);
        let good = framed(0, &field(1, b"shop"));
        let call = |body: Vec<u8>| Call::start("shop").token(&token).body(body);
        for (row, body) in [
            ("case_076 an empty body", Vec::new()),
            ("case_076 a cut prefix", good[..4].to_vec()),
            ("case_076 a prefix alone", good[..5].to_vec()),
            ("case_076 a byte less", good[..good.len() - 1].to_vec()),
            ("case_076 a byte more", [&good[..], b"x"].concat()),
            ("case_076 two messages", good.repeat(2)),
            ("case_076 a second message elsewhere", [&good[..], &framed(0, &field(1, b"bank"))].concat()),
            ("case_076 a second, empty message", [&good[..], &framed(0, b"")].concat()),
            ("case_076 a length that is not sent", [&[0, 0, 0, 1, 0][..], &field(1, b"shop")].concat()),
        ] {
            world.refused(row, &call(body), UNDECODABLE).await;
        }
        world
            .refused("case_076 a length of 4 GiB", &call([&[0, 255, 255, 255, 255][..], &good].concat()), TOO_LARGE)
            .await;

        // Byte by byte, with frames of nothing between them: the message that is judged is the one that arrives.
        let long = filled("shop", 300);
        let arrived = world.served("case_076 one byte a frame", &call(framed(0, &long)).in_chunks_of(1)).await;
        assert_eq!(arrived.body, framed(0, &long));
        let elsewhere = call(framed(0, &filled("bank", 300))).in_chunks_of(1);
        world.refused("case_076 one byte a frame, elsewhere", &elsewhere, denied("insufficient_role")).await;
        let mut raw = Raw::connect(world.addr).await;
        let stream = raw.open(&call(Vec::new()), false).await;
        for byte in &good {
            raw.write(&[raw::frame(raw::DATA, 0, stream, b""), raw::frame(raw::DATA, 0, stream, &[*byte])].concat())
                .await;
        }
        raw.write(&raw::frame(raw::DATA, raw::END_STREAM, stream, b"")).await;
        assert_eq!(raw.answer(stream).await.status(), "0", "case_076 empty frames between");
        assert_eq!(world.upstream.last().body, good);
    }
}

#[tokio::test]
async fn case_076_a_call_that_is_broken_off_never_arrives() {
    let world = World::start(Profile::Strict).await;
    let call = Call::start("shop").token(&world.token(&["shop:write"]));
    let mut raw = Raw::connect(world.addr).await;
    let stream = raw.open(&call, false).await;
    // The whole message, but not the end of the stream.
    raw.write(&raw::frame(raw::DATA, 0, stream, &call.body)).await;
    raw.write(&raw::frame(raw::RST_STREAM, 0, stream, &8_u32.to_be_bytes())).await;
    assert_eq!(raw.call(&call).await.status(), "0");
    assert_eq!(world.upstream.count(), 1);
}

#[tokio::test]
async fn case_075_a_bad_caller_is_answered_before_its_body_is_here() {
    for profile in Profile::BOTH {
        let limits = "maxRequestBytes: 65536, maxBufferedBytes: 262144";
        let world = World::with(&Setup { limits, ..Setup::new(profile) }).await;
        let bad = world.bad_token(&["shop:write"]);
        let rows = [
            ("case_075 bad", Call::start("shop").token(&bad), unauthenticated("bad_signature")),
            ("case_075 nobody", Call::start("shop"), unauthenticated("missing_credentials")),
            (
                "case_075 somebody without a role",
                Call::start("shop").token(&world.token(&[])),
                denied("insufficient_role"),
            ),
        ];
        for (row, call, expected) in rows {
            let mut all = Vec::new();
            // Together they have sent far more than may be held, and none has sent its all.
            for _ in 0..20 {
                let before = world.before();
                let mut raw = Raw::connect(world.addr).await;
                let stream = raw.open(&call, false).await;
                for chunk in [&[0, 0, 0, 255, 0][..], &[b'x'; 16_000], &[b'x'; 16_000]] {
                    raw.write(&raw::frame(raw::DATA, 0, stream, chunk)).await;
                }
                let answer = raw.answer(stream).await;
                world.judge(row, before, &answer, expected);
                all.push(raw);
            }
            while_served(&world, 5, async {}).await;
        }
    }
}

#[tokio::test]
async fn case_075_what_all_callers_have_sent_together_is_bounded() {
    for profile in Profile::BOTH {
        let limits = "maxRequestBytes: 65536, maxBufferedBytes: 262144";
        let world = World::with(&Setup { limits, ..Setup::new(profile) }).await;
        let large = Call::start("shop").token(&world.token(&["shop:write"])).message(&filled("shop", 60_000));
        let mut stalled = Vec::new();
        for _ in 0..4 {
            let mut raw = Raw::connect(world.addr).await;
            let stream = raw.open(&large, false).await;
            for chunk in large.body.chunks(16_384) {
                raw.write(&raw::frame(raw::DATA, 0, stream, chunk)).await;
            }
            stalled.push(raw);
        }
        // Their bytes are on their way for as long as it takes.
        tokio::time::sleep(Duration::from_millis(300)).await;
        while_served(&world, 10, async {
            world.refused("case_075 one too many", &large, OVERLOADED).await;
        })
        .await;
        drop(stalled);
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.served("case_075 once they are gone", &large).await;
        let over = large.message(&filled("shop", 65_537));
        world.refused("case_075 a message over its own limit", &over, TOO_LARGE).await;
    }
}

#[tokio::test]
async fn case_077_a_body_has_its_time() {
    for profile in Profile::BOTH {
        let limits = "requestTimeout: 1s";
        let world = World::with(&Setup { limits, ..Setup::new(profile) }).await;
        let call = Call::start("shop").token(&world.token(&["shop:write"]));
        for (row, pause) in [("case_077 a byte, then nothing", 60_000), ("case_077 a byte now and then", 200)] {
            let before = world.before();
            let begun = Instant::now();
            let mut raw = Raw::connect(world.addr).await;
            let stream = raw.open(&call, false).await;
            let attack = async {
                for byte in &call.body {
                    raw.write(&raw::frame(raw::DATA, 0, stream, &[*byte])).await;
                    if let Some(answer) = raw.answer_within(stream, Duration::from_millis(pause)).await {
                        return answer;
                    }
                }
                panic!("{row}: the body is there, and there was no answer");
            };
            let mut calls = before;
            let answer = while_served(&world, 10, async {
                let answer = attack.await;
                calls.0 = world.upstream.count();
                answer
            })
            .await;
            assert!((900..3_000).contains(&begun.elapsed().as_millis()), "{row}: {:?}", begun.elapsed());
            // The good calls arrived; the slow one did not.
            calls.0 = world.upstream.count();
            world.judge(row, calls, &answer, TOO_SLOW);
            assert_ne!(world.upstream.last().body, call.body, "{row}");
        }
    }
}
