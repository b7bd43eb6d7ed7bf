//! An HTTP/1.1 server that misbehaves on demand, and counts.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;

#[derive(Clone)]
pub enum Behaviour {
    /// These bytes, then the end of the connection.
    Raw(String),
    /// Status 200 with this body, and 304 when the request shows the entity tag.
    Tagged { body: String, etag: &'static str },
    /// Reads the request and never answers.
    Hang,
    /// Announces this length and sends nothing more.
    Declare(u64),
    /// A chunked body without end.
    Endless,
    /// Status 200 with this body, one byte at a time with this pause.
    Drip(String, Duration),
    /// Status 200 with this body, once the sender says true.
    Held(String, watch::Receiver<bool>),
}

impl Behaviour {
    pub fn ok(body: impl Into<String>) -> Self {
        Self::status("200 OK", body)
    }

    pub fn status(status: &str, body: impl Into<String>) -> Self {
        let body = body.into();
        Self::Raw(format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\ncontent-type: application/json\r\n\r\n{body}",
            body.len()
        ))
    }

    pub fn redirect(location: &str) -> Self {
        Self::Raw(format!("HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: {location}\r\n\r\n"))
    }
}

#[derive(Clone)]
pub struct Server {
    pub address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    paths: Mutex<HashMap<String, Behaviour>>,
    requests: AtomicUsize,
    /// The last request, as text.
    last: Mutex<String>,
}

impl Server {
    /// Answers every path with 404 until told otherwise.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = Arc::clone(&server.state);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(Arc::clone(&state), connection));
            }
        });
        server
    }

    /// One that serves this text at `/jwks`.
    pub async fn with(body: impl Into<String>) -> Self {
        let server = Self::start().await;
        server.behave(Behaviour::ok(body));
        server
    }

    pub fn behave(&self, behaviour: Behaviour) {
        self.behave_at("/jwks", behaviour);
    }

    pub fn behave_at(&self, path: &str, behaviour: Behaviour) {
        self.state.paths.lock().unwrap().insert(path.to_owned(), behaviour);
    }

    pub fn url(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    pub fn source(&self) -> temporal_key_provider::Source {
        self.url().parse().unwrap()
    }

    pub fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }

    pub fn last_request(&self) -> String {
        self.state.last.lock().unwrap().clone()
    }

    /// Serves one connection that somebody else has accepted.
    pub fn adopt(&self, connection: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        tokio::spawn(serve(Arc::clone(&self.state), connection));
    }
}

async fn serve(state: Arc<State>, mut connection: impl AsyncRead + AsyncWrite + Unpin) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match connection.read_u8().await {
            // The first byte of a TLS handshake: answered in plain text, as servers do.
            Ok(0x16) if request.is_empty() => {
                return drop(connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await);
            }
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let request = String::from_utf8(request).unwrap().to_lowercase();
    let path = request.split(' ').nth(1).unwrap().split('?').next().unwrap().to_owned();
    let behaviour = state.paths.lock().unwrap().get(&path).cloned();
    state.last.lock().unwrap().clone_from(&request);
    state.requests.fetch_add(1, Ordering::SeqCst);
    let behaviour = behaviour.unwrap_or_else(|| Behaviour::status("404 Not Found", ""));
    // The client may hang up at any time.
    let _ = answer(&mut connection, &request, behaviour).await;
    let _ = connection.shutdown().await;
}

async fn answer(
    connection: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &str,
    behaviour: Behaviour,
) -> std::io::Result<()> {
    let head = |length: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    match behaviour {
        Behaviour::Raw(text) => connection.write_all(text.as_bytes()).await,
        Behaviour::Tagged { etag, .. } if request.contains(&format!("if-none-match: {etag}\r\n")) => {
            connection.write_all(b"HTTP/1.1 304 Not Modified\r\n\r\n").await
        }
        Behaviour::Tagged { body, etag } => {
            let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\netag: {etag}\r\n\r\n{body}", body.len());
            connection.write_all(text.as_bytes()).await
        }
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Declare(length) => {
            connection.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").as_bytes()).await?;
            std::future::pending().await
        }
        Behaviour::Endless => {
            connection.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
            loop {
                connection.write_all(b"8\r\n        \r\n").await?;
            }
        }
        Behaviour::Drip(body, pause) => {
            connection.write_all(head(body.len()).as_bytes()).await?;
            for byte in body.bytes() {
                connection.write_u8(byte).await?;
                tokio::time::sleep(pause).await;
            }
            Ok(())
        }
        Behaviour::Held(body, mut released) => {
            let _ = released.wait_for(|released| *released).await;
            connection.write_all((head(body.len()) + &body).as_bytes()).await
        }
    }
}
