//! Who is calling.

use std::{borrow::Cow, net::SocketAddr, sync::Arc};

use http::{Extensions, HeaderMap, Request};
use temporal_authz::{AuthInfo, Denial, Guard, Identity, Kind, MethodInfo, PeerCertificate, Reason};

use crate::{credentials::Look, enforce::Judge, shared::Shared};

/// What a request is but for its body, which cannot be shared between threads.
#[derive(Clone, Copy)]
pub(crate) struct Head<'r> {
    path: &'r str,
    headers: &'r HeaderMap,
    extensions: &'r Extensions,
}

impl<'r> Head<'r> {
    pub(crate) fn of<B>(request: &'r Request<B>) -> Self {
        Self { path: request.uri().path(), headers: request.headers(), extensions: request.extensions() }
    }
}

/// What a caller shows of itself.
struct Shown<'r> {
    token: &'r [u8],
    extra: &'r str,
    audience: Cow<'r, str>,
    address: Option<SocketAddr>,
    certificate: Option<Arc<PeerCertificate>>,
}

impl<'r> Shown<'r> {
    #[inline]
    fn of(
        shared: &'r Shared,
        guard: &Guard,
        method: &MethodInfo,
        head: Head<'r>,
        look: &Look<'r>,
    ) -> Result<Self, Denial> {
        let refuse = |reason, detail: &str| guard.refuse(head.path, None, reason, detail);
        let (token, extra) = look.credentials(shared.limits().max_token_bytes).map_err(|reason| refuse(reason, ""))?;
        let peer = shared.peer(head.extensions).into_parts();
        let (address, certificate) = peer.map_err(|error| refuse(Reason::MalformedCredentials, &error.to_string()))?;
        let audience =
            shared.audience(method, head.headers).map_err(|reason| refuse(reason, "the audience mapper panicked"))?;
        Ok(Self { token, extra, audience, address, certificate })
    }

    #[inline]
    fn info<'i>(&'i self, head: Head<'i>) -> AuthInfo<'i> {
        AuthInfo::new(head.headers)
            .with_extra_data(self.extra)
            .with_audience(&self.audience)
            .with_peer(self.certificate.clone())
            .with_peer_addr(self.address)
            .with_auth_token_bytes(self.token)
    }
}

impl Judge<'_> {
    /// Who is calling, if nothing has to be verified for it.
    #[inline]
    pub(crate) fn identity_at_hand<'r>(
        self,
        method: &MethodInfo,
        head: Head<'r>,
        look: &Look<'r>,
    ) -> Result<Option<Identity>, Denial> {
        let Self { shared, guard } = self;
        let shown = Shown::of(shared, guard, method, head, look)?;
        Ok(guard.identity_at_hand(&shown.info(head)))
    }

    /// Who is calling. What is known to be good has passed before, whoever else fails from the same address; what has to be
    /// verified is limited.
    pub(crate) async fn authenticate(self, head: Head<'_>) -> Result<Identity, Denial> {
        let Self { shared, guard } = self;
        let path = head.path;
        let look = shared.credential_headers().look(head.headers);
        let shown = Shown::of(shared, guard, guard.method(path), head, &look)?;
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
}
