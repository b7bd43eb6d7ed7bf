//! Floods of frames: whoever makes them harms itself, and a good client is served meanwhile.

use std::time::Duration;

use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::support::{raw::frame, *};

/// Without a log, which a flood would fill. The gateway has threads of its own here, as it has in a server.
async fn quiet(profile: Profile) -> World {
    World::with(&Setup { log: "off", ..Setup::new(profile) }).await
}

/// Frames that begin a call on each of so many streams, each followed by `then`.
fn calls(call: &Call, streams: u32, then: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    let block = encode(&call.fields);
    (0..streams)
        .flat_map(|index| {
            let stream = index * 2 + 1;
            [frame(raw::HEADERS, raw::END_HEADERS, stream, &block), then(stream)].concat()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_078_calls_that_are_reset_at_once_cost_their_sender_its_connection() {
    for profile in Profile::BOTH {
        let world = quiet(profile).await;
        let cancel = |stream| frame(raw::RST_STREAM, 0, stream, &8_u32.to_be_bytes());
        let good = Call::start("shop").token(&world.token(&["shop:write"]));
        let bad = Call::start("shop").token(&world.bad_token(&["shop:write"]));
        for (row, call) in [("an open method", Call::to(HEALTH)), ("good", good), ("bad", bad)] {
            let bytes = calls(&call, 50_000, cancel);
            while_served(&world, 10, async {
                for _ in 0..3 {
                    let taken = Raw::connect(world.addr).await.flood(&bytes, true).await;
                    assert!(!taken, "{row}: fifty thousand resets were taken");
                }
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_078_a_header_list_without_end_is_not_kept() {
    for profile in Profile::BOTH {
        let world = quiet(profile).await;
        let part = encode(&vec![(b"x-more".to_vec(), vec![b'x'; 1_000]); 16]);
        let first = |raw: &mut Raw| {
            let stream = raw.new_stream();
            frame(raw::HEADERS, 0, stream, &encode(&Call::to(HEALTH).fields))
        };
        let empty = frame(raw::CONTINUATION, 0, 1, b"");
        for (row, bytes) in [
            ("full", frame(raw::CONTINUATION, 0, 1, &part).repeat(2_000)),
            ("empty", empty.repeat(200_000)),
            (
                "of one field",
                frame(raw::CONTINUATION, 0, 1, &encode(&[(b"a".to_vec(), b"b".to_vec())])).repeat(200_000),
            ),
        ] {
            while_served(&world, 10, async {
                let mut raw = Raw::connect(world.addr).await;
                let begun = first(&mut raw);
                assert!(!raw.flood(&[begun, bytes].concat(), false).await, "case_078 {row}: all were taken");
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_078_frames_of_nothing_are_not_taken_for_ever() {
    for profile in Profile::BOTH {
        let world = quiet(profile).await;
        let call = Call::start("shop").token(&world.token(&["shop:write"]));
        let begun = frame(raw::HEADERS, raw::END_HEADERS, 1, &encode(&call.fields));
        let with_padding = [&[200][..], &[0; 200]].concat();
        for (row, flood) in [
            ("empty DATA", frame(raw::DATA, 0, 1, b"")),
            ("padding alone", frame(raw::DATA, 8, 1, &with_padding)),
            ("PING", frame(raw::PING, 0, 0, &[0; 8])),
            ("SETTINGS", frame(raw::SETTINGS, 0, 0, b"")),
            ("WINDOW_UPDATE", frame(raw::WINDOW_UPDATE, 0, 1, &1_u32.to_be_bytes())),
            ("PRIORITY", frame(2, 0, 1, &[0, 0, 0, 0, 1])),
            ("unknown frames", frame(99, 0, 0, b"x")),
            ("resets of no stream", frame(raw::RST_STREAM, 0, 1, &8_u32.to_be_bytes())),
        ] {
            let bytes = [&begun[..], &flood.repeat(100_000)].concat();
            // Whether a peer that means nothing by it is put up with is for HTTP/2 to say; that it holds nobody up is asserted.
            while_served(&world, 10, async {
                Raw::connect(world.addr).await.flood(&bytes, true).await;
            })
            .await;
            assert!(world.upstream.count() > 0, "{row}");
        }
        assert!(world.upstream.last().body == Call::start("good").body, "case_078 none of them arrived");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_078_more_streams_than_are_allowed_wait_or_are_refused() {
    let world = World::with(&Setup { log: "off", manner: Manner::Answer, ..Setup::new(Profile::Strict) }).await;
    // Half a message each: every call of them waits for the rest.
    let call = Call::start("shop").token(&world.token(&["shop:write"]));
    let bytes = calls(&call, 12_000, |stream| frame(raw::DATA, 0, stream, &call.body[..3]));
    let mut raw = Raw::connect(world.addr).await;
    while_served(&world, 10, raw.flood(&bytes, true)).await;
    assert!(world.upstream.last().body == Call::start("good").body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_078_connections_that_break_do_not_end_the_listener() {
    for profile in Profile::BOTH {
        let world = quiet(profile).await;
        while_served(&world, 10, async {
            for index in 0..500 {
                let mut tcp = TcpStream::connect(world.addr).await.unwrap();
                match index % 4 {
                    0 => tcp.set_zero_linger().unwrap(),
                    1 => tcp.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap(),
                    2 => tcp.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap(),
                    _ => tcp.write_all(&[22, 3, 1, 0, 5, 1, 0, 0, 1, 0]).await.unwrap(),
                }
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_078_a_header_list_over_the_limit_is_refused_and_the_connection_lives() {
    let world = quiet(Profile::Strict).await;
    let mut raw = Raw::connect(world.addr).await;
    let token = world.token(&["shop:write"]);
    let call = Call::start("shop").token(&token);
    for (length, expected) in [(10_000, "200"), (70_000, "431")] {
        let long = call.clone().field("x-long", "x".repeat(length));
        assert_eq!(raw.call(&long).await.http(), expected, "{length}");
    }
    let many = (0..3_000).fold(call.clone(), |call, index| call.field(format!("x-{index}"), ""));
    assert_eq!(raw.call(&many).await.http(), "431");
    assert_eq!(raw.call(&call).await.status(), "0");
    assert_eq!(world.upstream.count(), 2);
    assert!(raw.answer_within(1, Duration::from_millis(10)).await.is_none());
}

#[test]
fn case_078_the_versions_that_bound_floods_are_the_ones_in_use() {
    let file = |name: &str| std::fs::read_to_string(format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (lock, deny) = (file("Cargo.lock"), file("deny.toml"));
    for (name, least) in [("h2", [0, 4, 16]), ("tonic", [0, 12, 3])] {
        let versions: Vec<[u32; 3]> = lock
            .split("[[package]]")
            .filter(|package| package.contains(&format!("\nname = \"{name}\"\n")))
            .map(|package| {
                let version = package.split("version = \"").nth(1).unwrap().split('"').next().unwrap();
                let parts: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
                parts.try_into().unwrap()
            })
            .collect();
        assert!(!versions.is_empty() && versions.iter().all(|version| *version >= least), "{name}: {versions:?}");
        let [major, minor, patch] = least;
        let ban = format!("name = \"{name}\", version = \"<{major}.{minor}.{patch}\"");
        assert!(deny.contains(&ban), "{ban} in deny.toml");
    }
}
