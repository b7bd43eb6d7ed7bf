//! Error texts on their way to the log.

use std::error::Error;

/// Longest text, in characters.
const LONGEST: usize = 300;

/// An error and its causes, escaped and cut: peers choose part of such texts.
pub(crate) fn bounded(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause.filter(|_| text.len() < LONGEST) {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.escape_debug().take(LONGEST).collect()
}
