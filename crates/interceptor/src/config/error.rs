//! What an operator wrote wrong, and where.

use std::{fmt, io};

/// Why a configuration cannot be used. `Display` is one line a problem, `FILE:LINE: key `…`: reason`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file, as it was named.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The text is not what it should be. There is at least one problem.
    #[error("{}", each_on_its_line(.problems))]
    Invalid {
        /// Everything that was found. A text that is no YAML, or a value of the wrong type, hides the problems behind it.
        problems: Vec<Problem>,
    },
}

/// One thing that an operator has to look at: an error, or a warning. It quotes nothing of the file but the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    file: String,
    line: Option<u64>,
    key: String,
    reason: String,
}

impl Problem {
    pub(super) fn new(file: &str, line: Option<u64>, key: &str, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, key: key.to_owned(), reason: reason.into() }
    }

    /// The line it stands in, counted from 1; of the section around it when the key is missing.
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// The full path of the key, as `global.authorization.audience`; empty when the file as a whole is meant.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What is wrong with it.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": key `{}`", self.key)?;
        }
        write!(f, ": {}", self.reason)
    }
}

fn each_on_its_line(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
