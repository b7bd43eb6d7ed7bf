//! Compressed messages: judged by what they inflate to, and bounded by it.

use std::{io::Write as _, time::Instant};

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};

use crate::support::*;

fn gzip(message: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(message).unwrap();
    encoder.finish().unwrap()
}

fn zlib(message: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(message).unwrap();
    encoder.finish().unwrap()
}

fn deflate(message: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(message).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_compressed_message_is_judged_by_what_is_in_it() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let token = world.token(&["shop:write"]);
        let (mine, theirs) = (field(1, b"shop"), field(1, b"bank"));
        let call = |flag: u8, encoding: &str, message: &[u8]| {
            let call = Call::start("").token(&token).body(framed(flag, message));
            if encoding.is_empty() { call } else { call.field("grpc-encoding", encoding) }
        };
        for (row, call) in [
            ("case_074 gzip", call(1, "gzip", &gzip(&mine))),
            ("case_074 gzip in two members", call(1, "gzip", &[gzip(&theirs), gzip(&mine)].concat())),
            ("case_074 deflate", call(1, "deflate", &zlib(&mine))),
            ("case_074 an encoding that is not used", call(0, "gzip", &mine)),
            ("case_074 an unknown encoding that is not used", call(0, "zstd", &mine)),
        ] {
            let arrived = world.served(row, &call).await;
            let plain = if row.contains("members") { [theirs.clone(), mine.clone()].concat() } else { mine.clone() };
            assert_eq!(arrived.body, framed(0, &plain), "{row}");
        }
        let low = denied("insufficient_role");
        for (row, call, expected) in [
            ("case_074 gzip, elsewhere", call(1, "gzip", &gzip(&theirs)), low),
            ("case_074 gzip of nothing", call(1, "gzip", &gzip(b"")), low),
            ("case_074 elsewhere in the second member", call(1, "gzip", &[gzip(&mine), gzip(&theirs)].concat()), low),
            ("case_074 deflate, elsewhere", call(1, "deflate", &zlib(&theirs)), low),
            ("case_074 zstd", call(1, "zstd", &mine), UNDECODABLE),
            ("case_074 snappy", call(1, "snappy", &mine), UNDECODABLE),
            ("case_074 identity", call(1, "identity", &mine), UNDECODABLE),
            ("case_074 gzip in capitals", call(1, "GZIP", &gzip(&mine)), UNDECODABLE),
            ("case_074 a list of encodings", call(1, "gzip,gzip", &gzip(&mine)), UNDECODABLE),
            ("case_074 deflate without zlib", call(1, "deflate", &deflate(&mine)), UNDECODABLE),
            ("case_074 gzip called deflate", call(1, "deflate", &gzip(&mine)), UNDECODABLE),
            ("case_074 plain called gzip", call(1, "gzip", &mine), UNDECODABLE),
            ("case_074 cut", call(1, "gzip", &gzip(&mine)[..15]), UNDECODABLE),
            ("case_074 more behind", call(1, "gzip", &[gzip(&mine), b"x".to_vec()].concat()), UNDECODABLE),
            ("case_074 flag 1 without an encoding", call(1, "", &gzip(&mine)), UNDECODABLE),
            ("case_074 flag 2", call(2, "gzip", &gzip(&mine)), UNDECODABLE),
            ("case_074 flag 128", call(128, "gzip", &mine), UNDECODABLE),
            ("case_074 flag 255", call(255, "", &mine), UNDECODABLE),
        ] {
            world.refused(row, &call, expected).await;
        }
    }
}

#[tokio::test]
async fn two_encodings_do_not_hide_a_message() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let token = world.token(&["shop:write"]);
        for (row, first, second, message) in [
            ("case_074 gzip, then zstd", "gzip", "zstd", gzip(&field(1, b"bank"))),
            ("case_074 deflate, then gzip", "deflate", "gzip", zlib(&field(1, b"bank"))),
        ] {
            let call = Call::start("").token(&token).field("grpc-encoding", first).field("grpc-encoding", second);
            world.refused(row, &call.body(framed(1, &message)), denied("insufficient_role")).await;
        }
        // What is served is what was judged, and says no more how it came.
        let call = Call::start("").token(&token).field("grpc-encoding", "gzip").field("grpc-encoding", "zstd");
        let arrived =
            world.served("case_074 gzip, then zstd, mine", &call.body(framed(1, &gzip(&field(1, b"shop"))))).await;
        assert!(arrived.body == framed(0, &field(1, b"shop")) && !arrived.headers.contains_key("grpc-encoding"));
    }
}

#[tokio::test]
async fn case_075_a_bomb_goes_off_for_nobody() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let zeros = [field(1, b"shop"), field(1_000, &vec![0; 64 << 20])].concat();
        let bomb = gzip(&zeros);
        assert!(zeros.len() / bomb.len() > 900, "{}", bomb.len());
        let large = gzip(&[field(1, b"bank"), field(1_000, &vec![0; 3_900_000])].concat());
        let call = |message: &[u8], token: &str| {
            Call::start("").token(token).field("grpc-encoding", "gzip").body(framed(1, message))
        };
        let (good, bad) = (world.token(&["shop:write"]), world.bad_token(&["shop:write"]));
        let begun = Instant::now();
        while_served(&world, 5, async {
            // The connections stay: what each has sent waits for nobody.
            let mut all = Vec::new();
            for _ in 0..10 {
                for (row, call, expected) in [
                    ("case_075 a bomb", call(&bomb, &good), TOO_LARGE),
                    ("case_075 a bomb of a bad caller", call(&bomb, &bad), unauthenticated("bad_signature")),
                    ("case_075 just under the limit", call(&large, &good), denied("insufficient_role")),
                    ("case_075 just under, of a bad caller", call(&large, &bad), unauthenticated("bad_signature")),
                ] {
                    let mut raw = Raw::connect(world.addr).await;
                    let answer = raw.call(&call).await;
                    let code = expected.code(profile).to_string();
                    assert_eq!(answer.status(), code, "{row}: {}", answer.shown());
                    world.discreet(row, &answer.shown());
                    all.push(raw);
                }
            }
        })
        .await;
        assert_ne!(world.upstream.last().body.len(), framed(0, &zeros).len());
        assert!(begun.elapsed().as_secs() < 15, "{:?}", begun.elapsed());
    }
}
