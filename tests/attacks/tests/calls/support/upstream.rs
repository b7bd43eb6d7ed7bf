//! An upstream that answers, and remembers what arrived.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};
use hyper::{body::Incoming, server::conn::http2::Builder, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpListener, task::JoinHandle};

/// What it does with each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// One empty message, once the request is here.
    Answer,
    /// What comes goes back, at once.
    Echo,
    /// Nothing, ever.
    Hang,
}

/// A call as it arrived. With [`Manner::Answer`] it has its body.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Path and query.
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trailers: Option<HeaderMap>,
}

pub struct Upstream {
    pub addr: SocketAddr,
    calls: Arc<Mutex<Vec<Arrived>>>,
    serving: JoinHandle<()>,
}

impl Upstream {
    pub async fn start(manner: Manner) -> Self {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (addr, calls) = (tcp.local_addr().unwrap(), Arc::default());
        Self { addr, serving: tokio::spawn(serve(tcp, manner, Arc::clone(&calls))), calls }
    }

    /// How many calls have arrived.
    pub fn count(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    pub fn last(&self) -> Arrived {
        self.calls.lock().unwrap().last().unwrap().clone()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(tcp: TcpListener, manner: Manner, calls: Arc<Mutex<Vec<Arrived>>>) {
    loop {
        let (io, _) = tcp.accept().await.unwrap();
        io.set_nodelay(true).unwrap();
        let calls = Arc::clone(&calls);
        let service = service_fn(move |request| {
            let calls = Arc::clone(&calls);
            async move { Ok::<_, Infallible>(answer(request, manner, &calls).await) }
        });
        tokio::spawn(Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(io), service));
    }
}

async fn answer(
    request: Request<Incoming>,
    manner: Manner,
    calls: &Mutex<Vec<Arrived>>,
) -> Response<UnsyncBoxBody<Bytes, hyper::Error>> {
    let (head, body) = request.into_parts();
    let arrived = |body, trailers| {
        let target = head.uri.path_and_query().unwrap().to_string();
        calls.lock().unwrap().push(Arrived { target, headers: head.headers.clone(), body, trailers });
    };
    let body = match manner {
        Manner::Answer => {
            let whole = body.collect().await;
            let trailers = whole.as_ref().ok().and_then(|whole| whole.trailers().cloned());
            arrived(whole.map(|whole| whole.to_bytes()).unwrap_or_default(), trailers);
            let status = HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
            let message = Full::new(Bytes::from_static(&[0; 5])).map_err(|never| match never {});
            message.with_trailers(std::future::ready(Some(Ok(status)))).boxed_unsync()
        }
        Manner::Echo => {
            arrived(Bytes::new(), None);
            body.boxed_unsync()
        }
        Manner::Hang => {
            arrived(Bytes::new(), None);
            std::future::pending().await
        }
    };
    Response::builder().header("content-type", "application/grpc").body(body).unwrap()
}
