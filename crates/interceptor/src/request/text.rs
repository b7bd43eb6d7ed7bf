//! Text inside a message.

use bytes::Bytes;

/// A string of a message, sharing the message's bytes.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Text(Bytes);

impl Text {
    /// Shares `text`, which is a part of `message`.
    pub(super) fn of(message: &Bytes, text: &str) -> Self {
        Self(message.slice_ref(text.as_bytes()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn as_str(&self) -> &str {
        // Never the default: it was text when it was made.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(f)
    }
}
