//! The layer, and how it is put together.

use std::{sync::Arc, time::Duration};

use http::HeaderName;
use temporal_authz::{AudienceMapper, Authorizer, ClaimMapper, Guard, GuardBuilder};
use tower_layer::Layer;

use crate::{
    Authorization, FixedSettings, Limits, Settings,
    credentials::CredentialHeaders,
    shared::{Options, Shared},
    status::Candour,
    timer::TokioTimer,
};

/// Puts authorization in front of a service: a [`tower_layer::Layer`] for tonic's `Server::layer`, or for any server of
/// `http` requests. Cheap to clone; all clones and all services made by them share one guard.
#[derive(Debug, Clone)]
pub struct AuthorizationLayer(Arc<Shared>);

impl AuthorizationLayer {
    /// A strict layer over Temporal's methods.
    pub fn new(mapper: impl ClaimMapper, authorizer: impl Authorizer) -> Self {
        Self::builder(Guard::builder(Arc::new(mapper), Arc::new(authorizer))).build()
    }

    /// A layer around a guard, to be completed. The guard gets tokio's clock.
    pub fn builder(guard: GuardBuilder) -> AuthorizationLayerBuilder {
        let options = Options {
            headers: CredentialHeaders::default(),
            audience_mapper: None,
            settings: Arc::new(FixedSettings::default()),
            limits: Limits::default(),
            candour: Candour { distinguish_unauthenticated: true, admit_unavailable: true, expose_reasons: false },
            forward_authorization: false,
            permit_in_extensions: true,
            stream_grace: Some(Duration::ZERO),
            max_failures_per_second: 20,
        };
        AuthorizationLayerBuilder { guard, options }
    }

    /// Puts another guard in place. A call that has begun is judged by the one it began with.
    pub fn replace_guard(&self, guard: GuardBuilder) {
        self.0.guard.store(Arc::new(guard.timer(Arc::new(TokioTimer)).build()));
    }
}

impl<S> Layer<S> for AuthorizationLayer {
    type Service = Authorization<S>;

    fn layer(&self, inner: S) -> Authorization<S> {
        Authorization::new(inner, self.0.clone())
    }
}

/// Collects the options of an [`AuthorizationLayer`]. It begins strict.
#[derive(Debug)]
pub struct AuthorizationLayerBuilder {
    guard: GuardBuilder,
    options: Options,
}

impl AuthorizationLayerBuilder {
    /// Answers as Temporal's own frontend does: PERMISSION_DENIED for every failure, commands to other namespaces not
    /// judged, streams not ended when their token expires, failed credentials not limited.
    pub fn like_temporal(self) -> Self {
        self.distinguish_unauthenticated(false)
            .admit_unavailable(false)
            .end_streams_at_expiry(None)
            .max_failures_per_second(0)
            .settings(Arc::new(FixedSettings { cross_namespace_commands: false, ..FixedSettings::default() }))
    }

    /// Sets the header that carries the token; `authorization` by default.
    pub fn auth_header(mut self, name: HeaderName) -> Self {
        self.options.headers.set_token(name);
        self
    }

    /// Sets the header whose value reaches the claim mapper beside the token; `authorization-extras` by default.
    pub fn extra_header(mut self, name: HeaderName) -> Self {
        self.options.headers.set_extra(name);
        self
    }

    /// Sets who tells the audience of a call. Without one the claim mapper's own counts.
    pub fn audience_mapper(mut self, mapper: Arc<dyn AudienceMapper>) -> Self {
        self.options.audience_mapper = Some(mapper);
        self
    }

    /// Sets the bounds on one call.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// Sets where the settings come from that can change at run time.
    pub fn settings(mut self, settings: Arc<dyn Settings>) -> Self {
        self.options.settings = settings;
        self
    }

    /// Whether bad and absent credentials are answered UNAUTHENTICATED; otherwise PERMISSION_DENIED, as by Temporal.
    pub fn distinguish_unauthenticated(mut self, yes: bool) -> Self {
        self.options.candour.distinguish_unauthenticated = yes;
        self
    }

    /// Whether UNAVAILABLE is answered when keys or plug-ins are away; otherwise PERMISSION_DENIED, as by Temporal.
    pub fn admit_unavailable(mut self, yes: bool) -> Self {
        self.options.candour.admit_unavailable = yes;
        self
    }

    /// Whether the caller is told the reason code. It helps those who may not call as well as those who may.
    pub fn expose_reasons(mut self, yes: bool) -> Self {
        self.options.candour.expose_reasons = yes;
        self
    }

    /// Whether the inner service gets the credential headers. By default both are removed.
    pub fn forward_authorization(mut self, yes: bool) -> Self {
        self.options.forward_authorization = yes;
        self
    }

    /// Whether the inner service finds the [`Permit`](temporal_authz::Permit) among the request's extensions; it does
    /// by default.
    pub fn permit_in_extensions(mut self, yes: bool) -> Self {
        self.options.permit_in_extensions = yes;
        self
    }

    /// How long after the expiry of its caller's claims a streaming call is ended with UNAUTHENTICATED; `None` never
    /// ends it. Unary calls, long polls included, are judged when they begin.
    pub fn end_streams_at_expiry(mut self, grace: Option<Duration>) -> Self {
        self.options.stream_grace = grace;
        self
    }

    /// How many failed credentials a second one peer may show, and five times as many at once; 20 by default. Beyond it the
    /// next one is refused with RESOURCE_EXHAUSTED before it is verified. A peer is a client certificate, else an address.
    /// Credentials that are known to be good are never limited. 0 limits nobody.
    pub fn max_failures_per_second(mut self, failures: u32) -> Self {
        self.options.max_failures_per_second = failures;
        self
    }

    /// The layer.
    pub fn build(self) -> AuthorizationLayer {
        let guard = self.guard.timer(Arc::new(TokioTimer)).build();
        AuthorizationLayer(Arc::new(Shared::new(guard, self.options)))
    }
}
