//! An HTTP/2 server below the level of gRPC libraries, so that it can misbehave. What it does with a call stands in the call's path.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use h2::{
    Reason, RecvStream, SendStream,
    server::{self, SendResponse},
};
use http::{HeaderMap, Response, request::Parts};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{broadcast, mpsc},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::SOON;

pub struct Frontend {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    resets: tokio::sync::Mutex<mpsc::UnboundedReceiver<(String, Reason)>>,
    accepting: tokio::task::JoinHandle<()>,
}

struct Shared {
    calls: Mutex<Vec<Parts>>,
    connections: AtomicUsize,
    served: AtomicUsize,
    orders: broadcast::Sender<Order>,
    resets: mpsc::UnboundedSender<(String, Reason)>,
}

#[derive(Clone, Copy)]
enum Order {
    /// GOAWAY, and on with the running calls: what ends every connection of a Temporal frontend after five minutes.
    Age,
    /// The connection is gone.
    Break,
}

impl Frontend {
    pub async fn start() -> Self {
        Self::listen("127.0.0.1:0".parse().unwrap(), None).await
    }

    pub async fn listen(addr: SocketAddr, tls: Option<TlsAcceptor>) -> Self {
        let tcp = TcpListener::bind(addr).await.unwrap();
        let addr = tcp.local_addr().unwrap();
        let (resets, received) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            calls: Mutex::default(),
            connections: AtomicUsize::new(0),
            served: AtomicUsize::new(0),
            orders: broadcast::channel(8).0,
            resets,
        });
        let serving = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            loop {
                let (tcp, _) = tcp.accept().await.unwrap();
                tcp.set_nodelay(true).unwrap();
                let (shared, tls) = (Arc::clone(&serving), tls.clone());
                tokio::spawn(async move {
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
        });
        Self { addr, shared, resets: tokio::sync::Mutex::new(received), accepting }
    }

    /// The calls so far, as they arrived.
    pub fn calls(&self) -> Vec<Parts> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// The unary calls whose message arrived whole.
    pub fn served(&self) -> usize {
        self.shared.served.load(Ordering::Relaxed)
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// The next RST_STREAM that arrives for a call that hangs.
    pub async fn next_reset(&self) -> (String, Reason) {
        let mut resets = self.resets.lock().await;
        timeout(SOON, resets.recv()).await.expect("a reset").unwrap()
    }

    pub fn age_connections(&self) {
        let _ = self.shared.orders.send(Order::Age);
    }

    /// Closes the port and every connection.
    pub fn kill(self) {
        self.accepting.abort();
        let _ = self.shared.orders.send(Order::Break);
    }
}

async fn connection<IO: AsyncRead + AsyncWrite + Unpin + Send + 'static>(io: IO, shared: Arc<Shared>) {
    let mut builder = server::Builder::new();
    builder.max_header_list_size(1 << 20).initial_window_size(1 << 20).initial_connection_window_size(8 << 20);
    let Ok(mut http) = builder.handshake::<_, Bytes>(io).await else {
        return;
    };
    shared.connections.fetch_add(1, Ordering::Relaxed);
    let mut orders = shared.orders.subscribe();
    loop {
        tokio::select! {
            order = orders.recv() => match order.unwrap() {
                Order::Age => http.graceful_shutdown(),
                Order::Break => return,
            },
            accepted = http.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    let (parts, body) = request.into_parts();
                    shared.calls.lock().unwrap().push(parts.clone());
                    let call = Call { path: parts.uri.path().to_owned(), body, respond, shared: Arc::clone(&shared) };
                    tokio::spawn(call.serve());
                }
                // Drained. As grpc-go, leave it to the peer to close: closing on unread bytes would reset the connection, and take
                // with it what the peer has not read.
                None => return sleep(Duration::from_secs(1)).await,
                Some(Err(_)) => return,
            },
        }
    }
}

struct Call {
    path: String,
    body: RecvStream,
    respond: SendResponse<Bytes>,
    shared: Arc<Shared>,
}

impl Call {
    async fn serve(mut self) {
        let path = self.path.clone();
        let words: Vec<&str> = path.trim_start_matches("/t.T/").split('-').collect();
        let number = |word: usize| words[word].parse::<u32>().unwrap();
        match words[0] {
            "Unary" => {
                let Some(message) = read(&mut self.body).await else {
                    return;
                };
                self.shared.served.fetch_add(1, Ordering::Relaxed);
                let mut answer = self.headers();
                send(&mut answer, message).await;
                let _ = answer.send_trailers(trailers());
            }
            "Slow" => {
                sleep(Duration::from_millis(number(1).into())).await;
                let _ = self.headers().send_trailers(trailers());
            }
            "NotFound" => {
                let answer = Response::builder()
                    .header("content-type", "application/grpc")
                    .header("grpc-status", "5")
                    .header("grpc-message", "no such%20thing");
                self.respond.send_response(answer.body(()).unwrap(), true).unwrap();
            }
            "PingPong" => {
                let mut answer = self.headers();
                while let Some(Ok(chunk)) = self.body.data().await {
                    self.body.flow_control().release_capacity(chunk.len()).unwrap();
                    send(&mut answer, chunk).await;
                }
                let _ = answer.send_trailers(trailers());
            }
            // Flood-<messages>-<bytes each>
            "Flood" => {
                let mut answer = self.headers();
                for _ in 0..number(1) {
                    send(&mut answer, Bytes::from(vec![7; number(2) as usize])).await;
                }
                let _ = answer.send_trailers(trailers());
                self.wait_for_reset(&mut answer).await;
            }
            "Hang" => {
                let reason = std::future::poll_fn(|cx| self.respond.poll_reset(cx)).await;
                let _ = self.shared.resets.send((self.path.clone(), reason.unwrap_or(Reason::CONNECT_ERROR)));
            }
            "HangBody" => {
                let mut answer = self.headers();
                send(&mut answer, Bytes::from_static(b"first")).await;
                self.wait_for_reset(&mut answer).await;
            }
            "Reset" => self.respond.send_reset(number(1).into()),
            "ResetBody" => {
                let mut answer = self.headers();
                send(&mut answer, Bytes::from_static(b"first")).await;
                // A reset in one go with the message would overtake it.
                sleep(Duration::from_millis(50)).await;
                answer.send_reset(number(1).into());
            }
            "Break" => {
                let _ = self.shared.orders.send(Order::Break);
                // Or dropping the stream would reset it first.
                std::future::pending::<()>().await;
            }
            "BreakBody" => {
                let mut answer = self.headers();
                send(&mut answer, Bytes::from_static(b"first")).await;
                sleep(Duration::from_millis(50)).await;
                let _ = self.shared.orders.send(Order::Break);
                std::future::pending::<()>().await;
            }
            other => panic!("no such call: {other}"),
        }
    }

    fn headers(&mut self) -> SendStream<Bytes> {
        let answer = Response::builder().header("content-type", "application/grpc").header("x-header-bin", "AAEC");
        self.respond.send_response(answer.body(()).unwrap(), false).unwrap()
    }

    async fn wait_for_reset(&self, answer: &mut SendStream<Bytes>) {
        if let Ok(reason) = std::future::poll_fn(|cx| answer.poll_reset(cx)).await {
            let _ = self.shared.resets.send((self.path.clone(), reason));
        }
    }
}

fn trailers() -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    trailers.append("x-trailer-bin", "AwQF".parse().unwrap());
    trailers.append("x-trailer-bin", "BgcI".parse().unwrap());
    trailers
}

/// `None` when the stream is reset on the way.
async fn read(body: &mut RecvStream) -> Option<Bytes> {
    let mut whole = Vec::new();
    while let Some(chunk) = body.data().await {
        let chunk = chunk.ok()?;
        body.flow_control().release_capacity(chunk.len()).unwrap();
        whole.extend_from_slice(&chunk);
    }
    Some(whole.into())
}

/// Sends a message as fast as the windows let it; ends early when the stream does.
async fn send(answer: &mut SendStream<Bytes>, mut message: Bytes) {
    while !message.is_empty() {
        answer.reserve_capacity(message.len());
        let room = match std::future::poll_fn(|cx| answer.poll_capacity(cx)).await {
            Some(Ok(room)) => room.min(message.len()),
            _ => return,
        };
        if answer.send_data(message.split_to(room), false).is_err() {
            return;
        }
    }
}
