//! From a denial to what the caller sees.

use bytes::Bytes;
use prost::Message;
use temporal_authz::{Denial, Kind, Reason};
use tonic::{Code, Status};

/// Temporal's text for everything that authorization refuses (`errUnauthorized`).
const UNAUTHORIZED: &str = "Request unauthorized.";

/// How much a caller is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candour {
    /// UNAUTHENTICATED for bad or absent credentials, instead of PERMISSION_DENIED.
    pub(crate) distinguish_unauthenticated: bool,
    /// UNAVAILABLE when keys or plug-ins are away, instead of PERMISSION_DENIED.
    pub(crate) admit_unavailable: bool,
    /// The reason code.
    pub(crate) expose_reasons: bool,
}

/// The one place where a reason becomes a status.
pub(crate) fn of(denial: &Denial, candour: Candour, expose_authorizer_errors: bool) -> Status {
    if let Some(error) = denial.authorizer_error().filter(|_| expose_authorizer_errors) {
        // A refusal is never an OK, whatever the authorizer's error says.
        let code = match Code::from_i32(error.code) {
            Code::Ok => Code::Unknown,
            code => code,
        };
        return Status::with_details(code, error.message.clone(), error.details.clone());
    }
    let reason = denial.reason();
    let (code, text) = match reason.kind() {
        Kind::Unauthenticated if candour.distinguish_unauthenticated => (Code::Unauthenticated, UNAUTHORIZED),
        Kind::Unavailable if candour.admit_unavailable => {
            (Code::Unavailable, "Authorization is not available at the moment.")
        }
        Kind::Unauthenticated | Kind::Unavailable | Kind::Denied => (Code::PermissionDenied, UNAUTHORIZED),
        // As Temporal's NamespaceValidatorInterceptor.
        Kind::InvalidArgument => (Code::InvalidArgument, "Namespace length exceeds limit."),
        // The code of grpc-go for a request that does not unmarshal.
        Kind::Undecodable => (Code::Internal, "Request does not decode."),
        Kind::Exhausted => (Code::ResourceExhausted, exhausted(reason)),
        Kind::Timeout => (Code::DeadlineExceeded, "Request did not arrive in time."),
    };
    let shown = candour.expose_reasons.then(|| reason.as_str());
    if code == Code::PermissionDenied {
        let told = denial.message().or(shown).unwrap_or_default();
        return Status::with_details(code, text, permission_denied_details(told));
    }
    match shown {
        Some(shown) => Status::new(code, format!("{text} ({shown})")),
        None => Status::new(code, text),
    }
}

/// How a stream ends whose caller's claims have expired.
pub(crate) fn expired_stream() -> Status {
    Status::new(Code::Unauthenticated, "Credentials expired.")
}

fn exhausted(reason: Reason) -> &'static str {
    match reason {
        Reason::RequestTooLarge => "Request is larger than the limit.",
        Reason::Throttled => "Too many failed credentials.",
        _ => "Too many requests are being read.",
    }
}

/// An encoded `google.rpc.Status` with a `PermissionDeniedFailure`, there with an empty reason too, as Temporal's
/// `serviceerror.PermissionDenied` puts it on the wire.
fn permission_denied_details(reason: &str) -> Bytes {
    let failure = PermissionDeniedFailure { reason: reason.to_owned() };
    let detail = Any {
        type_url: "type.googleapis.com/temporal.api.errordetails.v1.PermissionDeniedFailure".to_owned(),
        value: failure.encode_to_vec(),
    };
    let status =
        RpcStatus { code: i32::from(Code::PermissionDenied), message: UNAUTHORIZED.to_owned(), details: vec![detail] };
    status.encode_to_vec().into()
}

#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct PermissionDeniedFailure {
    #[prost(string, tag = "1")]
    reason: String,
}
