//! gRPC on the wire: one length-prefixed message in, one out, and the status behind it.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Response, header::CONTENT_TYPE};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use prost::Message;
use tonic::Status;

/// The largest message taken, Temporal's own limit.
const MAX_MESSAGE_BYTES: usize = 4 << 20;
/// How long a caller may take to send its message.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Compressed flag and length.
const PREFIX_BYTES: usize = 5;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of an answer: at most one frame of data, then at most one of trailers.
#[derive(Debug, Default)]
pub struct ReplyBody {
    data: Option<Bytes>,
    trailers: Option<HeaderMap>,
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = self.data.take().map(Frame::data);
        Poll::Ready(data.or_else(|| self.trailers.take().map(Frame::trailers)).map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}

/// Reads the one message of a unary call. Bounded in size and time.
pub(super) async fn read_message<B>(body: B) -> Result<Bytes, Status>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let limit = MAX_MESSAGE_BYTES.saturating_add(PREFIX_BYTES);
    let whole = tokio::time::timeout(READ_TIMEOUT, Limited::new(body, limit).collect())
        .await
        .map_err(|_| Status::deadline_exceeded("the request did not arrive in time"))?
        .map_err(|error| match error.is::<LengthLimitError>() {
            true => Status::resource_exhausted("grpc: received message larger than max"),
            false => Status::internal("the request could not be read"),
        })?;
    unframe(whole.to_bytes())
}

fn unframe(mut body: Bytes) -> Result<Bytes, Status> {
    if body.len() < PREFIX_BYTES {
        return Err(Status::internal("a unary call needs one message"));
    }
    let flag = body.get_u8();
    let length = u64::from(body.get_u32());
    match flag {
        0 if length == body.len() as u64 => Ok(body),
        0 => Err(Status::internal("a unary call needs exactly one message")),
        // grpc-go's wording; SDKs and the CLI send nothing compressed unless told to.
        1 => Err(Status::unimplemented("grpc: Decompressor is not installed for grpc-encoding")),
        _ => Err(Status::internal("grpc: received unexpected payload format")),
    }
}

/// Decodes a request; a message that is none is INTERNAL, as in grpc-go.
pub(super) fn decode<Q: Message + Default>(message: Bytes) -> Result<Q, Status> {
    Q::decode(message).map_err(|error| Status::internal(format!("grpc: failed to unmarshal: {error}")))
}

/// Encodes an answer with its prefix.
pub(super) fn encode<A: Message>(answer: &A) -> Result<Bytes, Status> {
    let length = answer.encoded_len();
    let announced = u32::try_from(length).map_err(|_| Status::internal("the answer is too large"))?;
    let mut framed = BytesMut::with_capacity(length.saturating_add(PREFIX_BYTES));
    framed.put_u8(0);
    framed.put_u32(announced);
    answer.encode(&mut framed).map_err(|error| Status::internal(error.to_string()))?;
    Ok(framed.freeze())
}

/// The HTTP answer to a call: the framed message and status 0 in trailers, or the status alone.
pub(super) fn reply(outcome: Result<Bytes, Status>) -> Response<ReplyBody> {
    let framed = match outcome {
        Ok(framed) => framed,
        Err(status) => return status.into_http(),
    };
    let mut trailers = HeaderMap::new();
    trailers.insert(Status::GRPC_STATUS, HeaderValue::from_static("0"));
    let mut response = Response::new(ReplyBody { data: Some(framed), trailers: Some(trailers) });
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

/// The caller's `grpc-timeout`: up to eight digits and a unit. `None` when there is none, or none that can be read.
pub(super) fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount.saturating_mul(3600))),
        "M" => Some(Duration::from_secs(amount.saturating_mul(60))),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}
