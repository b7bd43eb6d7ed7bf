//! What a call wants to do.

use temporal_authz::{CallTarget, Denial, Guard, Identity, MethodInfo, Reason, Targets};

use crate::{
    enforce::Judge,
    request::{CommandTarget, ScanError, Scanned, scan, scan_without_commands},
};

/// What the message names; a call that is judged on its headers names nothing.
#[inline]
pub(crate) fn scanned<'m>(
    Judge { shared, guard }: Judge<'_>,
    method: &MethodInfo,
    path: &str,
    identity: &Identity,
    message: Option<&'m [u8]>,
) -> Result<Scanned<'m>, Denial> {
    let Some(message) = message else { return Ok(Scanned::default()) };
    let refuse = |error: ScanError| guard.refuse(path, Some(identity), error.reason(), &error.to_string());
    let scan = if shared.settings().cross_namespace_commands() { scan } else { scan_without_commands };
    let scanned = scan(method, message, shared.limits()).map_err(refuse)?;
    if scanned.namespace().is_empty() && stands_for_any_namespace(method, identity) {
        let detail = "the namespace is in the task token alone, and the caller has no system role";
        return Err(guard.refuse(path, Some(identity), Reason::UnresolvedNamespace, detail));
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

/// The call itself, and what its commands do elsewhere.
#[inline]
pub(crate) fn targets<'a>(
    guard: &'a Guard,
    method: &'a MethodInfo,
    path: &'a str,
    message: Option<&'a [u8]>,
    scanned: &'a Scanned<'a>,
) -> Targets<'a> {
    let mut direct = CallTarget::new(path, method).with_namespace(scanned.namespace());
    if let (Some(name), Some(message)) = (method.request(), message) {
        direct = direct.with_request(name, message);
    }
    let targets = Targets::new(direct);
    if scanned.commands().is_empty() {
        return targets;
    }
    let command = |command: &'a CommandTarget<'a>| {
        CallTarget::new(command.api_name(), guard.method(command.api_name()))
            .with_namespace(command.namespace())
            .with_request(command.attributes_name(), command.attributes())
            .from_command()
    };
    targets.with_commands(scanned.commands().iter().map(command).collect())
}
