//! What an authorizer answers.

use crate::{Claims, Principal, Reason};

/// The verdict on one target: Temporal's `authorization.Result`. A denial is a value; an error means that there is no
/// verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The call may proceed.
    Allow(Allow),
    /// The call may not.
    Deny(Deny),
}

/// The particulars of a permission.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allow {
    called_as: CalledAs,
}

/// Who a handler shall see as the caller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum CalledAs {
    #[default]
    Nobody,
    /// The principal of the caller's claims.
    Claimed,
    Another(Box<Principal>),
}

/// The particulars of a denial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deny {
    reason: Reason,
    message: Option<String>,
}

impl Decision {
    /// Allows the call, as nobody in particular.
    pub fn allow() -> Self {
        Self::Allow(Allow::default())
    }

    /// Allows the call as the principal of the caller's claims; without claims, as nobody.
    pub fn allow_as_claimed() -> Self {
        Self::Allow(Allow { called_as: CalledAs::Claimed })
    }

    /// Allows the call as another principal than that of the caller's claims.
    pub fn allow_as(principal: Principal) -> Self {
        Self::Allow(Allow { called_as: CalledAs::Another(Box::new(principal)) })
    }

    /// Denies the call.
    pub fn deny(reason: Reason) -> Self {
        Self::Deny(Deny { reason, message: None })
    }

    /// Denies the call by a rule of the operator's, with a message that the caller will see.
    pub fn deny_with(message: impl Into<String>) -> Self {
        Self::Deny(Deny { reason: Reason::DeniedByPolicy, message: Some(message.into()) })
    }

    /// Whether the call may proceed.
    pub fn is_allow(&self) -> bool {
        matches!(self, Self::Allow(_))
    }
}

impl Allow {
    /// Who the handler shall see as the caller, who has these claims.
    pub fn principal<'a>(&'a self, claims: Option<&'a Claims>) -> Option<&'a Principal> {
        self.called_as.principal(claims)
    }

    pub(crate) fn into_called_as(self) -> CalledAs {
        self.called_as
    }
}

impl CalledAs {
    pub(crate) fn principal<'a>(&'a self, claims: Option<&'a Claims>) -> Option<&'a Principal> {
        match self {
            Self::Nobody => None,
            Self::Claimed => claims.map(Claims::principal),
            Self::Another(principal) => Some(principal),
        }
    }
}

impl Deny {
    /// Why, as a stable code.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// What the caller is told (`PermissionDeniedFailure.reason`).
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    pub(crate) fn into_parts(self) -> (Reason, Option<String>) {
        (self.reason, self.message)
    }
}
