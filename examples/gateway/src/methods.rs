//! `temporal-gateway methods`: what each role may call.
//!
//! The answers are the default authorizer's own: each method is put to it with a caller of each role.
//!
//! ```sh
//! temporal-gateway methods                                  # every method, and the roles that may call it
//! temporal-gateway methods --role read                      # what a reader of a namespace may call there
//! temporal-gateway methods --role write --scope system      # what a writer of the whole system may call
//! ```

use std::{io::Write, path::PathBuf};

use anyhow::bail;
use clap::{Args, ValueEnum};
use temporal_authz::{Access, CallTarget, Claims, DefaultAuthorizer, MethodInfo, MethodTable, Role, Scope};
use temporal_interceptor::config::{AuthorizationConfig, Plugin};

/// Arguments of `temporal-gateway methods`.
#[derive(Args, Clone, Debug, Default)]
pub struct MethodsArgs {
    /// Show only the methods that a caller with this role may call.
    #[arg(long, value_name = "ROLE", ignore_case = true)]
    pub role: Option<RoleName>,

    /// Where the caller has the role: in the Namespace of the request, or in the whole system. Used with --role.
    #[arg(long, value_name = "SCOPE", default_value = "namespace", ignore_case = true, requires = "role")]
    pub scope: Held,

    /// Configuration file whose methods to include. Only Temporal's own if not given.
    #[arg(long, short = 'f', value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// A role, by its name in a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// `read`.
    Read,
    /// `write`.
    Write,
    /// `worker`.
    Worker,
    /// `admin`.
    Admin,
}

/// Where a role is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Held {
    /// In the namespace of the request.
    #[default]
    Namespace,
    /// In the whole system.
    System,
}

/// Writes the methods to `out`, sorted by service and method: a table of all of them, or with `--role` one path a line.
///
/// # Errors
/// The configuration cannot be used, or lets everybody call everything; or `out` cannot be written.
pub fn run(args: &MethodsArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let table = table(args)?;
    let mut methods: Vec<&MethodInfo> = table.iter().collect();
    methods.sort_by_key(|method| method.path().rsplit_once('/'));
    let Some(role) = args.role else { return write_table(&methods, out) };
    for method in methods {
        if may_call(role, args.scope, method)? {
            writeln!(out, "{}", method.path())?;
        }
    }
    Ok(())
}

fn table(args: &MethodsArgs) -> anyhow::Result<MethodTable> {
    let Some(file) = &args.config else { return Ok(MethodTable::temporal()) };
    let config = AuthorizationConfig::from_file(file)?;
    if config.authorization().authorizer == Plugin::AllowEveryone {
        bail!("{}: `global.authorization.authorizer` is empty: everybody may call everything", file.display());
    }
    Ok(config.profile().methods.clone())
}

fn write_table(methods: &[&MethodInfo], out: &mut dyn Write) -> anyhow::Result<()> {
    let width = methods.iter().map(|method| method.path().len()).max().unwrap_or_default();
    let mut row = |path: &str, scope: &str, access: &str, namespace: &str, system: &str| {
        writeln!(out, "{path:width$}  {scope:9}  {access:6}  {namespace:23}  {system}")
    };
    row("METHOD", "SCOPE", "ACCESS", "ROLES IN THE NAMESPACE", "ROLES IN THE SYSTEM")?;
    for method in methods {
        let (namespace, system) = match is_open(method) {
            true => ("everybody".to_owned(), "everybody".to_owned()),
            false => (callers(Held::Namespace, method)?, callers(Held::System, method)?),
        };
        row(method.path(), scope_name(method.scope()), access_name(method.access()), &namespace, &system)?;
    }
    Ok(())
}

fn callers(held: Held, method: &MethodInfo) -> anyhow::Result<String> {
    let mut names = Vec::new();
    for role in RoleName::value_variants() {
        if may_call(*role, held, method)? {
            names.push(role.as_str());
        }
    }
    Ok(if names.is_empty() { "-".to_owned() } else { names.join(", ") })
}

/// Whether a caller with this one role may call the method: in the namespace of the request when that is where it is held.
fn may_call(role: RoleName, held: Held, method: &MethodInfo) -> anyhow::Result<bool> {
    const SOME_NAMESPACE: &str = "default";
    let claims = Claims::builder("jwt", "somebody");
    let claims = match held {
        Held::Namespace => claims.namespace(SOME_NAMESPACE, role.role()),
        Held::System => claims.system(role.role()),
    };
    let target = CallTarget::new(method.path(), method).with_namespace(namespace_seen(method, SOME_NAMESPACE));
    Ok(DefaultAuthorizer::new().judge(Some(&claims.build()?), &target).is_allow())
}

/// Whether everybody may call the method, with roles or without.
pub(crate) fn is_open(method: &MethodInfo) -> bool {
    DefaultAuthorizer::new().judge(None, &CallTarget::new(method.path(), method)).is_allow()
}

/// The namespace that is judged when a request is meant for `namespace`: none for a method that is judged before its
/// body is read, or whose request has no field for it.
pub(crate) fn namespace_seen<'a>(method: &MethodInfo, namespace: &'a str) -> &'a str {
    if method.is_streaming() || method.namespace_field().is_none() { "" } else { namespace }
}

/// A role by the names that permissions have: `none`, `read`, or `write+worker` for a set.
pub(crate) fn role_name(role: Role) -> String {
    let held = RoleName::value_variants().iter().filter(|name| role.contains(name.role()));
    let names: Vec<&str> = held.map(|name| name.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join("+") }
}

pub(crate) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Cluster => "cluster",
        Scope::Namespace => "namespace",
        Scope::Unknown => "unknown",
    }
}

pub(crate) fn access_name(access: Access) -> &'static str {
    match access {
        Access::Admin => "admin",
        Access::ReadOnly => "read",
        Access::Write => "write",
    }
}

impl RoleName {
    fn role(self) -> Role {
        match self {
            Self::Read => Role::READER,
            Self::Write => Role::WRITER,
            Self::Worker => Role::WORKER,
            Self::Admin => Role::ADMIN,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Worker => "worker",
            Self::Admin => "admin",
        }
    }
}
