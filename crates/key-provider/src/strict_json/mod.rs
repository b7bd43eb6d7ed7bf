//! JSON read strictly: the one reader for key documents, JOSE headers and token payloads.
//!
//! RFC 8259 leaves repeated member names to the reader, and most readers let the last one win: two parties that read the same text can
//! then see different documents. Here a repeated name is an error, anywhere in the document, however it is escaped.

mod read;
mod value;

use std::fmt;

use serde::de::DeserializeSeed as _;
use serde_json::Value;

use read::Strict;
pub use value::{Json, Members};

/// Why a text was refused. The message tells the place, and nothing of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StrictJsonError {
    /// More bytes than the caller allows; nothing was read.
    #[error("document of {actual} bytes, {max} are allowed")]
    TooLong {
        /// Length of the text in bytes.
        actual: usize,
        /// The limit that the caller set.
        max: usize,
    },
    /// Not JSON, a repeated member name, nested too deeply, or text after the document.
    #[error("{kind} at line {line} column {column}")]
    Invalid {
        /// What is wrong.
        kind: InvalidJson,
        /// Line of the place, from 1.
        line: usize,
        /// Column of the place, in bytes, from 0.
        column: usize,
    },
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidJson {
    /// It ends too early.
    Truncated,
    /// It breaks the grammar of JSON, or text follows the document.
    Syntax,
    /// A member name stands twice in one object, arrays and objects are nested too deeply, or a number cannot be represented.
    Refused,
}

impl fmt::Display for InvalidJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "truncated JSON",
            Self::Syntax => "malformed JSON",
            Self::Refused => "repeated member name, nesting too deep or unusable number",
        })
    }
}

/// Reads one JSON document of at most `max_bytes` bytes, with arrays and objects nested at most `max_depth` deep (0: scalars only).
///
/// # Errors
///
/// [`StrictJsonError`] when the text is too long, is no JSON, repeats a member name, is nested too deeply, or goes on after the document.
///
/// ```
/// use temporal_key_provider::strict_json;
///
/// let value = strict_json::from_slice(br#"{"alg":"RS256","kid":"1"}"#, 1024, 4)?;
/// assert_eq!(value["kid"], "1");
/// assert!(strict_json::from_slice(br#"{"alg":"RS256","\u0061lg":"none"}"#, 1024, 4).is_err());
/// # Ok::<(), strict_json::StrictJsonError>(())
/// ```
pub fn from_slice(bytes: &[u8], max_bytes: usize, max_depth: u8) -> Result<Value, StrictJsonError> {
    borrowed(bytes, max_bytes, max_depth).map(|json| json.to_value())
}

/// The same without a copy of the text: names and texts without escapes are those of `bytes`.
///
/// # Errors
///
/// As [`from_slice`].
pub fn borrowed(bytes: &[u8], max_bytes: usize, max_depth: u8) -> Result<Json<'_>, StrictJsonError> {
    if bytes.len() > max_bytes {
        return Err(StrictJsonError::TooLong { actual: bytes.len(), max: max_bytes });
    }
    // All of it at once, which is cheaper than text by text.
    let text = std::str::from_utf8(bytes).map_err(|error| not_text(bytes, error.valid_up_to()))?;
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Strict::new(max_depth).deserialize(&mut json).map_err(invalid)?;
    json.end().map_err(invalid)?;
    Ok(value)
}

/// Bytes that are no UTF-8 after so many that are.
fn not_text(bytes: &[u8], good: usize) -> StrictJsonError {
    let before = bytes.get(..good).unwrap_or_default();
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before.rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len);
    StrictJsonError::Invalid { kind: InvalidJson::Syntax, line, column }
}

/// Keeps the place and the kind of an error and drops its text, which may quote the document.
#[allow(clippy::needless_pass_by_value, reason = "an argument of map_err")]
fn invalid(error: serde_json::Error) -> StrictJsonError {
    let kind = match error.classify() {
        serde_json::error::Category::Eof => InvalidJson::Truncated,
        serde_json::error::Category::Data => InvalidJson::Refused,
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => InvalidJson::Syntax,
    };
    StrictJsonError::Invalid { kind, line: error.line(), column: error.column() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, StrictJsonError> {
        from_slice(text.as_bytes(), 1 << 20, 8)
    }

    #[test]
    fn an_ordinary_document_reads_as_serde_json_reads_it() {
        let text = r#" {"a":[1,-2,-0,2.5,true,null,"x\u00e9",18446744073709551616],"b":{"c":{}},"d":{"c":[]}} "#;
        assert_eq!(read(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        let cases = [
            ("repeated name", r#"{"exp":1,"exp":2}"#),
            ("repeated name, escaped", r#"{"exp":1,"\u0065xp":2}"#),
            ("repeated name, deep inside", r#"{"a":{"b":[{"c":1,"\u0063":2}]}}"#),
            ("repeated name with equal values", r#"{"exp":1,"exp":1}"#),
            ("text behind the document", "{} x"),
            ("a second document", "{}{}"),
            ("byte order mark", "\u{feff}{}"),
            ("lone surrogate", r#"{"a":"\ud800"}"#),
            ("raw control character", "{\"a\":\"\n\"}"),
            ("trailing comma", "[1,]"),
            ("not a number", "NaN"),
            ("number out of range", "1e400"),
            ("number in disguise", r#"{"exp":{"$serde_json::private::Number":"1.5"}}"#),
            ("the same, escaped", r#"{"exp":{"$serde_json::private::Numb\u0065r":"1.5"}}"#),
            ("empty", ""),
            ("truncated", r#"{"a":1"#),
        ];
        for (name, text) in cases {
            assert!(read(text).is_err(), "{name}");
        }
        let error = from_slice(b"{\n\"a\":\"\xff\"}", 100, 8).unwrap_err();
        assert_eq!(error.to_string(), "malformed JSON at line 2 column 5", "invalid UTF-8");
    }

    #[test]
    fn a_repeated_name_is_found_among_many() {
        let names = |last: &str| {
            let members: Vec<_> = (0..1_000).map(|number| format!(r#""member {number}":{number}"#)).collect();
            format!(r#"{{{},"{last}":0}}"#, members.join(","))
        };
        for (last, good) in
            [("member 1000", true), ("member 0", false), ("member 999", false), ("m\\u0065mber 7", false)]
        {
            assert_eq!(read(&names(last)).is_ok(), good, "{last}");
        }
    }

    #[test]
    fn the_same_name_in_sibling_objects_is_no_repetition() {
        assert!(read(r#"[{"a":1},{"a":2}]"#).is_ok());
    }

    #[test]
    fn the_depth_limit_is_exact() {
        for (depth, text) in [(0, "1"), (1, "[1]"), (2, r#"{"a":[]}"#), (3, r#"{"a":[{}]}"#)] {
            assert!(from_slice(text.as_bytes(), 100, depth).is_ok(), "{text}");
            if let Some(less) = depth.checked_sub(1) {
                assert!(from_slice(text.as_bytes(), 100, less).is_err(), "{text}");
            }
        }
        let brackets = "[".repeat(100_000);
        assert!(from_slice(brackets.as_bytes(), 1 << 20, u8::MAX).is_err());
    }

    #[test]
    fn the_length_limit_is_exact() {
        assert!(from_slice(b"[1]", 3, 1).is_ok());
        let error = from_slice(b"[1]", 2, 1).unwrap_err();
        assert_eq!(error.to_string(), "document of 3 bytes, 2 are allowed");
    }

    #[test]
    fn the_error_names_the_place_and_never_quotes_the_text() {
        for text in [r#"{"secret-name":1,"secret-name":2}"#, r#"{"a":secret}"#, r#"{"a":"secret"#] {
            let message = format!("{0} {0:?}", read(text).unwrap_err());
            assert!(!message.contains("secret"), "{message}");
            assert!(message.contains("line 1 column"), "{message}");
        }
    }
}
