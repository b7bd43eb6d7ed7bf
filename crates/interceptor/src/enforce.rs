//! One request, straight down: from its path to the inner service or to a denial.

use std::borrow::Cow;

use bytes::Bytes;
use http::{header::CONTENT_LENGTH, request::Parts};
use http_body::Body;
use temporal_authz::{
    AuthInfo, CallTarget, Denial, Guard, Identity, Kind, MethodInfo, Permit, Reason, Targets, is_method_path,
};

use crate::{
    ConnectionPeer,
    body::RequestBody,
    buffer, principal,
    request::{CommandTarget, ScanError, Scanned, scan, scan_without_commands, unframe},
    shared::Shared,
};

/// A request that may proceed: its body, and the proof; streams that pass unjudged have none.
pub(crate) struct Passage<B> {
    pub(crate) body: RequestBody<B>,
    pub(crate) permit: Option<Permit>,
    pub(crate) streaming: bool,
}

/// Judges one request, and makes of its `parts` what the inner service shall see. The order is a security argument: a bad
/// token never costs a body, the inner service is never called before the verdict, and the bytes judged are the bytes
/// forwarded.
pub(crate) async fn enforce<B>(shared: &Shared, guard: &Guard, parts: &mut Parts, body: B) -> Result<Passage<B>, Denial>
where
    B: Body<Data = Bytes> + Unpin,
{
    principal::strip(&mut parts.headers);
    let method = method(guard, parts)?;
    if shared.passes_unjudged(method, parts) {
        return Ok(shared.forward_unjudged(parts, RequestBody::stream(body)));
    }
    let identity = match identity_at_hand(shared, guard, method, parts)? {
        Some(identity) => identity,
        // In a box: few calls need it, and all would have to carry it.
        None => Box::pin(authenticate(shared, guard, method, parts)).await?,
    };
    let (message, body) = if !method.is_streaming() && guard.needs_request(&identity, method) {
        let (message, body) = read(shared, guard, &identity, parts, body).await?;
        (Some(message), body)
    } else {
        (None, RequestBody::stream(body))
    };
    let (permit, propagate) = {
        let scanned = scanned(shared, guard, method, &identity, parts, message.as_ref())?;
        let namespace = scanned.namespace();
        let targets = targets(guard, method, parts.uri.path(), namespace, message, scanned.commands());
        let permit = guard.authorize(&identity, &targets).await?;
        (permit, shared.propagates_principal(method, namespace))
    };
    shared.mark(parts, &permit, propagate);
    Ok(Passage { body, permit: Some(permit), streaming: method.is_streaming() })
}

fn method<'g>(guard: &'g Guard, parts: &Parts) -> Result<&'g MethodInfo, Denial> {
    let path = parts.uri.path();
    let method = guard.method(path);
    // What is listed by its own path has the form of one; a row for many ends in `/*`.
    let listed = method.path() == path && !path.ends_with('*');
    if !listed && !is_method_path(path) {
        return Err(guard.refuse(path, None, Reason::MalformedPath, ""));
    }
    Ok(method)
}

/// What a caller shows of itself.
struct Shown<'r> {
    token: &'r [u8],
    extra: &'r str,
    audience: Cow<'r, str>,
    peer: ConnectionPeer,
}

impl<'r> Shown<'r> {
    fn of(shared: &'r Shared, guard: &Guard, method: &MethodInfo, parts: &'r Parts) -> Result<Self, Denial> {
        let refuse = |reason, detail: &str| guard.refuse(parts.uri.path(), None, reason, detail);
        let (token, extra) = shared
            .credential_headers()
            .read(&parts.headers, shared.limits().max_token_bytes)
            .map_err(|reason| refuse(reason, ""))?;
        let peer = shared.peer(&parts.extensions);
        peer.certificate().map_err(|error| refuse(Reason::MalformedCredentials, &error.to_string()))?;
        let audience =
            shared.audience(method, &parts.headers).map_err(|reason| refuse(reason, "the audience mapper panicked"))?;
        Ok(Self { token, extra, audience, peer })
    }

    fn info<'i>(&'i self, guard: &Guard, parts: &'i Parts) -> Result<AuthInfo<'i>, Denial> {
        let info = AuthInfo::new(&parts.headers)
            .with_extra_data(self.extra)
            .with_audience(&self.audience)
            .with_peer(self.peer.certificate().ok().flatten())
            .with_peer_addr(self.peer.address())
            .with_auth_token_bytes(self.token);
        info.ok_or_else(|| guard.refuse(parts.uri.path(), None, Reason::MalformedCredentials, ""))
    }
}

/// Who is calling, if nothing has to be verified for it.
fn identity_at_hand(
    shared: &Shared,
    guard: &Guard,
    method: &MethodInfo,
    parts: &Parts,
) -> Result<Option<Identity>, Denial> {
    let shown = Shown::of(shared, guard, method, parts)?;
    let info = shown.info(guard, parts)?;
    Ok(if info.has_credentials() { guard.identity_at_hand(&info) } else { None })
}

/// Who is calling. What is known to be good has passed before, whoever else fails from the same address; what has to be
/// verified is limited.
async fn authenticate(shared: &Shared, guard: &Guard, method: &MethodInfo, parts: &Parts) -> Result<Identity, Denial> {
    let path = parts.uri.path();
    let shown = Shown::of(shared, guard, method, parts)?;
    let info = shown.info(guard, parts)?;
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

/// The message of a unary body, and the body that will be forwarded with it.
async fn read<B>(
    shared: &Shared,
    guard: &Guard,
    identity: &Identity,
    parts: &mut Parts,
    body: B,
) -> Result<(Bytes, RequestBody<B>), Denial>
where
    B: Body<Data = Bytes> + Unpin,
{
    let refuse = |reason, detail: &str| guard.refuse(parts.uri.path(), Some(identity), reason, detail);
    let limits = shared.limits();
    let mut held = shared.hold();
    let bytes = buffer::read(body, limits, &mut held).await.map_err(|reason| refuse(reason, ""))?;
    let frame = unframe(&bytes, &parts.headers, limits.max_request_bytes)
        .map_err(|error| refuse(error.reason(), &error.to_string()))?;
    if frame.is_inflated() {
        if !held.take(frame.message().len()) {
            return Err(refuse(Reason::Overloaded, ""));
        }
        // They describe the body that came. A server that lacks the compression would refuse the call for the header.
        parts.headers.remove("grpc-encoding");
        parts.headers.remove(CONTENT_LENGTH);
    }
    Ok((frame.message().clone(), RequestBody::whole(frame.into_body(), held)))
}

/// What the message names; a call that is judged on its headers names nothing.
fn scanned(
    shared: &Shared,
    guard: &Guard,
    method: &MethodInfo,
    identity: &Identity,
    parts: &Parts,
    message: Option<&Bytes>,
) -> Result<Scanned, Denial> {
    let Some(message) = message else { return Ok(Scanned::default()) };
    let refuse = |error: ScanError| guard.refuse(parts.uri.path(), Some(identity), error.reason(), &error.to_string());
    let scan = if shared.settings().cross_namespace_commands() { scan } else { scan_without_commands };
    let scanned = scan(method, message, shared.limits()).map_err(refuse)?;
    if scanned.names_none() && stands_for_any_namespace(method, identity) {
        let detail = "the namespace is in the task token alone, and the caller has no system role";
        return Err(guard.refuse(parts.uri.path(), Some(identity), Reason::UnresolvedNamespace, detail));
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
    message: Option<Bytes>,
    commands: &'a [CommandTarget],
) -> Targets<'a> {
    let mut direct = CallTarget::new(path, method).with_namespace(namespace);
    if let (Some(name), Some(message)) = (method.request(), message) {
        direct = direct.with_request(name, message);
    }
    let command = |command: &'a CommandTarget| {
        CallTarget::new(command.api_name(), guard.method(command.api_name()))
            .with_namespace(command.namespace())
            .with_request(command.attributes_name(), command.attributes().clone())
            .from_command()
    };
    Targets::new(direct).with_commands(commands.iter().map(command).collect())
}
