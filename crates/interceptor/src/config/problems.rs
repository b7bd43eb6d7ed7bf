//! Collects what is wrong with a file while it is checked, so that an operator learns of all of it at once.

use super::{error::Problem, lines::Lines};

/// The file that is being checked, and what was found in it.
pub(super) struct Problems<'a> {
    file: &'a str,
    lines: &'a Lines,
    pub(super) errors: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(file: &'a str, lines: &'a Lines) -> Self {
        Self { file, lines, errors: Vec::new(), warnings: Vec::new() }
    }

    pub(super) fn error(&mut self, key: &str, reason: impl Into<String>) {
        let problem = Problem::new(self.file, self.lines.line(key), key, reason);
        self.errors.push(problem);
    }

    pub(super) fn warn(&mut self, key: &str, reason: impl Into<String>) {
        let problem = Problem::new(self.file, self.lines.line(key), key, reason);
        self.warnings.push(problem);
    }

    /// The value, or none and an error.
    pub(super) fn check<T, E: ToString>(&mut self, key: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.error(key, error.to_string())).ok()
    }

    /// What the word `text` stands for; `default` when it is absent, blank or, after an error, none of `words`.
    pub(super) fn word<T: Copy>(&mut self, key: &str, text: Option<&str>, words: &[(&str, T)], default: T) -> T {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return default };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let known = words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(" or ");
        self.error(key, format!("expected {known}"));
        default
    }
}
