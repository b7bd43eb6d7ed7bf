//! What can change while the server runs.

use std::fmt;

/// Temporal's dynamic settings that concern authorization, asked anew for each call, perhaps more than once, in the
/// layer's `call` or in its future: they answer at once and do not panic.
pub trait Settings: fmt::Debug + Send + Sync + 'static {
    /// Whether commands to other namespaces are judged as calls there (`system.enableCrossNamespaceCommands`).
    fn cross_namespace_commands(&self) -> bool;

    /// Whether listed streams pass unjudged (`system.disableStreamingAuthorizer`).
    fn streaming_authorizer_disabled(&self) -> bool {
        false
    }

    /// Whether a caller sees the error of an authorizer that failed (`frontend.exposeAuthorizerErrors`).
    fn expose_authorizer_errors(&self) -> bool {
        false
    }

    /// Whether the handler is told who is calling, by header (`frontend.enablePrincipalPropagation`).
    fn principal_propagation(&self, _namespace: &str) -> bool {
        false
    }
}

/// Settings that never change. By default commands to other namespaces are judged and the rest is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FixedSettings {
    /// See [`Settings::cross_namespace_commands`].
    pub cross_namespace_commands: bool,
    /// See [`Settings::expose_authorizer_errors`].
    pub expose_authorizer_errors: bool,
    /// See [`Settings::principal_propagation`]; for every namespace.
    pub principal_propagation: bool,
}

impl Default for FixedSettings {
    fn default() -> Self {
        Self { cross_namespace_commands: true, expose_authorizer_errors: false, principal_propagation: false }
    }
}

impl Settings for FixedSettings {
    fn cross_namespace_commands(&self) -> bool {
        self.cross_namespace_commands
    }

    fn expose_authorizer_errors(&self) -> bool {
        self.expose_authorizer_errors
    }

    fn principal_propagation(&self, _namespace: &str) -> bool {
        self.principal_propagation
    }
}
