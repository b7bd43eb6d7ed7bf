//! The chain, straight down.

use http::Method;
use temporal_authz::{Access, Embedded, MethodInfo, Scope};

use super::body::unframed;
use crate::{
    call::{Call, MAX_NAME, Peer, Wire},
    message::{Code, DENIED, MAX_DEPTH, TOO_LONG, UNDECODABLE, commands, last_text, named_twice, operations_agree},
    token::{Caller, Profile, judge},
};

pub const MAX_TARGETS: usize = 3;

/// Bad or missing credentials: 16 where the profile tells them apart.
const UNAUTHENTICATED: Code = 16;

#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The HTTP status and gRPC's.
    Refused(u16, Code),
    Passed(Passed),
}

/// What the service behind must see.
#[derive(Debug, PartialEq, Eq)]
pub struct Passed {
    pub body: Vec<u8>,
    pub inflated: bool,
    /// Method and namespace of each target; `None` for a stream that nobody judged.
    pub targets: Option<Vec<(String, String)>>,
    /// Type and name in the two headers; "" for one that is not there.
    pub principal: (String, String),
}

/// A row of Temporal's method table.
struct Row<'m> {
    scope: Scope,
    access: Access,
    info: Option<&'m MethodInfo>,
}

impl Row<'_> {
    /// Methods that nobody listed are judged on their headers, as streams are.
    fn is_stream(&self) -> bool {
        self.info.is_none_or(MethodInfo::is_streaming)
    }
}

fn row<'m>(path: &str, methods: &'m [MethodInfo]) -> Row<'m> {
    if let Some(info) = methods.iter().find(|method| method.path() == path) {
        return Row { scope: info.scope(), access: info.access(), info: Some(info) };
    }
    let admin = path.starts_with("/temporal.server.api.adminservice.v1.AdminService/");
    Row { scope: if admin { Scope::Cluster } else { Scope::Unknown }, access: Access::Admin, info: None }
}

fn is_method_path(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c));
    parts.len() == 3 && parts[0].is_empty() && word(parts[1]) && word(parts[2])
}

fn is_open(path: &str) -> bool {
    path == "/grpc.health.v1.Health/Check" || path == "/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo"
}

fn required(access: Access) -> u16 {
    match access {
        Access::ReadOnly => 2,
        Access::Write => 4,
        Access::Admin => 8,
    }
}

/// The verdict about a call, and why.
pub fn verdict(call: &Call, wire: &Wire, methods: &[MethodInfo]) -> Verdict {
    let grpc = wire.request.headers()["content-type"].as_bytes().strip_prefix(b"application/grpc");
    let grpc = grpc.is_some_and(|rest| rest.is_empty() || rest[0] == b'+' || rest[0] == b';');
    if wire.request.method() != Method::POST || !grpc {
        return Verdict::Refused(415, UNDECODABLE);
    }
    match judged(call, wire, methods) {
        Ok(passed) => Verdict::Passed(passed),
        Err(UNAUTHENTICATED) if !call.settings.strict => Verdict::Refused(200, DENIED),
        Err(code) => Verdict::Refused(200, code),
    }
}

fn judged(call: &Call, wire: &Wire, methods: &[MethodInfo]) -> Result<Passed, Code> {
    let (path, headers) = (wire.request.uri().path(), wire.request.headers());
    if !is_method_path(path) {
        return Err(DENIED);
    }
    let row = row(path, methods);
    let untouched = |targets| Passed {
        body: wire.body.clone(),
        inflated: false,
        targets,
        principal: (String::new(), String::new()),
    };
    if call.settings.streams_pass && row.info.is_some_and(MethodInfo::is_streaming) {
        return Ok(untouched(None));
    }
    let (caller, shown) = caller(call, wire)?;
    let has_role = |caller: &Caller| caller.system > 0 || caller.namespaces.values().any(|role| *role > 0);
    let reads = !row.is_stream() && row.scope == Scope::Namespace && caller.as_ref().is_some_and(has_role);
    let mut passed = untouched(None);
    let mut targets = vec![(path.to_owned(), String::new())];
    if reads && let (Some(info), Some(caller)) = (row.info, &caller) {
        let (message, inflated) = unframed(&wire.body, headers)?;
        targets = named(call, info, caller, &message)?;
        passed.body = [&[0][..], &(message.len() as u32).to_be_bytes(), &message].concat();
        passed.inflated = inflated;
    }
    for (method, namespace) in &targets {
        let row = self::row(method, methods);
        if is_open(method) {
            continue;
        }
        let Some(caller) = &caller else { return Err(if shown { DENIED } else { UNAUTHENTICATED }) };
        let held = match row.scope {
            Scope::Cluster => caller.system,
            Scope::Namespace => caller.system | caller.namespaces.get(namespace).copied().unwrap_or(0),
            Scope::Unknown => return Err(DENIED),
        };
        if held < required(row.access) {
            return Err(DENIED);
        }
    }
    if call.settings.propagate
        && !row.is_stream()
        && !is_open(path)
        && let Some(caller) = caller
    {
        // A name with control characters is in no header.
        let name = if caller.subject.contains('\n') { String::new() } else { caller.subject };
        passed.principal = ("jwt".to_owned(), name);
    }
    passed.targets = Some(targets);
    Ok(passed)
}

/// Who is calling, and whether any credential was shown.
fn caller(call: &Call, wire: &Wire) -> Result<(Option<Caller>, bool), Code> {
    let mut values = Vec::new();
    for name in ["authorization", "authorization-extras"] {
        let all: Vec<&[u8]> = wire.request.headers().get_all(name).iter().map(|value| value.as_bytes()).collect();
        let value = all.first().copied().unwrap_or_default();
        let visible = value.iter().all(|byte| (0x20..0x7f).contains(byte) || *byte == b'\t');
        if all.len() > 1 || value.len() > 16 << 10 || !visible {
            return Err(UNAUTHENTICATED);
        }
        values.push(String::from_utf8(value.to_vec()).expect("ASCII"));
    }
    if matches!(call.peer, Peer::BadCertificate) {
        return Err(UNAUTHENTICATED);
    }
    let certificate = matches!(call.peer, Peer::Certificate(_));
    let token = &values[0];
    match (token.is_empty(), call.settings.strict) {
        (true, false) if certificate => Ok((Some(Caller::unnamed()), true)),
        (true, _) => Ok((None, certificate)),
        (false, strict) => {
            let profile = if strict { Profile::Strict } else { Profile::Temporal };
            let signed: Vec<&str> = wire.signed.as_deref().into_iter().collect();
            judge(token, profile, "", &signed).map(|caller| (Some(caller), true)).ok_or(UNAUTHENTICATED)
        }
    }
}

/// The targets that a request names.
fn named(call: &Call, info: &MethodInfo, caller: &Caller, message: &[u8]) -> Result<Vec<(String, String)>, Code> {
    // Names that Temporal's HTTP handlers authorize under: of their requests nothing is known.
    if info.request().is_none() {
        return Ok(vec![(info.path().to_owned(), String::new())]);
    }
    let number = info.namespace_field().map_or(0, u64::from);
    let (namespace, elsewhere) = if info.embedded() == Embedded::Commands && call.settings.commands {
        commands(message, number, MAX_NAME, MAX_TARGETS)?
    } else {
        (last_text(message, number, MAX_DEPTH)?.unwrap_or_default(), Vec::new())
    };
    if namespace.len() > MAX_NAME {
        return Err(TOO_LONG);
    }
    if info.embedded() == Embedded::Operations && !operations_agree(message, namespace)? {
        return Err(DENIED);
    }
    if info.embedded() == Embedded::Id && named_twice(message, namespace)? {
        return Err(DENIED);
    }
    let mut targets = vec![(info.path().to_owned(), namespace.to_owned())];
    targets.extend(elsewhere.into_iter().map(|(method, namespace)| (method.to_owned(), namespace)));
    // Only the server knows the namespace of a task token: a grant on namespace "" does not stand in for it.
    let granted = caller.namespaces.get("").copied().unwrap_or(0);
    if namespace.is_empty() && info.task_token_field().is_some() {
        let required = required(info.access());
        if granted >= required && caller.system < required {
            return Err(DENIED);
        }
    }
    Ok(targets)
}
