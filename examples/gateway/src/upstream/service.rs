//! The relay as a tower service.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{
    Request, Response,
    request::Parts,
    uri::{Authority, Scheme},
};
use hyper::client::conn::TrySendError;
use tokio::time::Instant;
use tower_service::Service;

use super::{
    Body, UpstreamOptions, events,
    failure::{Failure, was_not_taken},
    pool::Pool,
    request::{grpc_timeout, outbound},
    tape::{RequestBody, Rewind},
};

/// How often a request is sent again that was handed back.
const RESENDS: usize = 2;

/// Sends each request to the upstream and gives back its answer; a failure is an answer too (see the [module](super)). Clones share
/// the connections. Nothing is connected before the first call.
#[derive(Clone)]
pub struct Upstream {
    relay: Arc<Relay>,
}

struct Relay {
    pool: Pool,
    scheme: Scheme,
    /// `None` for an address that cannot be an authority, and so cannot be connected to either.
    authority: Option<Authority>,
}

impl Upstream {
    /// A relay to `options.address`. Never fails: an address that cannot be reached makes the calls UNAVAILABLE.
    #[must_use]
    pub fn new(options: UpstreamOptions) -> Self {
        let relay = Relay {
            scheme: match options.tls {
                Some(_) => Scheme::HTTPS,
                None => Scheme::HTTP,
            },
            authority: options.address.parse().ok(),
            pool: Pool::new(&Arc::new(options)),
        };
        Self { relay: Arc::new(relay) }
    }
}

impl<B> Service<Request<B>> for Upstream
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let relay = Arc::clone(&self.relay);
        let outbound = match &relay.authority {
            Some(authority) => outbound(request, &relay.scheme, authority),
            None => Err(Failure::Unavailable),
        };
        Box::pin(async move {
            let answer = match outbound {
                Ok(request) => relay.send(request).await,
                Err(failure) => Err(failure),
            };
            Ok(answer.unwrap_or_else(Failure::into_response))
        })
    }
}

impl Relay {
    async fn send(&self, request: Request<RequestBody>) -> Result<Response<Body>, Failure> {
        let timeout = grpc_timeout(request.headers());
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let (head, body) = request.into_parts();
        let rewind = body.rewind();
        let mut request = Request::from_parts(head.clone(), body);
        let mut lease = self.pool.lease(deadline).await?;
        for _ in 0..=RESENDS {
            request = match lease.connection.sender.send(request) {
                Ok(answer) => match answer.await {
                    Ok(response) => {
                        rewind.forget();
                        return Ok(response.map(|incoming| Body::relay(incoming, &lease.connection.readers)));
                    }
                    Err(error) => handed_back(error, &head, &rewind)?,
                },
                Err(unsent) => unsent,
            };
            lease = self.pool.replace(lease, deadline).await?;
        }
        Err(Failure::Unavailable)
    }
}

/// The request if it may be sent again; else why it failed.
fn handed_back(
    mut error: TrySendError<Request<RequestBody>>,
    head: &Parts,
    rewind: &Rewind,
) -> Result<Request<RequestBody>, Failure> {
    let request = match error.take_message() {
        None if was_not_taken(error.error()) => rewind.again().map(|body| Request::from_parts(head.clone(), body)),
        message => message,
    };
    match request {
        Some(_) => events::handed_back(error.error()),
        None => events::call_failed(error.error()),
    }
    request.ok_or_else(|| Failure::of(error.error()))
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream")
            .field("authority", &self.relay.authority)
            .field("scheme", &self.relay.scheme)
            .finish_non_exhaustive()
    }
}
