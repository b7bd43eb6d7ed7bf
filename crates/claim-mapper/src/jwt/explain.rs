//! What the checks found, step by step, for a person.

use std::fmt;

use temporal_authz::{ClaimError, Claims};

/// Most remarks that are kept of one step.
const MAX_HINTS: usize = 20;

/// The way of one token through the checks: what [`JwtClaimMapper::explain`](crate::JwtClaimMapper::explain) answers.
///
/// Holds no token and no key. It does name claims: show it to the operator, not to the caller.
#[derive(Debug, Clone)]
pub struct Explanation {
    pub(super) steps: Vec<Step>,
    pub(super) result: Result<Option<Claims>, ClaimError>,
}

/// One check, or a remark about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    name: &'static str,
    outcome: Outcome,
    text: String,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It refused the token; no other check follows.
    Failed,
    /// It passed, and something may not be what the token's author meant.
    Hint,
}

impl Explanation {
    /// The checks in the order in which they ran.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What the mapper answers.
    ///
    /// # Errors
    /// Those of [`get_claims`](temporal_authz::ClaimMapper::get_claims).
    pub fn result(&self) -> Result<Option<&Claims>, &ClaimError> {
        self.result.as_ref().map(Option::as_ref)
    }
}

impl Step {
    /// The check: `scheme`, `shape`, `header`, `algorithm`, `kid`, `typ`, `payload`, `times`, `issuer`, `audience`,
    /// `subject`, `key`, `signature` or `permissions`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// What it found; escaped and bounded.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Passed => "ok",
            Outcome::Failed => "REFUSED",
            Outcome::Hint => "hint",
        };
        write!(f, "{:<12} {outcome:<8} {}", self.name, self.text)
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

/// Where the checks tell what they do. Without a list it is silent, and nothing is formatted.
pub(super) struct Trace<'a>(Option<&'a mut Vec<Step>>);

impl<'a> Trace<'a> {
    pub(super) fn silent() -> Self {
        Self(None)
    }

    pub(super) fn into_list(list: &'a mut Vec<Step>) -> Self {
        Self(Some(list))
    }

    /// Notes how a check ended, and hands its result on.
    #[inline]
    pub(super) fn step<T>(
        &mut self,
        name: &'static str,
        result: Result<T, ClaimError>,
        show: impl FnOnce(&T) -> String,
    ) -> Result<T, ClaimError> {
        if let Some(steps) = &mut self.0 {
            steps.push(match &result {
                Ok(value) => Step { name, outcome: Outcome::Passed, text: show(value) },
                Err(error) => Step { name, outcome: Outcome::Failed, text: error.to_string() },
            });
        }
        result
    }

    /// Notes a remark; beyond a bound it is dropped.
    pub(super) fn hint(&mut self, name: &'static str, text: impl fmt::Display) {
        let Some(steps) = &mut self.0 else { return };
        let said = steps.iter().filter(|step| step.outcome == Outcome::Hint && step.name == name).count();
        if said < MAX_HINTS {
            steps.push(Step { name, outcome: Outcome::Hint, text: text.to_string() });
        }
    }
}
