//! One request, straight down: from its path to the inner service or to a denial.

use std::{borrow::Cow, time::SystemTime};

use bytes::Bytes;
use http::{Extensions, HeaderMap, Request, header::CONTENT_LENGTH};
use http_body::Body;
use temporal_authz::{
    AuthInfo, CallTarget, Denial, Guard, Identity, Kind, MethodInfo, Reason, Targets, is_method_path,
};

use crate::{
    ConnectionPeer,
    body::Whole,
    buffer, principal,
    request::{CommandTarget, ScanError, Scanned, scan, scan_without_commands, unframe},
    shared::Shared,
};

/// How a request may proceed.
#[derive(Default)]
pub(crate) struct Passage {
    /// The body of a unary call, if it was read. Any other streams through.
    pub(crate) read: Option<Whole>,
    /// When the claims expire by which a stream was allowed.
    pub(crate) stream_expires_at: Option<SystemTime>,
}

/// Judges one request, and makes of it what the inner service shall see but for its body. The order is a security argument: a bad
/// token never costs a body, the inner service is never called before the verdict, and the bytes judged are the bytes
/// forwarded.
pub(crate) async fn enforce<B>(shared: &Shared, guard: &Guard, request: &mut Request<B>) -> Result<Passage, Denial>
where
    B: Body<Data = Bytes> + Unpin,
{
    principal::strip(request.headers_mut());
    let method = method(guard, request)?;
    if shared.passes_unjudged(method, request) {
        shared.forward_unjudged(request);
        return Ok(Passage::default());
    }
    let identity = match identity_at_hand(shared, guard, method, Head::of(request))? {
        Some(identity) => identity,
        // In a box: few calls need it, and all would have to carry it.
        None => Box::pin(authenticate(shared, guard, method, Head::of(request))).await?,
    };
    let read = if !method.is_streaming() && guard.needs_request(&identity, method) {
        Some(read(shared, guard, &identity, request).await?)
    } else {
        None
    };
    let (permit, propagate) = {
        let message = read.as_ref().map(Whole::message);
        let scanned = scanned(shared, guard, method, &identity, request, message)?;
        let namespace = scanned.namespace();
        let targets = targets(guard, method, request.uri().path(), namespace, message, scanned.commands());
        let permit = guard.authorize(&identity, &targets).await?;
        (permit, shared.propagates_principal(method, namespace))
    };
    let stream_expires_at = permit.expires_at().filter(|_| method.is_streaming());
    shared.mark(request, permit, propagate);
    Ok(Passage { read, stream_expires_at })
}

fn method<'g, B>(guard: &'g Guard, request: &Request<B>) -> Result<&'g MethodInfo, Denial> {
    let path = request.uri().path();
    let method = guard.method(path);
    // What is listed by its own path has the form of one; a row for many ends in `/*`.
    let listed = method.path() == path && !path.ends_with('*');
    if !listed && !is_method_path(path) {
        return Err(guard.refuse(path, None, Reason::MalformedPath, ""));
    }
    Ok(method)
}

/// What a request is but for its body, which cannot be shared between threads.
#[derive(Clone, Copy)]
struct Head<'r> {
    path: &'r str,
    headers: &'r HeaderMap,
    extensions: &'r Extensions,
}

impl<'r> Head<'r> {
    fn of<B>(request: &'r Request<B>) -> Self {
        Self { path: request.uri().path(), headers: request.headers(), extensions: request.extensions() }
    }
}

/// What a caller shows of itself.
struct Shown<'r> {
    token: &'r [u8],
    extra: &'r str,
    audience: Cow<'r, str>,
    peer: ConnectionPeer,
}

impl<'r> Shown<'r> {
    fn of(shared: &'r Shared, guard: &Guard, method: &MethodInfo, head: Head<'r>) -> Result<Self, Denial> {
        let refuse = |reason, detail: &str| guard.refuse(head.path, None, reason, detail);
        let (token, extra) = shared
            .credential_headers()
            .read(head.headers, shared.limits().max_token_bytes)
            .map_err(|reason| refuse(reason, ""))?;
        let peer = shared.peer(head.extensions);
        peer.certificate().map_err(|error| refuse(Reason::MalformedCredentials, &error.to_string()))?;
        let audience =
            shared.audience(method, head.headers).map_err(|reason| refuse(reason, "the audience mapper panicked"))?;
        Ok(Self { token, extra, audience, peer })
    }

    fn info<'i>(&'i self, head: Head<'i>) -> AuthInfo<'i> {
        AuthInfo::new(head.headers)
            .with_extra_data(self.extra)
            .with_audience(&self.audience)
            .with_peer(self.peer.certificate().ok().flatten())
            .with_peer_addr(self.peer.address())
            .with_auth_token_bytes(self.token)
    }
}

/// Who is calling, if nothing has to be verified for it.
fn identity_at_hand(
    shared: &Shared,
    guard: &Guard,
    method: &MethodInfo,
    head: Head<'_>,
) -> Result<Option<Identity>, Denial> {
    let shown = Shown::of(shared, guard, method, head)?;
    let info = shown.info(head);
    Ok(if info.has_credentials() { guard.identity_at_hand(&info) } else { None })
}

/// Who is calling. What is known to be good has passed before, whoever else fails from the same address; what has to be
/// verified is limited.
async fn authenticate(shared: &Shared, guard: &Guard, method: &MethodInfo, head: Head<'_>) -> Result<Identity, Denial> {
    let path = head.path;
    let shown = Shown::of(shared, guard, method, head)?;
    // No token has other bytes. One that is at hand was read when it was verified.
    if !shown.token.is_ascii() {
        return Err(guard.refuse(path, None, Reason::MalformedCredentials, ""));
    }
    let info = shown.info(head);
    let limiter = shared.failures().filter(|_| info.has_credentials());
    let Some((failures, peer)) = limiter.and_then(|failures| Some((failures, failures.peer(&info)?))) else {
        return guard.authenticate(path, &info).await;
    };
    if failures.are_too_many(&peer) {
        return Err(guard.refuse(path, None, Reason::Throttled, ""));
    }
    let authenticated = guard.authenticate(path, &info).await;
    if authenticated.as_ref().is_err_and(|denial| denial.reason().kind() == Kind::Unauthenticated) {
        failures.note(peer);
    }
    authenticated
}

/// The body of a unary call, which will be judged and forwarded.
async fn read<B>(shared: &Shared, guard: &Guard, identity: &Identity, request: &mut Request<B>) -> Result<Whole, Denial>
where
    B: Body<Data = Bytes> + Unpin,
{
    let limits = shared.limits();
    let mut held = shared.hold();
    let bytes = buffer::read(request.body_mut(), limits, &mut held).await;
    let refuse = |reason, detail: &str| guard.refuse(request.uri().path(), Some(identity), reason, detail);
    let frame = unframe(bytes.map_err(|reason| refuse(reason, ""))?, request.headers(), limits.max_request_bytes)
        .map_err(|error| refuse(error.reason(), &error.to_string()))?;
    if frame.is_inflated() {
        if !held.take(frame.message().len()) {
            return Err(refuse(Reason::Overloaded, ""));
        }
        // They describe the body that came. A server that lacks the compression would refuse the call for the header.
        request.headers_mut().remove("grpc-encoding");
        request.headers_mut().remove(CONTENT_LENGTH);
    }
    Ok(Whole::new(frame, held))
}

/// What the message names; a call that is judged on its headers names nothing.
fn scanned<'m, B>(
    shared: &Shared,
    guard: &Guard,
    method: &MethodInfo,
    identity: &Identity,
    request: &Request<B>,
    message: Option<&'m [u8]>,
) -> Result<Scanned<'m>, Denial> {
    let Some(message) = message else { return Ok(Scanned::default()) };
    let refuse =
        |error: ScanError| guard.refuse(request.uri().path(), Some(identity), error.reason(), &error.to_string());
    let scan = if shared.settings().cross_namespace_commands() { scan } else { scan_without_commands };
    let scanned = scan(method, message, shared.limits()).map_err(refuse)?;
    if scanned.namespace().is_empty() && stands_for_any_namespace(method, identity) {
        let detail = "the namespace is in the task token alone, and the caller has no system role";
        return Err(guard.refuse(request.uri().path(), Some(identity), Reason::UnresolvedNamespace, detail));
    }
    Ok(scanned)
}

/// Whether a grant on namespace "" would let this caller into the namespace of any task token: the server takes the
/// namespace from the token when the request names none, before it judges. Only a system role covers that here.
fn stands_for_any_namespace(method: &MethodInfo, identity: &Identity) -> bool {
    let Some(claims) = identity.claims() else { return false };
    let required = method.access().required_role();
    method.task_token_field().is_some() && claims.namespace("").covers(required) && !claims.system().covers(required)
}

fn targets<'a>(
    guard: &'a Guard,
    method: &'a MethodInfo,
    path: &'a str,
    namespace: &'a str,
    message: Option<&'a [u8]>,
    commands: &'a [CommandTarget<'a>],
) -> Targets<'a> {
    let mut direct = CallTarget::new(path, method).with_namespace(namespace);
    if let (Some(name), Some(message)) = (method.request(), message) {
        direct = direct.with_request(name, message);
    }
    let targets = Targets::new(direct);
    if commands.is_empty() {
        return targets;
    }
    let command = |command: &'a CommandTarget<'a>| {
        CallTarget::new(command.api_name(), guard.method(command.api_name()))
            .with_namespace(command.namespace())
            .with_request(command.attributes_name(), command.attributes())
            .from_command()
    };
    targets.with_commands(commands.iter().map(command).collect())
}
