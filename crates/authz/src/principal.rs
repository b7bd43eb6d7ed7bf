//! The identity that the server computed for a caller.

/// Who a call was authorized as: Temporal's `Principal`. A handler reads it; a client never sets it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    kind: String,
    name: String,
}

impl Principal {
    /// A principal of a type (`jwt`, `mtls`) and a name (the subject).
    pub fn new(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind: kind.into(), name: name.into() }
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
