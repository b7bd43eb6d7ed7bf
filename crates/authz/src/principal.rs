//! The identity that the server computed for a caller.

use std::{borrow::Cow, fmt};

/// Who a call was authorized as: Temporal's `Principal`. A handler reads it; a client never sets it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    kind: Cow<'static, str>,
    name: Box<str>,
}

impl Principal {
    /// A principal of a type (`jwt`, `mtls`: a literal, or owned) and a name (the subject).
    pub fn new(kind: impl Into<Cow<'static, str>>, name: impl Into<String>) -> Self {
        Self { kind: kind.into(), name: name.into().into() }
    }

    /// How the caller was identified, sent as `temporal-principal-type`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The caller's name, sent as `temporal-principal-name`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal").field("kind", &self.kind()).field("name", &self.name()).finish()
    }
}
