//! An upstream that answers every call in one manner and remembers what arrived.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody, combinators::UnsyncBoxBody};
use hyper::{body::Incoming, server::conn::http2::Builder, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

/// What it does with each call.
#[derive(Clone, Copy)]
pub enum Manner {
    /// One empty message.
    Answer,
    /// Chunks of 64 KiB, so many of them.
    Chunks(usize),
    /// What comes goes back, at once.
    PingPong,
    /// Nothing, ever.
    Hang,
}

/// A call as it arrived. Only a unary call has its body here.
#[derive(Clone)]
pub struct Arrived {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub struct Upstream {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    manner: Manner,
    calls: Mutex<Vec<Arrived>>,
    chunks: AtomicUsize,
    cancelled: AtomicUsize,
}

/// Counts when it is dropped.
struct Cancelled(Arc<Shared>);

type Body = UnsyncBoxBody<Bytes, Infallible>;

impl Upstream {
    pub async fn start(manner: Manner) -> Self {
        Self::listen("127.0.0.1:0".parse().unwrap(), manner, None).await
    }

    pub async fn listen(addr: SocketAddr, manner: Manner, tls: Option<TlsAcceptor>) -> Self {
        let tcp = TcpListener::bind(addr).await.unwrap();
        let addr = tcp.local_addr().unwrap();
        let shared = Arc::new(Shared {
            manner,
            calls: Mutex::default(),
            chunks: AtomicUsize::new(0),
            cancelled: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn(accept(tcp, tls, Arc::clone(&shared)));
        Self { addr, shared, accepting }
    }

    pub fn calls(&self) -> Vec<Arrived> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// The one call that arrived since this was last asked.
    pub fn only_call(&self) -> Arrived {
        let calls = std::mem::take(&mut *self.shared.calls.lock().unwrap());
        assert_eq!(calls.len(), 1);
        calls[0].clone()
    }

    /// Chunks that were handed out for sending.
    pub fn chunks(&self) -> usize {
        self.shared.chunks.load(Ordering::Relaxed)
    }

    /// Hanging calls that were given up from the other side.
    pub fn cancelled(&self) -> usize {
        self.shared.cancelled.load(Ordering::Relaxed)
    }

    /// Closes the port and every connection.
    pub async fn kill(self) {
        self.accepting.abort();
        let _ = self.accepting.await;
    }
}

async fn accept(tcp: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let (tcp, _) = tcp.accept().await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let (shared, tls) = (Arc::clone(&shared), tls.clone());
        connections.spawn(async move {
            match tls {
                None => connection(tcp, shared).await,
                Some(tls) => {
                    if let Ok(io) = tls.accept(tcp).await {
                        connection(io, shared).await;
                    }
                }
            }
        });
    }
}

async fn connection(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(request, shared).await) }
    });
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(io), service).await;
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let arrived = |body| {
        let call = Arrived { path: head.uri.path().to_owned(), headers: head.headers.clone(), body };
        shared.calls.lock().unwrap().push(call);
    };
    let body = match shared.manner {
        Manner::Answer => {
            arrived(body.collect().await.map(|body| body.to_bytes()).unwrap_or_default());
            ending(stream::iter([Bytes::from_static(&[0; 5])]))
        }
        Manner::Chunks(number) => {
            arrived(body.collect().await.map(|body| body.to_bytes()).unwrap_or_default());
            ending(stream::iter(0..number).map(move |_| {
                shared.chunks.fetch_add(1, Ordering::Relaxed);
                Bytes::from_static(&[7; 64 << 10])
            }))
        }
        Manner::PingPong => {
            arrived(Bytes::new());
            ending(stream::unfold(body, async |mut body| {
                let chunk = body.frame().await?.ok()?.into_data().ok()?;
                Some((chunk, body))
            }))
        }
        Manner::Hang => {
            arrived(Bytes::new());
            let _cancelled = Cancelled(shared);
            std::future::pending().await
        }
    };
    Response::builder().header("content-type", "application/grpc").body(body).unwrap()
}

/// The chunks, and status 0 behind them.
fn ending(chunks: impl stream::Stream<Item = Bytes> + Send + 'static) -> Body {
    let status = HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
    let frames = chunks.map(Frame::data).chain(stream::iter([Frame::trailers(status)]));
    StreamBody::new(frames.map(Ok)).boxed_unsync()
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        self.0.cancelled.fetch_add(1, Ordering::Relaxed);
    }
}
