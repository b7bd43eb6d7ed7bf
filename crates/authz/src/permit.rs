//! The proof that a call was authorized, and what stands in its place when it was not.

use std::{borrow::Cow, time::SystemTime};

use compact_str::CompactString;

use crate::{Claims, Principal, Reason, WireStatus, decision::CalledAs};

/// Proof that a [`Guard`](crate::Guard) allowed a call. Only a guard makes one; a handler finds it among the request's
/// extensions.
///
/// ```compile_fail,E0451
/// let forged = temporal_authz::Permit { claims: None, ..todo!() };
/// ```
#[derive(Debug, Clone)]
pub struct Permit {
    claims: Option<Claims>,
    called_as: CalledAs,
    call: GrantedTarget,
    commands: Vec<GrantedTarget>,
    policy_version: u64,
}

/// One thing that a permit allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedTarget {
    pub(crate) api_name: Cow<'static, str>,
    pub(crate) namespace: CompactString,
}

impl Permit {
    pub(crate) fn new(
        claims: Option<Claims>,
        called_as: CalledAs,
        call: GrantedTarget,
        commands: Vec<GrantedTarget>,
        policy_version: u64,
    ) -> Self {
        Self { claims, called_as, call, commands, policy_version }
    }

    /// The caller's claims; `None` for a caller without credentials.
    pub fn claims(&self) -> Option<&Claims> {
        self.claims.as_ref()
    }

    /// Who the authorizer says the caller is.
    pub fn principal(&self) -> Option<&Principal> {
        self.called_as.principal(self.claims())
    }

    /// What is allowed: the call itself, then what its commands do in other namespaces.
    pub fn targets(&self) -> impl Iterator<Item = &GrantedTarget> {
        std::iter::once(&self.call).chain(&self.commands)
    }

    /// When the caller's claims expire.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.claims()?.expires_at()
    }

    /// The version of the policy that was in force, as [`GuardBuilder::policy_version`](crate::GuardBuilder) set it.
    pub fn policy_version(&self) -> u64 {
        self.policy_version
    }
}

impl GrantedTarget {
    /// The full method.
    pub fn api_name(&self) -> &str {
        &self.api_name
    }

    /// The namespace; "" for none.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }
}

/// A call that must not happen, and why. Only a [`Guard`](crate::Guard) makes one, having told its observers.
// One pointer. Were the reason's single byte in here, whatever a `Result` holds in the place of a denial would be moved from its
// second byte on, and each such move would wait for the writes before it: some 40 ns of a call that is allowed.
#[derive(Debug)]
#[must_use]
pub struct Denial(Box<Refusal>);

#[derive(Debug)]
struct Refusal {
    reason: Reason,
    told: Option<Told>,
}

#[derive(Debug)]
enum Told {
    Message(String),
    Error(WireStatus),
}

impl Denial {
    pub(crate) fn new(reason: Reason) -> Self {
        Self(Box::new(Refusal { reason, told: None }))
    }

    pub(crate) fn with_message(mut self, message: Option<String>) -> Self {
        self.0.told = message.map(Told::Message);
        self
    }

    pub(crate) fn with_error(mut self, error: WireStatus) -> Self {
        self.0.told = Some(Told::Error(error));
        self
    }

    /// Why, as a stable code.
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// What the authorizer wants the caller to be told.
    pub fn message(&self) -> Option<&str> {
        match self.0.told.as_ref()? {
            Told::Message(message) => Some(message),
            Told::Error(_) => None,
        }
    }

    /// The status of an authorizer that failed, for layers that expose such errors.
    pub fn authorizer_error(&self) -> Option<&WireStatus> {
        match self.0.told.as_ref()? {
            Told::Message(_) => None,
            Told::Error(error) => Some(error),
        }
    }
}
