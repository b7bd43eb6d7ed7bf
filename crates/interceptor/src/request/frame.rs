//! The one message of a unary gRPC body.

use bytes::Bytes;
use http::HeaderMap;
use temporal_authz::Reason;

use super::inflate::{Encoding, InflateError};

/// Bytes before a message in a gRPC body: a flag and a length of four bytes, big endian.
pub const PREFIX_BYTES: usize = 5;

/// A unary body, opened: the message in it, and the body to forward.
#[derive(Debug, Clone)]
pub struct Framed {
    body: Bytes,
    inflated: bool,
}

/// A body that is not one gRPC message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The compressed message does not inflate.
    #[error("the compressed message does not inflate")]
    Corrupt,
    /// The flag is neither 0 nor 1.
    #[error("flag {0} is neither 0 nor 1")]
    Flag(u8),
    /// The message is compressed and no `grpc-encoding` says how.
    #[error("the message is compressed and grpc-encoding does not say how")]
    NoEncoding,
    /// The message is larger than the limit, on the wire or inflated.
    #[error("the message is larger than the limit")]
    TooLarge,
    /// Bytes follow the message: a second one, perhaps.
    #[error("bytes follow the message")]
    Trailing,
    /// The body ends before the message does, or is empty.
    #[error("the body ends before its message")]
    Truncated,
    /// The `grpc-encoding` is neither gzip nor deflate.
    #[error("the grpc-encoding is neither gzip nor deflate")]
    UnknownEncoding,
}

/// Takes the message out of `body`, which is the whole of a unary request.
///
/// Of `headers` only `grpc-encoding` counts, and only when the message is compressed: gzip and deflate are known.
/// `limit` is the most bytes that the message may have, on the wire and inflated.
///
/// An uncompressed message is not copied, and its body is forwarded as it came.
///
/// # Errors
/// Anything but exactly one message, a compression that is not known, a message beyond the limit.
#[inline]
pub fn unframe(body: Bytes, headers: &HeaderMap, limit: usize) -> Result<Framed, FrameError> {
    let (prefix, rest) = body.split_first_chunk::<PREFIX_BYTES>().ok_or(FrameError::Truncated)?;
    let [flag, length @ ..] = *prefix;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| FrameError::TooLarge)?;
    if length > limit {
        return Err(FrameError::TooLarge);
    }
    if rest.len() < length {
        return Err(FrameError::Truncated);
    }
    if rest.len() > length {
        return Err(FrameError::Trailing);
    }
    match flag {
        0 => Ok(Framed { body, inflated: false }),
        1 => {
            let encoding = headers.get("grpc-encoding").ok_or(FrameError::NoEncoding)?;
            let body = Encoding::named(encoding.as_bytes())?.inflate(rest, limit)?;
            Ok(Framed { body, inflated: true })
        }
        other => Err(FrameError::Flag(other)),
    }
}

impl Framed {
    /// The encoded message.
    pub fn message(&self) -> &[u8] {
        // Never the default: there was a prefix.
        self.body.get(PREFIX_BYTES..).unwrap_or_default()
    }

    /// The body to forward. Its message is [`Framed::message`], byte for byte, and not compressed.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body to forward.
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// Whether the message came compressed. Then the body to forward is another one than came, not compressed: the
    /// headers `content-length` and `grpc-encoding` of the request no longer describe it.
    pub fn is_inflated(&self) -> bool {
        self.inflated
    }
}

impl FrameError {
    /// The reason that a refusal for this error has.
    pub fn reason(self) -> Reason {
        match self {
            Self::TooLarge => Reason::RequestTooLarge,
            Self::Corrupt
            | Self::Flag(_)
            | Self::NoEncoding
            | Self::Trailing
            | Self::Truncated
            | Self::UnknownEncoding => Reason::UndecodableRequest,
        }
    }
}

impl From<InflateError> for FrameError {
    fn from(error: InflateError) -> Self {
        match error {
            InflateError::Corrupt => Self::Corrupt,
            InflateError::TooLarge => Self::TooLarge,
            InflateError::Unknown => Self::UnknownEncoding,
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "test code")]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_exactly_one_message() {
        let cases: [(_, &[u8], Result<&[u8], _>); 14] = [
            ("a message", b"\0\0\0\0\x03abc", Ok(b"abc")),
            ("an empty message", b"\0\0\0\0\0", Ok(b"")),
            ("an empty body", b"", Err(FrameError::Truncated)),
            ("a cut prefix", b"\0\0\0\0", Err(FrameError::Truncated)),
            ("a cut message", b"\0\0\0\0\x03ab", Err(FrameError::Truncated)),
            ("a byte more", b"\0\0\0\0\x03abcd", Err(FrameError::Trailing)),
            ("a second message", b"\0\0\0\0\x01a\0\0\0\0\x01b", Err(FrameError::Trailing)),
            ("a second, empty message", b"\0\0\0\0\0\0\0\0\0\0", Err(FrameError::Trailing)),
            ("as much as the limit", b"\0\0\0\0\x08abcdefgh", Ok(b"abcdefgh")),
            ("more than the limit", b"\0\0\0\0\x09abcdefghi", Err(FrameError::TooLarge)),
            ("a length that was never sent", b"\0\xff\xff\xff\xff", Err(FrameError::TooLarge)),
            ("flag 1 without grpc-encoding", b"\x01\0\0\0\x01a", Err(FrameError::NoEncoding)),
            ("flag 2", b"\x02\0\0\0\x01a", Err(FrameError::Flag(2))),
            ("flag 128, which grpc-web has for trailers", b"\x80\0\0\0\0", Err(FrameError::Flag(128))),
        ];
        for (name, body, expected) in cases {
            let body = Bytes::from_static(body);
            let frame = unframe(body.clone(), &HeaderMap::new(), 8);
            assert_eq!(frame.as_ref().map(Framed::message).map_err(|error| *error), expected, "{name}");
            if let Ok(frame) = frame {
                assert_eq!((frame.body(), frame.is_inflated()), (&body, false), "{name}");
                assert_eq!(frame.body().as_ptr(), body.as_ptr(), "{name} was copied");
            }
        }
    }

    #[test]
    fn an_encoding_does_not_matter_to_an_uncompressed_message() {
        for encoding in ["gzip", "zstd", "identity"] {
            let headers = HeaderMap::from_iter([("grpc-encoding".parse().unwrap(), encoding.parse().unwrap())]);
            assert!(unframe(Bytes::from_static(b"\0\0\0\0\x01a"), &headers, 8).is_ok());
        }
    }
}
