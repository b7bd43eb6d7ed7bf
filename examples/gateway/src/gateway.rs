//! The gateway: a listener, the layer, an upstream.
//!
//! ```text
//! caller -> listener (HTTP/2, TLS) -> authorization -> our own credential, if any -> upstream (HTTP/2, TLS)
//! ```

use std::{
    convert::Infallible,
    future::Future,
    task::{Context, Poll},
};

use http::{Request, Response};
use hyper::body::Incoming;
use temporal_interceptor::{
    Authorization, AuthorizationLayer, ConnectionPeer, ResponseBody,
    config::{AuthorizationConfig, BuildError},
};
use tokio::net::TcpListener;
use tower_service::Service;

use crate::{
    credential::{OwnCredential, WithCredential},
    listener::{self, Connection, ListenerOptions},
    tls::ReloadingAcceptor,
    upstream::{self, Upstream},
};

/// Everything between a caller and the upstream, for any number of listeners.
#[derive(Debug, Clone)]
pub struct Gateway {
    layer: AuthorizationLayer,
    upstream: WithCredential<Upstream>,
    options: ListenerOptions,
}

impl Gateway {
    /// The gateway that `config` describes, in front of `upstream`. Sources of keys are loaded first, for at most 10
    /// seconds.
    ///
    /// # Errors
    /// As [`AuthorizationConfig::assemble`].
    pub async fn new(
        config: &AuthorizationConfig,
        upstream: Upstream,
        credential: Option<OwnCredential>,
        options: ListenerOptions,
    ) -> Result<Self, BuildError> {
        // Nobody behind a gateway can read a permit.
        let built = config.assemble_with(|layer| layer.permit_in_extensions(false)).await?;
        Ok(Self::around(built.layer, upstream, credential, config, options))
    }

    /// A gateway around a layer that was put together elsewhere.
    pub fn around(
        layer: AuthorizationLayer,
        upstream: Upstream,
        credential: Option<OwnCredential>,
        config: &AuthorizationConfig,
        mut options: ListenerOptions,
    ) -> Self {
        options.max_header_list_size = config.limits().max_header_list_bytes;
        Self { layer, upstream: WithCredential::new(upstream, credential), options }
    }

    /// Serves callers until `shutdown`, and then until running calls have ended or their time is up.
    pub async fn serve(&self, tcp: TcpListener, tls: Option<ReloadingAcceptor>, shutdown: impl Future<Output = ()>) {
        let (layer, upstream) = (self.layer.clone(), self.upstream.clone());
        let make = move |connection: &Connection| Guarded {
            peer: peer(connection),
            service: tower_layer::Layer::layer(&layer, upstream.clone()),
        };
        listener::serve(tcp, tls, self.options.clone(), make, shutdown).await;
    }
}

/// The certificate is parsed here, once for all calls of the connection.
fn peer(connection: &Connection) -> ConnectionPeer {
    let peer = ConnectionPeer::new(Some(connection.peer_addr));
    match connection.peer_certificates.as_deref().and_then(<[_]>::first) {
        Some(leaf) => peer.with_verified_certificate(leaf),
        None => peer,
    }
}

/// The service of one connection: tells the layer who is at the other end.
#[derive(Clone)]
struct Guarded {
    peer: ConnectionPeer,
    service: Authorization<WithCredential<Upstream>>,
}

impl Service<Request<Incoming>> for Guarded {
    type Response = Response<ResponseBody<upstream::Body>>;
    type Error = Infallible;
    type Future = <Authorization<WithCredential<Upstream>> as Service<Request<Incoming>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Incoming>>::poll_ready(&mut self.service, context)
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer.clone());
        self.service.call(request)
    }
}
