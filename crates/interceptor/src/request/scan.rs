//! Finding in a message what has to be allowed.

use temporal_authz::{Embedded, MethodInfo, Reason};

use super::{CommandTarget, WireError, commands, operations, wire::Fields};
use crate::Limits;

/// What a request wants to do, as its message says it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scanned<'m> {
    pub(super) namespace: &'m str,
    pub(super) commands: Vec<CommandTarget<'m>>,
}

/// A request that is refused whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// The request names a second namespace, in an embedded operation or by its id.
    #[error("the request names a second namespace, in an embedded operation or by its id")]
    NamespaceMismatch,
    /// A namespace has more bytes than the limit.
    #[error("a namespace is longer than the limit")]
    NamespaceTooLong,
    /// The commands have more different targets than the limit.
    #[error("the commands have more targets than the limit")]
    TooManyTargets,
    /// The bytes are no message.
    #[error("the request does not decode: {0}")]
    Wire(#[from] WireError),
}

/// Finds what `message`, an encoded request of `method`, wants to do. The message is not copied, but for the attributes
/// of a command that stand in several parts.
///
/// A request of which neither the message nor a namespace field is known is opaque: it names no namespace.
///
/// # Errors
/// The bytes are no such message, a limit is exceeded, an embedded operation or an id names another namespace.
#[inline]
pub fn scan<'m>(method: &MethodInfo, message: &'m [u8], limits: &Limits) -> Result<Scanned<'m>, ScanError> {
    match method.embedded() {
        Embedded::Commands => commands::scan(message, namespace_field(method), limits),
        _ => scan_without_commands(method, message, limits),
    }
}

/// As [`scan`], but commands are not looked into, as by a Temporal without `system.enableCrossNamespaceCommands`.
///
/// # Errors
/// As [`scan`].
#[inline]
pub fn scan_without_commands<'m>(
    method: &MethodInfo,
    message: &'m [u8],
    limits: &Limits,
) -> Result<Scanned<'m>, ScanError> {
    let namespace = namespace(method, message, limits)?;
    Ok(Scanned { namespace, commands: Vec::new() })
}

/// The namespace of the request, once nothing else in it names another.
#[inline]
fn namespace<'a>(method: &MethodInfo, message: &'a [u8], limits: &Limits) -> Result<&'a str, ScanError> {
    if method.namespace_field().is_none() && method.request().is_none() {
        return Ok("");
    }
    let namespace = Fields::of(message).last_string(namespace_field(method))?.unwrap_or("");
    if namespace.len() > limits.max_namespace_bytes {
        return Err(ScanError::NamespaceTooLong);
    }
    match method.embedded() {
        Embedded::Operations => operations::check(message, namespace)?,
        Embedded::Id => id(message, namespace)?,
        Embedded::None | Embedded::Commands => {}
    }
    Ok(namespace)
}

/// No field has number 0: a request without a namespace is walked all the same.
fn namespace_field(method: &MethodInfo) -> u32 {
    method.namespace_field().unwrap_or(0)
}

/// `DescribeNamespaceRequest.id` and `DeleteNamespaceRequest.namespace_id`.
const ID: u32 = 2;

/// Refuses an id beside a name: who judged the name would let the server pick the id, which may be another namespace's.
fn id(message: &[u8], namespace: &str) -> Result<(), ScanError> {
    let id = Fields::of(message).last_string(ID)?.unwrap_or("");
    if id.is_empty() || namespace.is_empty() { Ok(()) } else { Err(ScanError::NamespaceMismatch) }
}

impl<'m> Scanned<'m> {
    /// The namespace that the request names; "" when it names none.
    pub fn namespace(&self) -> &'m str {
        self.namespace
    }

    /// What its commands do in other namespaces: each namespace and method once, in the order of the commands.
    pub fn commands(&self) -> &[CommandTarget<'m>] {
        &self.commands
    }
}

impl ScanError {
    /// The reason that a refusal for this error has.
    pub fn reason(self) -> Reason {
        match self {
            Self::NamespaceMismatch => Reason::NamespaceMismatch,
            Self::NamespaceTooLong => Reason::NamespaceTooLong,
            Self::TooManyTargets => Reason::RequestTooLarge,
            // Refused as any request of a namespace that the caller may not use, which is what Go answers for the most part.
            Self::Wire(WireError::Mismatch) => Reason::UnresolvedNamespace,
            Self::Wire(_) => Reason::UndecodableRequest,
        }
    }
}
