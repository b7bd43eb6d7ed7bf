//! How a message becomes a body, well or badly.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io::Write,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use libfuzzer_sys::arbitrary::{self, Arbitrary};

#[derive(Debug, Arbitrary)]
pub struct Framing {
    pub encoding: u8,
    pub compression: Compressed,
    pub flag: Option<u8>,
    pub length: i8,
    pub cut: u8,
    pub trailing: Option<u8>,
    pub chunk: u8,
    pub trailers: bool,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Compressed {
    Not,
    Gzip,
    TwoMembers,
    Zlib,
}

impl Framing {
    pub(super) fn encoding(&self) -> Option<&'static str> {
        let usual = match self.compression {
            Compressed::Not => None,
            Compressed::Gzip | Compressed::TwoMembers => Some("gzip"),
            Compressed::Zlib => Some("deflate"),
        };
        match self.encoding {
            240.. => None,
            232.. => Some("zstd"),
            224.. => Some("gzip"),
            216.. => Some("GZIP"),
            208.. => Some("deflate"),
            _ => usual,
        }
    }

    pub(super) fn body(&self, message: &[u8]) -> Vec<u8> {
        let gzip = |part: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(part).expect("memory");
            encoder.finish().expect("memory")
        };
        let mut sent = match self.compression {
            Compressed::Not => message.to_vec(),
            Compressed::Gzip => gzip(message),
            Compressed::TwoMembers => {
                let (one, two) = message.split_at(message.len() / 2);
                [gzip(one), gzip(two)].concat()
            }
            Compressed::Zlib => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(message).expect("memory");
                encoder.finish().expect("memory")
            }
        };
        // Seldom, so that most bodies are whole.
        if self.cut > 240 {
            sent.truncate(sent.len().saturating_sub(usize::from(self.cut - 240)));
        }
        let usual = u8::from(!matches!(self.compression, Compressed::Not));
        let length = if self.length.unsigned_abs() > 120 {
            sent.len() as i64 + i64::from(self.length)
        } else {
            sent.len() as i64
        };
        let length = u32::try_from(length.max(0)).expect("small");
        let flag = self.flag.filter(|flag| *flag < 8).unwrap_or(usual);
        let mut body = [&[flag][..], &length.to_be_bytes(), &sent].concat();
        match self.trailing {
            Some(0) => body.extend_from_slice(b"\0\0\0\0\0"),
            Some(1) => body.truncate(3),
            Some(2) => body.clear(),
            _ => {}
        }
        body
    }
}

/// A body in pieces.
#[derive(Debug)]
pub struct Body {
    rest: VecDeque<Bytes>,
    trailers: bool,
}

impl Body {
    pub(super) fn new(body: &[u8], framing: &Framing) -> Self {
        let size = if framing.chunk == 0 { body.len().max(1) } else { usize::from(framing.chunk) };
        let mut rest: VecDeque<Bytes> = body.chunks(size).map(Bytes::copy_from_slice).collect();
        if framing.chunk % 7 == 3 {
            rest.insert(rest.len() / 2, Bytes::new());
        }
        Self { rest, trailers: framing.trailers }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let data = self.rest.pop_front().map(Frame::data);
        let frame = data.or_else(|| {
            let mut trailers = HeaderMap::new();
            trailers.insert("authorization", HeaderValue::from_static("Bearer in-the-trailers"));
            std::mem::take(&mut self.trailers).then(|| Frame::trailers(trailers))
        });
        Poll::Ready(frame.map(Ok))
    }
}
