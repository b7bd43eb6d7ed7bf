//! One row of the method table.

use std::borrow::Cow;

use crate::Role;

/// Where a role must be held for a method (Temporal's `api.Scope`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In the whole system.
    Cluster,
    /// In the namespace of the request, or in the whole system.
    Namespace,
    /// Nowhere: nobody may call it.
    Unknown,
}

/// What a method does (Temporal's `api.Access`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Changes the system or reveals its insides.
    Admin,
    /// Reads.
    ReadOnly,
    /// Writes.
    Write,
}

impl Access {
    /// The role that the default authorizer asks for, as Temporal's `getRequiredRole`.
    pub const fn required_role(self) -> Role {
        match self {
            Self::Admin => Role::ADMIN,
            Self::ReadOnly => Role::READER,
            Self::Write => Role::WRITER,
        }
    }
}

/// Namespaces that a request names beside its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Embedded {
    /// None that count.
    #[default]
    None,
    /// Commands to other namespaces: each is a target of its own (`RespondWorkflowTaskCompleted`).
    Commands,
    /// Operations that must be in the request's own namespace (`ExecuteMultiOperation`).
    Operations,
    /// Its own once more, by its id (`DescribeNamespace`, `DeleteNamespace`): a request that has both is refused.
    Id,
}

/// One method: who may call it, and where its request says which namespace it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodInfo {
    path: Cow<'static, str>,
    scope: Scope,
    access: Access,
    request: Option<Cow<'static, str>>,
    namespace_field: Option<u32>,
    task_token_field: Option<u32>,
    streaming: bool,
    embedded: Embedded,
}

impl MethodInfo {
    /// A unary method of a service of your own. `path` is `/package.Service/Method`.
    pub fn unary(path: impl Into<String>, scope: Scope, access: Access) -> Self {
        Self { path: Cow::Owned(path.into()), ..Self::row("", scope, access, None) }
    }

    /// A method that streams, judged on its headers alone, with namespace "".
    pub fn streaming(path: impl Into<String>, scope: Scope, access: Access) -> Self {
        Self { streaming: true, ..Self::unary(path, scope, access) }
    }

    /// Says which top-level string field of the request names the namespace. Without one it is "", and only a system
    /// role suffices.
    pub fn with_namespace_field(mut self, number: u32) -> Self {
        self.namespace_field = Some(number);
        self
    }

    /// Says which message the request is (`package.Message`), so that an authorizer can decode it.
    pub fn with_request(mut self, message: impl Into<String>) -> Self {
        self.request = Some(Cow::Owned(message.into()));
        self
    }

    /// The path, `/package.Service/Method`. A row that stands for methods nobody listed ends in `/*`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path once more: not copied if it is one of Temporal's.
    pub(crate) fn shared_path(&self) -> Cow<'static, str> {
        self.path.clone()
    }

    /// Where the role must be held.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// What the method does.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The full name of the request message, when it is known.
    pub fn request(&self) -> Option<&str> {
        self.request.as_deref()
    }

    /// The field number of the request's namespace.
    pub fn namespace_field(&self) -> Option<u32> {
        self.namespace_field
    }

    /// The field number of the request's task token, which a server can resolve to a namespace.
    pub fn task_token_field(&self) -> Option<u32> {
        self.task_token_field
    }

    /// Whether either side streams, or the method is not listed: then no body is read before the verdict.
    pub fn is_streaming(&self) -> bool {
        self.streaming
    }

    /// Which namespaces the request names beside its own.
    pub fn embedded(&self) -> Embedded {
        self.embedded
    }

    pub(super) const fn row(path: &'static str, scope: Scope, access: Access, request: Option<&'static str>) -> Self {
        Self {
            path: Cow::Borrowed(path),
            scope,
            access,
            request: match request {
                Some(name) => Some(Cow::Borrowed(name)),
                None => None,
            },
            namespace_field: None,
            task_token_field: None,
            streaming: false,
            embedded: Embedded::None,
        }
    }

    pub(super) const fn at(mut self, number: u32) -> Self {
        self.namespace_field = Some(number);
        self
    }

    pub(super) const fn token(mut self, number: u32) -> Self {
        self.task_token_field = Some(number);
        self
    }

    pub(super) const fn streams(mut self) -> Self {
        self.streaming = true;
        self
    }

    pub(super) const fn embeds(mut self, embedded: Embedded) -> Self {
        self.embedded = embedded;
        self
    }
}
