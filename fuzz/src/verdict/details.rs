//! The details of a refusal.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use http::HeaderValue;

use crate::message::{MAX_DEPTH, Value, fields, last_text};

/// The reason in the details of a refusal with code 7; `None` when they are not those that Temporal sends.
pub fn reason_in_details(details: &HeaderValue) -> Option<String> {
    const KIND: &str = "type.googleapis.com/temporal.api.errordetails.v1.PermissionDeniedFailure";
    let details = STANDARD_NO_PAD.decode(details).ok()?;
    let (status, true) = fields(&details, MAX_DEPTH) else { return None };
    let [(1, Value::Number(7)), (2, Value::Bytes(b"Request unauthorized.")), (3, Value::Bytes(any))] = status[..]
    else {
        return None;
    };
    if last_text(any, 1, MAX_DEPTH).ok()?? != KIND {
        return None;
    }
    let (any, true) = fields(any, MAX_DEPTH) else { return None };
    match any.iter().find(|(number, _)| *number == 2) {
        None => Some(String::new()),
        Some((_, Value::Bytes(failure))) => Some(last_text(failure, 1, MAX_DEPTH).ok()?.unwrap_or_default().to_owned()),
        Some(_) => None,
    }
}
