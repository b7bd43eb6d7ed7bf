//! The gateway's own token towards the upstream (`gateway.upstream.credential.tokenFile`).

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use arc_swap::ArcSwap;
use http::{HeaderValue, Request, header::AUTHORIZATION};
use temporal_interceptor::Unjudged;
use tokio::task::AbortHandle;
use tower_service::Service;

/// How often the file is read again: tokens in files are renewed by others, well before they expire.
const REREAD: Duration = Duration::from_secs(10);
/// A token is a header value; nothing longer would be accepted.
const MAX_BYTES: usize = 16 << 10;

/// A token in a file, followed as the file changes until the last clone is dropped.
#[derive(Clone)]
pub struct OwnCredential(Arc<Followed>);

struct Followed {
    value: Arc<ArcSwap<HeaderValue>>,
    task: AbortHandle,
}

impl OwnCredential {
    /// Reads the token in `file`, and goes on reading it every 10 seconds. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// The file cannot be read, or holds no token.
    pub async fn follow(file: PathBuf) -> io::Result<Self> {
        let value = Arc::new(ArcSwap::from_pointee(read(&file).await?));
        let current = value.clone();
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(REREAD);
            loop {
                ticks.tick().await;
                match read(&file).await {
                    Ok(value) => current.store(Arc::new(value)),
                    Err(error) => tracing::warn!(file = %file.display(), %error, "own credential kept as it was"),
                }
            }
        });
        Ok(Self(Arc::new(Followed { value, task: task.abort_handle() })))
    }
}

async fn read(file: &Path) -> io::Result<HeaderValue> {
    let text = tokio::fs::read_to_string(file).await?;
    let token = text.trim();
    if token.is_empty() || token.len() > MAX_BYTES || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the file holds no token"));
    }
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(io::Error::other)?;
    value.set_sensitive(true);
    Ok(value)
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for OwnCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnCredential")
    }
}

/// Puts the gateway's own credential, if it has one, in place of whatever the caller's call still carries. A stream that
/// passed unjudged goes without.
#[derive(Debug, Clone)]
pub struct WithCredential<S> {
    inner: S,
    credential: Option<OwnCredential>,
}

impl<S> WithCredential<S> {
    /// `inner`, called with `credential`.
    pub fn new(inner: S, credential: Option<OwnCredential>) -> Self {
        Self { inner, credential }
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for WithCredential<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        let judged = request.extensions().get::<Unjudged>().is_none();
        if let Some(OwnCredential(followed)) = self.credential.as_ref().filter(|_| judged) {
            request.headers_mut().insert(AUTHORIZATION, HeaderValue::clone(&followed.value.load()));
        }
        self.inner.call(request)
    }
}
