//! The frontend as a tower service, and what can be asked of it from outside: how many calls reached it.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body::Body;
use tokio::sync::watch;
use tower_service::Service;

use super::{dispatch, wire, wire::ReplyBody, world::World};

/// Paths that are counted each by itself; calls of further ones only count in the total.
const MAX_COUNTED_PATHS: usize = 1_000;

/// A Temporal frontend in memory. Cheap to clone; all clones are one frontend.
#[derive(Clone)]
pub struct Frontend {
    shared: Arc<Shared>,
}

struct Shared {
    world: Mutex<World>,
    /// Wakes the long polls after each change of the world.
    changed: watch::Sender<()>,
    calls: Mutex<Calls>,
}

#[derive(Default)]
struct Calls {
    total: u64,
    by_path: HashMap<String, u64>,
}

impl Frontend {
    /// A frontend that knows these namespaces (the first 1,000 of them) and no execution.
    pub fn new<N: Into<String>>(namespaces: impl IntoIterator<Item = N>) -> Self {
        Self {
            shared: Arc::new(Shared {
                world: Mutex::new(World::new(namespaces.into_iter().map(Into::into))),
                changed: watch::Sender::new(()),
                calls: Mutex::default(),
            }),
        }
    }

    /// How many calls of `path` (`/service/method`) have reached this frontend, whatever it answered. This is how the
    /// demo proves that a denied call was never forwarded.
    pub fn calls(&self, path: &str) -> u64 {
        lock(&self.shared.calls).by_path.get(path).copied().unwrap_or(0)
    }

    /// How many calls have reached this frontend.
    pub fn total_calls(&self) -> u64 {
        lock(&self.shared.calls).total
    }

    /// How many signals the latest execution of a workflow id has received. `None` when there is no such execution.
    pub fn signals(&self, namespace: &str, workflow_id: &str) -> Option<u64> {
        self.world().signals(namespace, workflow_id)
    }

    /// The state, for reading.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.shared.world)
    }

    /// Changes the state, then wakes the long polls.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = change(&mut lock(&self.shared.world));
        self.shared.changed.send_replace(());
        result
    }

    /// Told of every change made from now on.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.shared.changed.subscribe()
    }

    fn count(&self, path: &str) {
        let mut calls = lock(&self.shared.calls);
        calls.total = calls.total.saturating_add(1);
        if let Some(known) = calls.by_path.get_mut(path) {
            *known = known.saturating_add(1);
        } else if calls.by_path.len() < MAX_COUNTED_PATHS {
            calls.by_path.insert(path.to_owned(), 1);
        }
    }

    async fn answer<B>(self, request: Request<B>) -> Response<ReplyBody>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        self.count(head.uri.path());
        let content_type = head.headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
        if head.method != Method::POST || !content_type.is_some_and(|value| value.starts_with(b"application/grpc")) {
            let mut refusal = Response::new(ReplyBody::default());
            *refusal.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return refusal;
        }
        let timeout = wire::timeout(&head.headers);
        wire::reply(match wire::read_message(body).await {
            Ok(message) => dispatch::dispatch(&self, head.uri.path(), message, timeout).await,
            Err(status) => Err(status),
        })
    }
}

impl fmt::Debug for Frontend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frontend").field("total_calls", &self.total_calls()).finish_non_exhaustive()
    }
}

impl<B> Service<Request<B>> for Frontend
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<ReplyBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let frontend = self.clone();
        Box::pin(async move { Ok(frontend.answer(request).await) })
    }
}

/// A panic elsewhere does not spoil counters and maps that are only ever changed whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
