//! The message of a body.

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;

use crate::message::{Code, EXHAUSTED, UNDECODABLE};

pub const MAX_MESSAGE: usize = 2048;

/// The one message of a body, and whether it came compressed.
pub(super) fn unframed(body: &[u8], headers: &HeaderMap) -> Result<(Vec<u8>, bool), Code> {
    if body.len() > MAX_MESSAGE + 5 {
        return Err(EXHAUSTED);
    }
    let Some((prefix, message)) = body.split_at_checked(5) else { return Err(UNDECODABLE) };
    let length = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]) as usize;
    if length > MAX_MESSAGE {
        return Err(EXHAUSTED);
    }
    if message.len() != length {
        return Err(UNDECODABLE);
    }
    match (prefix[0], headers.get("grpc-encoding").map(|encoding| encoding.as_bytes())) {
        (0, _) => Ok((message.to_vec(), false)),
        (1, Some(b"gzip")) => inflated(MultiGzDecoder::new(message)).map(|message| (message, true)),
        (1, Some(b"deflate")) => {
            let mut decoder = ZlibDecoder::new(message);
            let all = inflated(&mut decoder)?;
            if decoder.total_in() == message.len() as u64 { Ok((all, true)) } else { Err(UNDECODABLE) }
        }
        _ => Err(UNDECODABLE),
    }
}

fn inflated(mut decoder: impl std::io::Read) -> Result<Vec<u8>, Code> {
    let mut all = Vec::new();
    let mut byte = [0];
    loop {
        match decoder.read(&mut byte) {
            Ok(0) => return Ok(all),
            Ok(_) => all.push(byte[0]),
            Err(_) => return Err(UNDECODABLE),
        }
        if all.len() > MAX_MESSAGE {
            return Err(EXHAUSTED);
        }
    }
}
