//! The first byte chooses the `grpc-encoding`, the second whether the rest is compressed first; the rest is a body.
//! What is judged never exceeds the limit and is what is forwarded; what another decoder finds whole is not refused.

#![no_main]

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::{
    Compression,
    read::{MultiGzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use temporal_interceptor::request::{FrameError, PREFIX_BYTES, unframe};

const LIMIT: usize = 4096;

/// The body of one message, with a prefix that tells the truth.
fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
    [&[flag], &(message.len() as u32).to_be_bytes()[..], message].concat()
}

fn inflated(encoding: &str, message: &[u8]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    match encoding {
        "gzip" => drop(MultiGzDecoder::new(message).read_to_end(&mut all).ok()?),
        "deflate" => {
            let mut decoder = ZlibDecoder::new(message);
            decoder.read_to_end(&mut all).ok()?;
            if decoder.total_in() != message.len() as u64 {
                return None;
            }
        }
        _ => return None,
    }
    Some(all)
}

fuzz_target!(|data: &[u8]| {
    let [choice, compress, rest @ ..] = data else { return };
    let encoding = ["gzip", "deflate", "zstd", ""][usize::from(choice % 4)];
    let mut headers = HeaderMap::new();
    if !encoding.is_empty() {
        headers.insert("grpc-encoding", HeaderValue::from_static(encoding));
    }
    let body = match compress % 4 {
        0 => rest.to_vec(),
        1 => framed(1, rest),
        2 => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(rest).expect("memory");
            framed(1, &encoder.finish().expect("memory"))
        }
        _ => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            // About as long as the limit, a little less or a little more.
            let length = LIMIT - 32 + usize::from(compress >> 2);
            let message: Vec<u8> = rest.iter().copied().cycle().take(length).collect();
            encoder.write_all(&message).expect("memory");
            framed(1, &encoder.finish().expect("memory"))
        }
    };
    let body = Bytes::from(body);
    match unframe(body.clone(), &headers, LIMIT) {
        Ok(frame) => {
            assert!(frame.message().len() <= LIMIT);
            // The body to forward holds the message that is judged, once, not compressed.
            assert_eq!(frame.body(), &framed(0, frame.message()));
            let again = unframe(frame.body().clone(), &HeaderMap::new(), LIMIT).expect("it was a message before");
            assert_eq!(again.message(), frame.message());
            assert!(!again.is_inflated());
            if frame.is_inflated() {
                assert_eq!(body[0], 1);
                assert_eq!(inflated(encoding, &body[PREFIX_BYTES..]).as_deref(), Some(&frame.message()[..]));
            } else {
                assert_eq!(frame.body(), &body);
            }
        }
        // A whole message is refused for its size alone; a compressed one also for more members than anybody makes.
        Err(error) => {
            let Some(message) = body.get(PREFIX_BYTES..) else { return };
            let too_large = error == FrameError::TooLarge && message.len() > LIMIT;
            assert!(body != framed(0, message) || too_large, "{error:?}");
            if body == framed(1, message)
                && let Some(all) = inflated(encoding, message)
            {
                const EMPTY_MEMBER: usize = 20;
                let inflated_too_large = error == FrameError::TooLarge && all.len() > LIMIT;
                assert!(too_large || inflated_too_large || message.len() > 1_000 * EMPTY_MEMBER, "{error:?}");
            }
        }
    }
});
