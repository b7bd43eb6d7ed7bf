//! What all calls of a layer share.

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use http::{Extensions, HeaderMap, Request};
use temporal_authz::{AudienceMapper, GrantedTarget, Guard, MethodInfo, Permit, Reason};

use crate::{
    ConnectionPeer, Limits, Settings,
    budget::Budget,
    buffer::Arriving,
    credentials::{CredentialHeaders, Found},
    failures::Failures,
    observe,
    peer::PeerMemo,
    principal,
    request::PREFIX_BYTES,
    status::Candour,
};

/// Stands among the extensions of a stream that passed unjudged because `system.disableStreamingAuthorizer` is on.
/// Nobody vouches for its caller: what comes behind the layer must not lend it a credential.
#[derive(Debug, Clone, Copy)]
pub struct Unjudged(());

/// The options of a layer, fixed when it is built.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) headers: CredentialHeaders,
    pub(crate) audience_mapper: Option<Arc<dyn AudienceMapper>>,
    pub(crate) settings: Arc<dyn Settings>,
    pub(crate) limits: Limits,
    pub(crate) candour: Candour,
    pub(crate) forward_authorization: bool,
    pub(crate) permit_in_extensions: bool,
    pub(crate) stream_grace: Option<Duration>,
    pub(crate) max_failures_per_second: u32,
}

/// One per layer, whatever the number of its connections.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) guard: ArcSwap<Guard>,
    options: Options,
    budget: Budget,
    peers: PeerMemo,
    failures: Option<Failures>,
}

impl Shared {
    pub(crate) fn new(guard: Guard, options: Options) -> Self {
        let budget = Budget::new(options.limits.max_buffered_bytes);
        let per_second = options.max_failures_per_second;
        let failures = (per_second > 0).then(|| Failures::new(per_second));
        Self { guard: ArcSwap::from_pointee(guard), options, budget, peers: PeerMemo::default(), failures }
    }

    pub(crate) fn credential_headers(&self) -> &CredentialHeaders {
        &self.options.headers
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.options.limits
    }

    pub(crate) fn settings(&self) -> &dyn Settings {
        &*self.options.settings
    }

    pub(crate) fn candour(&self) -> Candour {
        self.options.candour
    }

    pub(crate) fn stream_grace(&self) -> Option<Duration> {
        self.options.stream_grace
    }

    /// The body of a call of which nothing has arrived.
    pub(crate) fn arriving(&self) -> Arriving {
        Arriving::new(self.budget.hold(), self.options.limits.max_request_bytes.saturating_add(PREFIX_BYTES))
    }

    pub(crate) fn peer(&self, extensions: &Extensions) -> ConnectionPeer {
        self.peers.peer(extensions)
    }

    /// The limiter of failed credentials, if there is one.
    pub(crate) fn failures(&self) -> Option<&Failures> {
        self.failures.as_ref()
    }

    /// The audience of a call; "" without a mapper. A mapper that panics denies.
    pub(crate) fn audience(&self, method: &MethodInfo, headers: &HeaderMap) -> Result<Cow<'_, str>, Reason> {
        let Some(mapper) = &self.options.audience_mapper else { return Ok(Cow::Borrowed("")) };
        catch_unwind(AssertUnwindSafe(|| mapper.audience(method, headers))).map_err(|_| Reason::MapperError)
    }

    /// Whether the operator switched the judging of streams off. Only a stream that is listed by its own path passes:
    /// an unlisted method counts as a stream too, and stays denied.
    pub(crate) fn passes_unjudged<B>(&self, method: &MethodInfo, request: &Request<B>) -> bool {
        method.is_streaming()
            && method.path() == request.uri().path()
            && self.options.settings.streaming_authorizer_disabled()
    }

    pub(crate) fn forward_unjudged<B>(&self, request: &mut Request<B>, found: Found) {
        observe::unjudged_stream(request.uri().path());
        self.drop_credentials(request.headers_mut(), found);
        request.extensions_mut().insert(Unjudged(()));
    }

    /// Makes an allowed request what the inner service shall see.
    #[inline]
    pub(crate) fn mark<B>(&self, request: &mut Request<B>, found: Found, method: &MethodInfo, permit: Permit) {
        self.drop_credentials(request.headers_mut(), found);
        let namespace = permit.targets().next().map_or("", GrantedTarget::namespace);
        // As the reference: streams carry no principal headers.
        if !method.is_streaming() && self.options.settings.principal_propagation(namespace) {
            permit.principal().into_iter().for_each(|principal| principal::set(request.headers_mut(), principal));
        }
        if self.options.permit_in_extensions {
            request.extensions_mut().insert(permit);
        }
    }

    #[inline]
    fn drop_credentials(&self, headers: &mut HeaderMap, found: Found) {
        if !self.options.forward_authorization {
            self.options.headers.remove(found, headers);
        }
    }
}
