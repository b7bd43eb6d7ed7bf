//! Inflating a compressed message, bounded by what comes out.

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::{GzDecoder, ZlibDecoder};

use super::frame::PREFIX_BYTES;

/// A `grpc-encoding` that can be inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// zlib (RFC 1950), as gRPC means it.
    Deflate,
    /// gzip (RFC 1952), any number of members.
    Gzip,
}

/// Why a message is not inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InflateError {
    Corrupt,
    TooLarge,
    Unknown,
}

impl Encoding {
    /// The encoding of that name, in exactly these letters, as grpc-go looks it up.
    pub(super) fn named(name: &[u8]) -> Result<Self, InflateError> {
        match name {
            b"deflate" => Ok(Self::Deflate),
            b"gzip" => Ok(Self::Gzip),
            _ => Err(InflateError::Unknown),
        }
    }

    /// Inflates `message`, to at most `limit` bytes, into a body of its own: prefix and message, not compressed.
    pub(super) fn inflate(self, message: &[u8], limit: usize) -> Result<Bytes, InflateError> {
        let mut body = vec![0; PREFIX_BYTES];
        let rest = match self {
            Self::Gzip => gunzip(message, limit, &mut body)?,
            Self::Deflate => append(ZlibDecoder::new(message), limit, &mut body)?.into_inner(),
        };
        if !rest.is_empty() {
            return Err(InflateError::Corrupt);
        }
        let length = u32::try_from(length(&body)).map_err(|_| InflateError::TooLarge)?;
        if let Some((prefix, _)) = body.split_first_chunk_mut::<PREFIX_BYTES>() {
            let [_, first, second, third, fourth] = prefix;
            [*first, *second, *third, *fourth] = length.to_be_bytes();
        }
        Ok(body.into())
    }
}

/// Inflates all members, as Go's `gzip.Reader`: one that read the first alone would judge a part of what Go serves.
/// What is left over after very many is returned. Each costs some microseconds, even an empty one of 20 bytes.
fn gunzip<'a>(message: &'a [u8], limit: usize, body: &mut Vec<u8>) -> Result<&'a [u8], InflateError> {
    const MAX_MEMBERS: usize = 1_000;
    let mut rest = message;
    for _ in 0..MAX_MEMBERS {
        rest = append(GzDecoder::new(rest), limit, body)?.into_inner();
        if rest.is_empty() {
            break;
        }
    }
    Ok(rest)
}

/// Appends all that `decoder` gives, to a message of at most `limit` bytes.
fn append<R: Read>(mut decoder: R, limit: usize, body: &mut Vec<u8>) -> Result<R, InflateError> {
    // One byte more than allowed tells that there is more.
    let most = limit.saturating_sub(length(body)).saturating_add(1);
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    decoder.by_ref().take(most).read_to_end(body).map_err(|_| InflateError::Corrupt)?;
    if length(body) > limit { Err(InflateError::TooLarge) } else { Ok(decoder) }
}

/// How long the message in `body` is.
fn length(body: &[u8]) -> usize {
    body.len().saturating_sub(PREFIX_BYTES)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "test code")]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };

    use http::HeaderMap;

    use crate::request::{FrameError, unframe};

    use super::*;

    const LIMIT: usize = 1000;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn compressed(message: &[u8]) -> Bytes {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[1], &length[..], message].concat().into()
    }

    #[test]
    fn a_compressed_message_is_judged_and_forwarded_inflated() {
        let name = b"\x0a\x04shop".to_vec();
        let two_members = [gzip(b"\x0a\x04"), gzip(b"shop")].concat();
        let mut bad_checksum = gzip(&name);
        *bad_checksum.last_mut().unwrap() ^= 1;
        let mut bad_adler = zlib(&name);
        *bad_adler.last_mut().unwrap() ^= 1;
        let at_the_limit = [gzip(&[7; LIMIT - 1]), gzip(b""), gzip(&[7])].concat();
        let beyond = [at_the_limit.clone(), gzip(&[7])].concat();
        let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 1].to_vec();
        let more = |bytes: Vec<u8>| [bytes, b"\0".to_vec()].concat();
        let cases = [
            ("gzip", "gzip", gzip(&name), Ok(name.clone())),
            ("deflate", "deflate", zlib(&name), Ok(name.clone())),
            ("gzip of nothing", "gzip", gzip(b""), Ok(Vec::new())),
            ("two members", "gzip", two_members, Ok(name.clone())),
            ("nothing at all as gzip", "gzip", Vec::new(), Err(FrameError::Corrupt)),
            ("nothing at all as deflate", "deflate", Vec::new(), Err(FrameError::Corrupt)),
            ("cut gzip", "gzip", cut(gzip(&name)), Err(FrameError::Corrupt)),
            ("cut zlib", "deflate", cut(zlib(&name)), Err(FrameError::Corrupt)),
            ("gzip, then more", "gzip", more(gzip(&name)), Err(FrameError::Corrupt)),
            ("zlib, then more", "deflate", more(zlib(&name)), Err(FrameError::Corrupt)),
            ("a bad checksum", "gzip", bad_checksum, Err(FrameError::Corrupt)),
            ("a bad checksum of zlib", "deflate", bad_adler, Err(FrameError::Corrupt)),
            ("members as much as the limit", "gzip", at_the_limit, Ok(vec![7; LIMIT])),
            ("members more than the limit", "gzip", beyond, Err(FrameError::TooLarge)),
            ("deflate that is not zlib", "deflate", raw_deflate(&name), Err(FrameError::Corrupt)),
            ("gzip called deflate", "deflate", gzip(&name), Err(FrameError::Corrupt)),
            ("a plain message called gzip", "gzip", name.clone(), Err(FrameError::Corrupt)),
            ("zstd", "zstd", gzip(&name), Err(FrameError::UnknownEncoding)),
            ("identity", "identity", name.clone(), Err(FrameError::UnknownEncoding)),
            ("another case", "GZIP", gzip(&name), Err(FrameError::UnknownEncoding)),
            ("as much as the limit", "gzip", gzip(&[7; LIMIT]), Ok(vec![7; LIMIT])),
            ("more than the limit", "gzip", gzip(&[7; LIMIT + 1]), Err(FrameError::TooLarge)),
            ("a bomb", "deflate", zlib(&[0; 900_000]), Err(FrameError::TooLarge)),
        ];
        for (name, encoding, message, expected) in cases {
            assert!(message.len() <= LIMIT, "{name} is meant to fit before it is inflated");
            let headers = HeaderMap::from_iter([("grpc-encoding".parse().unwrap(), encoding.parse().unwrap())]);
            let frame = unframe(compressed(&message), &headers, LIMIT);
            assert_eq!(
                frame.as_ref().map(|frame| frame.message().to_vec()).map_err(|error| *error),
                expected,
                "{name}"
            );
            if let Ok(frame) = frame {
                assert!(frame.is_inflated());
                let again = unframe(frame.body().clone(), &HeaderMap::new(), LIMIT).unwrap();
                assert_eq!((again.message(), again.is_inflated()), (frame.message(), false), "{name}");
            }
        }
    }

    #[test]
    fn no_part_of_a_compressed_message_inflates() {
        let text = b"\x0a\x04shop\x12\x05order, and a little more text to have something to compress".repeat(3);
        for (encoding, whole) in [("gzip", gzip(&text)), ("deflate", zlib(&text))] {
            let headers = HeaderMap::from_iter([("grpc-encoding".parse().unwrap(), encoding.parse().unwrap())]);
            let open = |message: &[u8]| unframe(compressed(message), &headers, LIMIT).map(|_| ());
            assert_eq!(open(&whole), Ok(()), "{encoding}");
            for end in 0..whole.len() {
                assert_eq!(open(&whole[..end]), Err(FrameError::Corrupt), "{encoding}, {end} bytes");
            }
        }
    }

    #[test]
    fn members_are_counted() {
        let headers = HeaderMap::from_iter([("grpc-encoding".parse().unwrap(), "gzip".parse().unwrap())]);
        let open = |members| unframe(compressed(&gzip(b"").repeat(members)), &headers, 4 << 20).map(|_| ());
        assert_eq!(open(1_000), Ok(()));
        assert_eq!(open(1_001), Err(FrameError::Corrupt));
    }
}
