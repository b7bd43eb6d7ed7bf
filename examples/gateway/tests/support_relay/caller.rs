//! An HTTP/2 client below the level of gRPC libraries.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    body::Incoming,
    client::conn::http2::{Builder, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::ServerName;
use tokio::{net::TcpStream, sync::mpsc, task::JoinHandle, time::timeout};
use tokio_rustls::TlsConnector;

use super::SOON;

pub type Body = UnsyncBoxBody<Bytes, std::io::Error>;

pub struct Caller {
    http: SendRequest<Body>,
    /// Ends with the connection.
    pub closed: JoinHandle<hyper::Result<()>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub http: u16,
    pub headers: HeaderMap,
    pub message: Bytes,
    pub trailers: HeaderMap,
}

impl Caller {
    pub async fn new(gateway: SocketAddr) -> Self {
        let tcp = TcpStream::connect(gateway).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        Self::on(tcp).await
    }

    /// `None` when the handshake or what follows it fails.
    pub async fn tls(gateway: SocketAddr, name: &str, config: rustls::ClientConfig) -> Option<Self> {
        let tcp = TcpStream::connect(gateway).await.unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let io = TlsConnector::from(Arc::new(config)).connect(name, tcp).await.ok()?;
        Some(Self::on(io).await)
    }

    pub async fn on(io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static) -> Self {
        // The windows of HTTP/2 itself and of grpc-go, not the megabytes of hyper: who stops reading stops soon.
        let (http, connection) = Builder::new(TokioExecutor::new())
            .max_header_list_size(1 << 20)
            .initial_stream_window_size(65_535)
            .initial_connection_window_size(1 << 20)
            .handshake(TokioIo::new(io))
            .await
            .unwrap();
        Self { http, closed: tokio::spawn(connection) }
    }

    /// Sends a request and waits for the headers of its answer.
    pub async fn open(&self, request: Request<Body>) -> hyper::Result<Response<Incoming>> {
        let mut http = self.http.clone();
        timeout(SOON, http.send_request(request)).await.expect("an answer")
    }

    /// A whole call with one message.
    pub async fn call(&self, path: &str, message: impl Into<Bytes>) -> Answer {
        let answer = self.open(request(path, message)).await.unwrap();
        finish(answer).await
    }
}

impl Answer {
    /// The status, from wherever it came.
    pub fn status(&self) -> &str {
        let value = self.trailers.get("grpc-status").or_else(|| self.headers.get("grpc-status"));
        value.map_or("none", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        let value = self.trailers.get("grpc-message").or_else(|| self.headers.get("grpc-message"));
        value.map_or("", |value| value.to_str().unwrap())
    }
}

/// A request with one message, and without the content-length that hyper adds where it knows it.
pub fn request(path: &str, message: impl Into<Bytes>) -> Request<Body> {
    let frame = Ok(Frame::data(message.into()));
    with_body(path, StreamBody::new(futures_util::stream::iter([frame])).boxed_unsync())
}

/// A request whose messages are sent by and by; an error breaks it off.
pub fn streaming(path: &str) -> (mpsc::Sender<std::io::Result<Bytes>>, Request<Body>) {
    let (messages, mut queue) = mpsc::channel::<std::io::Result<Bytes>>(4);
    let frames =
        futures_util::stream::poll_fn(move |cx| queue.poll_recv(cx).map(|message| message.map(|m| m.map(Frame::data))));
    (messages, with_body(path, StreamBody::new(frames).boxed_unsync()))
}

fn with_body(path: &str, body: Body) -> Request<Body> {
    Request::post(format!("http://gateway.example{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(body)
        .unwrap()
}

/// Reads an answer to its end, whatever that is.
pub async fn finish(answer: Response<Incoming>) -> Answer {
    let (parts, body) = answer.into_parts();
    let collected = timeout(SOON, body.collect()).await.expect("an end of the answer").unwrap();
    Answer {
        http: parts.status.as_u16(),
        headers: parts.headers,
        trailers: collected.trailers().cloned().unwrap_or_default(),
        message: collected.to_bytes(),
    }
}
