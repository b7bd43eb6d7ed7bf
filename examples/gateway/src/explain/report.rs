//! What is shown: a line a step, and the verdict.

use std::{fmt, io, io::Write};

/// The steps in the order in which they were taken, and how it ended.
#[derive(Default)]
pub(super) struct Report {
    rows: Vec<Row>,
    verdict: String,
}

struct Row {
    step: &'static str,
    outcome: Outcome,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Ok,
    Fail,
    Note,
}

impl Report {
    /// A step that went well.
    pub(super) fn ok(&mut self, step: &'static str, text: impl fmt::Display) {
        self.push(step, Outcome::Ok, text);
    }

    /// A step that denies the call.
    pub(super) fn fail(&mut self, step: &'static str, text: impl fmt::Display) {
        self.push(step, Outcome::Fail, text);
    }

    /// A remark.
    pub(super) fn note(&mut self, step: &'static str, text: impl fmt::Display) {
        self.push(step, Outcome::Note, text);
    }

    /// What the first step found that denies the call.
    pub(super) fn failure(&self) -> Option<&str> {
        self.rows.iter().find(|row| row.outcome == Outcome::Fail).map(|row| row.text.as_str())
    }

    /// Sets the last line.
    pub(super) fn conclude(&mut self, verdict: impl fmt::Display) {
        self.verdict = verdict.to_string();
    }

    /// Writes it all.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{:<12} {:<7} DETAIL", "STEP", "OUTCOME")?;
        for Row { step, outcome, text } in &self.rows {
            writeln!(out, "{step:<12} {:<7} {text}", outcome.as_str())?;
        }
        writeln!(out, "verdict: {}", self.verdict)
    }

    fn push(&mut self, step: &'static str, outcome: Outcome, text: impl fmt::Display) {
        self.rows.push(Row { step, outcome, text: text.to_string() });
    }
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fail => "FAIL",
            Self::Note => "note",
        }
    }
}
