//! What mappers and authorizers fail with.

use std::{error::Error as StdError, sync::Arc};

use bytes::Bytes;

use crate::Reason;

/// An error of a plug-in's own.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a claim mapper gives no claims. Bad credentials and a mapper that cannot answer are different errors.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// The credentials are not good.
    #[error("credentials refused: {reason}{}", detail.as_deref().map(|text| format!(" ({text})")).unwrap_or_default())]
    #[non_exhaustive]
    Rejected {
        /// Why, as a stable code.
        reason: Reason,
        /// What exactly, for logs and `explain`; never a credential.
        detail: Option<String>,
    },
    /// Nothing can be said of the credentials at the moment.
    #[error("claims unavailable: {reason}")]
    #[non_exhaustive]
    Unavailable {
        /// Why, as a stable code.
        reason: Reason,
        /// What failed.
        #[source]
        source: Arc<dyn StdError + Send + Sync>,
    },
}

impl ClaimError {
    /// The credentials are not good.
    pub fn rejected(reason: Reason) -> Self {
        Self::Rejected { reason, detail: None }
    }

    /// The credentials are not good, with what exactly for logs and `explain`. Never put a credential into it.
    pub fn rejected_with(reason: Reason, detail: impl Into<String>) -> Self {
        Self::Rejected { reason, detail: Some(detail.into()) }
    }

    /// The keys that would verify the credentials cannot be had.
    pub fn keys_unavailable(source: impl Into<BoxError>) -> Self {
        Self::Unavailable { reason: Reason::KeysUnavailable, source: Arc::from(source.into()) }
    }

    /// The mapper itself failed.
    pub fn failed(source: impl Into<BoxError>) -> Self {
        Self::Unavailable { reason: Reason::MapperError, source: Arc::from(source.into()) }
    }

    /// Why, as a stable code.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Rejected { reason, .. } | Self::Unavailable { reason, .. } => *reason,
        }
    }
}

/// Why an authorizer gives no verdict. The call is denied; a status is shown only where `exposeAuthorizerErrors` is on.
#[derive(Debug, thiserror::Error)]
#[error("the authorizer failed: {source}")]
pub struct AuthorizeError {
    source: BoxError,
    status: Option<Box<WireStatus>>,
}

/// A gRPC status that an authorizer wants its caller to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireStatus {
    /// The code, 1 to 16.
    pub code: i32,
    /// The message.
    pub message: String,
    /// An encoded `google.rpc.Status`, or nothing.
    pub details: Bytes,
}

impl AuthorizeError {
    /// A failure without a status of its own: exposed, it is UNKNOWN with its text, as in the reference.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self { source: source.into(), status: None }
    }

    /// Sets the status that is shown where errors are exposed.
    pub fn with_status(mut self, status: WireStatus) -> Self {
        self.status = Some(Box::new(status));
        self
    }

    /// The status that is shown where errors are exposed.
    pub fn wire_status(&self) -> WireStatus {
        const UNKNOWN: i32 = 2;
        self.status.as_deref().cloned().unwrap_or_else(|| WireStatus {
            code: UNKNOWN,
            message: self.source.to_string(),
            details: Bytes::new(),
        })
    }
}
