//! A connection to a gateway that several callers share, and one call on it.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use hyper::{
    body::Incoming,
    client::conn::http2::{SendRequest, handshake},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::TcpStream,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::AbortHandle,
};

use crate::upstream::NUMBER;

/// The messages of a request, as they come.
pub struct Messages(pub UnboundedReceiver<Bytes>);

impl Body for Messages {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|message| message.map(|message| Ok(Frame::data(message))))
    }
}

pub struct Line {
    addr: SocketAddr,
    current: Mutex<Option<Use>>,
}

/// One connection of a line.
#[derive(Clone)]
pub struct Use {
    /// The only one, taken away before the driver ends: a request that is sent while it ends may have no end of its own until the
    /// last `SendRequest` is gone (hyperium/hyper#4122).
    sender: Arc<Mutex<Option<SendRequest<Messages>>>>,
    driver: AbortHandle,
}

impl Line {
    pub fn to(addr: SocketAddr) -> Self {
        Self { addr, current: Mutex::default() }
    }

    /// The connection that is there, or a new one.
    pub async fn take(&self) -> Result<Use, String> {
        let current = self.current.lock().unwrap().clone();
        match current {
            Some(connection) if !connection.driver.is_finished() => Ok(connection),
            _ => {
                let new = connect(self.addr).await.map_err(|error| format!("no connection: {error}"))?;
                Ok(self.current.lock().unwrap().insert(new).clone())
            }
        }
    }

    /// Ends the connection with all calls on it.
    pub fn cut(&self) {
        if let Some(connection) = self.current.lock().unwrap().take() {
            CUT.lock().unwrap().push(connection.driver.id());
            connection.sender.lock().unwrap().take();
            connection.driver.abort();
        }
    }
}

/// The connections that were ended from this side.
static CUT: Mutex<Vec<tokio::task::Id>> = Mutex::new(Vec::new());

impl Use {
    /// Sends a request; the headers of its answer.
    pub async fn send(&self, request: Request<Messages>) -> Result<Response<Incoming>, String> {
        let answer = self.sender.lock().unwrap().as_mut().map(|sender| sender.send_request(request));
        answer.ok_or("the connection is closed")?.await.map_err(|error| format!("{error:?}"))
    }

    /// Whether this side ended the connection.
    pub fn was_cut(&self) -> bool {
        CUT.lock().unwrap().contains(&self.driver.id())
    }
}

async fn connect(addr: SocketAddr) -> Result<Use, Box<dyn std::error::Error + Send + Sync>> {
    let tcp = TcpStream::connect(addr).await?;
    tcp.set_nodelay(true)?;
    let (sender, driver) = handshake(TokioExecutor::new(), TokioIo::new(tcp)).await?;
    let sender = Arc::new(Mutex::new(Some(sender)));
    let one = Arc::downgrade(&sender);
    let driver = tokio::spawn(async move {
        tokio::pin!(driver);
        let _ = driver.as_mut().await;
        if let Some(one) = one.upgrade() {
            one.lock().unwrap().take();
        }
    });
    Ok(Use { sender, driver: driver.abort_handle() })
}

/// The head and body of a call. The body goes on as long as the sender of its messages lives.
pub fn request(path: &str, number: u64, token: Option<&str>, messages: Messages) -> Request<Messages> {
    let mut request = Request::post(format!("http://gateway.example{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header(NUMBER, number);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(messages).unwrap()
}

/// Makes a unary call that names this namespace, and says its status.
pub async fn unary(
    connection: &Use,
    path: &str,
    number: u64,
    token: Option<&str>,
    namespace: &str,
) -> Result<(u16, String), String> {
    let (message, messages) = unbounded_channel();
    let _ = message.send(naming(namespace));
    drop(message);
    let response = connection.send(request(path, number, token, Messages(messages))).await?;
    let head = response.headers().clone();
    let body = response.into_body().collect().await.map_err(|error| format!("{error:?}"))?;
    status(&head).or_else(|| status(body.trailers()?)).ok_or_else(|| "no status".to_owned())
}

/// `grpc-status` and `grpc-message`.
pub fn status(headers: &HeaderMap) -> Option<(u16, String)> {
    let code = headers.get("grpc-status")?.to_str().ok()?.parse().ok()?;
    let message = headers.get("grpc-message").and_then(|message| message.to_str().ok()).unwrap_or_default();
    Some((code, message.replace("%20", " ")))
}

/// A message whose first field is this text.
fn naming(namespace: &str) -> Bytes {
    let length = namespace.len() as u8;
    let mut framed = vec![0, 0, 0, 0, length + 2, 10, length];
    framed.extend_from_slice(namespace.as_bytes());
    framed.into()
}
