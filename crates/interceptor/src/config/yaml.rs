//! The YAML reader: its settings, and its errors in an operator's words.

use serde::de::DeserializeOwned;
use serde_saphyr::{Deserializer, DuplicateKeyPolicy, Error, NonFiniteFloatPolicy};

use super::{error::Problem, lines::Lines, nearest::nearest};

/// Whether a key that stands twice reaches the visitor twice. Otherwise it is an error, as in Go.
pub(super) struct PassRepeatedKeys(pub(super) bool);

/// Hands `read` the one document of `text`.
///
/// The reader's own errors show neighbouring lines of the file, passwords included, unless it is told not to.
pub(super) fn with<T>(
    text: &str,
    repeated: PassRepeatedKeys,
    read: impl FnOnce(Deserializer<'_, '_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: if repeated.0 { DuplicateKeyPolicy::PassThrough } else { DuplicateKeyPolicy::Error },
        // In sections that are not read here, any number is welcome.
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        budget: serde_saphyr::budget! { max_depth: 64 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 100_000 },
    };
    serde_saphyr::with_deserializer_from_str_with_options(text, options, read)
}

/// Reads `text` as a `T`; the first thing that does not fit is the problem.
pub(super) fn read<T: DeserializeOwned>(file: &str, text: &str, lines: &Lines) -> Result<T, Problem> {
    let mut path = String::new();
    let read = with(text, PassRepeatedKeys(false), |yaml| {
        serde_path_to_error::deserialize(yaml).map_err(|error| {
            path = error.path().to_string();
            error.into_inner()
        })
    });
    read.map_err(|error| problem(file, &path, &error, lines))
}

fn problem(file: &str, path: &str, error: &Error, lines: &Lines) -> Problem {
    let error = plain(error);
    let place = error.location();
    let line = place.map(|place| place.line());
    if is_syntax(error) {
        return Problem::new(file, line, "", reason(error));
    }
    // The tracker of paths does not know the key that was just read.
    if let Some(section) = path.strip_suffix('?') {
        let key = place.and_then(|place| lines.key_at(place.line(), place.column()));
        return Problem::new(file, line, key.unwrap_or(section.trim_end_matches('.')), reason(error));
    }
    // The line of the key, where the error may be about a value further down.
    let key = path.trim_start_matches('.');
    Problem::new(file, lines.exact(key).or(line), key, reason(error))
}

fn plain(error: &Error) -> &Error {
    match error.without_snippet() {
        Error::AliasError { error, .. } => plain(error),
        other => other,
    }
}

fn is_syntax(error: &Error) -> bool {
    !matches!(
        error,
        Error::Message { .. }
            | Error::Unexpected { .. }
            | Error::InvalidBooleanStrict { .. }
            | Error::InvalidScalar { .. }
            | Error::NullIntoString { .. }
            | Error::SerdeInvalidType { .. }
            | Error::SerdeInvalidValue { .. }
            | Error::SerdeMissingField { .. }
            | Error::SerdeUnknownField { .. }
            | Error::DuplicateMappingKey { .. }
    )
}

/// Says what is wrong without repeating what is there: it may be a secret in the wrong place.
fn reason(error: &Error) -> String {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            format!("unknown key; {}", nearest(field, expected.iter().copied()))
        }
        Error::DuplicateMappingKey { .. } => "the key stands here for the second time".to_owned(),
        Error::SerdeMissingField { field, .. } => format!("`{field}` is missing"),
        Error::Unexpected { expected, .. } => format!("expected {}", kind(expected)),
        Error::InvalidScalar { ty, .. } => format!("expected {}", kind(ty)),
        Error::InvalidBooleanStrict { .. } => "expected true or false".to_owned(),
        Error::NullIntoString { .. } => "expected a text".to_owned(),
        Error::SerdeInvalidType { expected, .. } | Error::SerdeInvalidValue { expected, .. } => {
            format!("expected {expected}")
        }
        // Written by the types of this module.
        Error::Message { msg, .. } => msg.clone(),
        Error::ExternalMessage { msg, .. } => format!("not valid YAML: {msg}"),
        Error::MultipleDocuments { .. } => "a second YAML document begins; one is read".to_owned(),
        Error::UnknownAnchor { .. } => "not valid YAML: an alias names an anchor that there is not".to_owned(),
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } | Error::AliasReplayStackDepthExceeded { .. } => {
            "too deeply nested, or too many nodes or aliases".to_owned()
        }
        _ => "not valid YAML".to_owned(),
    }
}

fn kind(expected: &'static str) -> &'static str {
    match expected {
        "mapping start" => "a mapping",
        "sequence start" => "a list",
        "string scalar" => "a text",
        "boolean" | "bool" => "true or false",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, zero or more",
        other => other,
    }
}
