//! The plug-in that is told every verdict.

use std::fmt;

use crate::Reason;

/// Is told every verdict before it takes effect: for audit records and metrics. It runs on the request's way, so it
/// must not block.
pub trait Observer: fmt::Debug + Send + Sync + 'static {
    /// Takes note of a verdict.
    ///
    /// # Errors
    /// The verdict could not be recorded: a call that was allowed is denied then.
    fn decided(&self, event: &DecisionEvent<'_>) -> Result<(), Refused>;
}

/// The verdict could not be recorded, and the call must not happen unrecorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the observer refused")]
pub struct Refused;

/// One verdict. Texts are as the caller sent them: escape them before you show them.
#[derive(Debug, Clone)]
pub struct DecisionEvent<'a> {
    pub(crate) api_name: &'a str,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) subject: Option<&'a str>,
    pub(crate) denied: Option<Reason>,
    pub(crate) detail: Option<&'a str>,
}

impl<'a> DecisionEvent<'a> {
    /// The full method of the target that decided; an unlisted one is the caller's own text.
    pub fn api_name(&self) -> &'a str {
        self.api_name
    }

    /// The namespace of the target that decided; `None` when no target was judged.
    pub fn namespace(&self) -> Option<&'a str> {
        self.namespace
    }

    /// The caller, when it is known.
    pub fn subject(&self) -> Option<&'a str> {
        self.subject
    }

    /// Why the call was denied; `None` when it was allowed.
    pub fn denied(&self) -> Option<Reason> {
        self.denied
    }

    /// What exactly, for people; never a credential.
    pub fn detail(&self) -> Option<&'a str> {
        self.detail
    }
}
