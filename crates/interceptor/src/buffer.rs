//! Reading a request's body, bounded in size and time.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use temporal_authz::Reason;

use crate::{Limits, budget::Held, request::PREFIX_BYTES};

/// The whole body of a unary call. A body that came in one frame, as most do, is not copied.
pub(crate) async fn read<B>(body: B, limits: &Limits, held: &mut Held) -> Result<Bytes, Reason>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut whole = pin!(collect(body, limits.max_request_bytes, held));
    // Most bodies are there already, and need no timer.
    if let Poll::Ready(read) = poll_fn(|context| Poll::Ready(whole.as_mut().poll(context))).await {
        return read;
    }
    Box::pin(tokio::time::timeout(limits.request_timeout, whole)).await.unwrap_or(Err(Reason::RequestTimeout))
}

async fn collect<B>(mut body: B, max_message_bytes: usize, held: &mut Held) -> Result<Bytes, Reason>
where
    B: Body<Data = Bytes> + Unpin,
{
    let limit = max_message_bytes.saturating_add(PREFIX_BYTES);
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        // An error here is a caller that went away in the middle of its request.
        let Ok(data) = frame.map_err(|_| Reason::UndecodableRequest)?.into_data() else { continue };
        if first.len().saturating_add(rest.len()).saturating_add(data.len()) > limit {
            return Err(Reason::RequestTooLarge);
        }
        if !held.take(data.len()) {
            return Err(Reason::Overloaded);
        }
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len().saturating_add(rest.len()));
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}
