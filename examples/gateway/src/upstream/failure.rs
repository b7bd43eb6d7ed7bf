//! Why a call got no answer from the upstream, and what its caller is told.

use std::{error::Error, fmt};

use h2::Reason;
use http::{HeaderMap, Response, StatusCode};
use tonic::{Code, Status};

use super::Body;

/// Why the relay answers in the upstream's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The call's own deadline passed while it waited for a connection.
    Deadline,
    /// Not a POST: no gRPC call.
    NotPost,
    /// The `content-type` or `te` of something that is not gRPC.
    NotGrpc,
    /// The upstream reset the stream.
    Reset(Reason),
    /// The caller left its answer unread for too long.
    Unread,
    /// No connection, or the one that carried the call broke.
    Unavailable,
}

impl Failure {
    /// What hyper's client says about a request or an answer, in the terms above.
    pub(super) fn of(error: &hyper::Error) -> Self {
        let reset = cause(error).filter(|h2| h2.is_reset());
        match reset.and_then(h2::Error::reason) {
            Some(reason) => Self::Reset(reason),
            None => Self::Unavailable,
        }
    }

    /// A whole answer: headers only.
    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = self.status().into_http();
        *response.status_mut() = match self {
            // As grpc-go's server: HTTP says it too, for those who speak no gRPC.
            Self::NotPost => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotGrpc => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Deadline | Self::Reset(_) | Self::Unread | Self::Unavailable => StatusCode::OK,
        };
        response
    }

    /// The end of an answer that has begun.
    pub(super) fn into_trailers(self) -> HeaderMap {
        let mut trailers = HeaderMap::with_capacity(2);
        // Fails for details that are no header value; there are none.
        let _ = self.status().add_header(&mut trailers);
        trailers
    }

    fn status(self) -> Status {
        match self {
            Self::Deadline => Status::deadline_exceeded("deadline exceeded while connecting to the upstream"),
            Self::NotPost => Status::internal("gRPC calls are POST requests"),
            Self::NotGrpc => {
                Status::invalid_argument("not a gRPC call: content-type application/grpc and te trailers are needed")
            }
            Self::Reset(reason) => Status::new(code_of_reset(reason), "the upstream reset the call"),
            Self::Unread => Status::resource_exhausted("the answer was left unread for too long"),
            Self::Unavailable => Status::unavailable("upstream is unavailable"),
        }
    }
}

/// Whether the upstream said that it did not look at a call: its connection drains, and the call came after the last one that it took
/// (RFC 9113 section 6.8: such a request "can be retried safely", and every gRPC client does).
pub(super) fn was_not_taken(error: &hyper::Error) -> bool {
    cause(error).is_some_and(|h2| h2.is_go_away() && h2.is_remote() && h2.reason() == Some(Reason::NO_ERROR))
}

fn cause(error: &hyper::Error) -> Option<&h2::Error> {
    error.source().and_then(|source| source.downcast_ref())
}

/// The status that gRPC's HTTP/2 mapping gives a reset stream ("HTTP2 Transport Mapping", section "Errors").
fn code_of_reset(reason: Reason) -> Code {
    match reason {
        Reason::REFUSED_STREAM => Code::Unavailable,
        Reason::CANCEL => Code::Cancelled,
        Reason::ENHANCE_YOUR_CALM => Code::ResourceExhausted,
        Reason::INADEQUATE_SECURITY => Code::PermissionDenied,
        _ => Code::Internal,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status().message())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resets_have_the_status_of_the_grpc_mapping() {
        let rows = [
            (Reason::NO_ERROR, Code::Internal),
            (Reason::PROTOCOL_ERROR, Code::Internal),
            (Reason::INTERNAL_ERROR, Code::Internal),
            (Reason::REFUSED_STREAM, Code::Unavailable),
            (Reason::CANCEL, Code::Cancelled),
            (Reason::ENHANCE_YOUR_CALM, Code::ResourceExhausted),
            (Reason::INADEQUATE_SECURITY, Code::PermissionDenied),
            (Reason::from(99), Code::Internal),
        ];
        for (reason, code) in rows {
            assert_eq!(Failure::Reset(reason).status().code(), code, "RST_STREAM {reason:?}");
        }
    }

    #[test]
    fn an_unavailable_upstream_is_a_headers_only_answer() {
        let response = Failure::Unavailable.into_response();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/grpc");
        assert_eq!(response.headers()["grpc-status"], "14");
        assert!(http_body::Body::is_end_stream(response.body()));
    }
}
