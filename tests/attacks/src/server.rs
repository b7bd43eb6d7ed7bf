//! An HTTP/1.1 server for key documents, which misbehaves on demand and counts.

use std::{
    collections::HashMap,
    io::Result,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use temporal_key_provider::Source;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::AbortHandle,
};

/// How a path answers.
#[derive(Clone)]
pub enum Answer {
    /// These bytes, then the end of the connection. Empty: the connection closes.
    Raw(Vec<u8>),
    /// 200 with this body, and 304 for whoever shows the entity tag.
    Tagged(String, &'static str),
    /// Reads the request and is silent.
    Hang,
    /// Announces this length and sends nothing more.
    Declare(u64),
    /// A chunked body without end.
    Endless,
    /// 200 with this body, byte by byte with this pause.
    Drip(String, Duration),
    /// 200 with this body, once the sender says true.
    Held(String, watch::Receiver<bool>),
}

impl Answer {
    /// 200 with this body.
    pub fn ok(body: impl AsRef<str>) -> Self {
        Self::with("200 OK", "", body)
    }

    /// This status line, these header lines (each with its CRLF) and this body.
    pub fn with(status: &str, headers: &str, body: impl AsRef<str>) -> Self {
        let body = body.as_ref();
        Self::Raw(format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len()).into())
    }
}

/// The server, at an address of its own. Runs until it is stopped or its runtime ends.
#[derive(Clone)]
pub struct JwksServer {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<State>,
    accepting: AbortHandle,
}

#[derive(Default)]
struct State {
    paths: Mutex<HashMap<String, Answer>>,
    connections: AtomicUsize,
    requests: AtomicUsize,
    sent: AtomicUsize,
    last: Mutex<String>,
}

impl JwksServer {
    /// A server that answers every path with 404 until told otherwise.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, state) = (listener.local_addr().unwrap(), Arc::<State>::default());
        let counted = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                counted.connections.fetch_add(1, SeqCst);
                tokio::spawn(serve(Arc::clone(&counted), connection));
            }
        });
        Self { address, state, accepting: accepting.abort_handle() }
    }

    /// A server that publishes this document at `/jwks`.
    pub async fn publishing(document: impl AsRef<str>) -> Self {
        let server = Self::start().await;
        server.answer(Answer::ok(document));
        server
    }

    /// What `/jwks` answers from now on.
    pub fn answer(&self, answer: Answer) {
        self.answer_at("/jwks", answer);
    }

    /// What this path answers from now on.
    pub fn answer_at(&self, path: &str, answer: Answer) {
        self.state.paths.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// The URL of its key document.
    pub fn url(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    /// Its key document as a source.
    pub fn source(&self) -> Source {
        self.url().parse().unwrap()
    }

    /// How many connections it has accepted.
    pub fn connections(&self) -> usize {
        self.state.connections.load(SeqCst)
    }

    /// How many requests it has read whole.
    pub fn requests(&self) -> usize {
        self.state.requests.load(SeqCst)
    }

    /// How many bytes of an endless body it has got rid of.
    pub fn sent(&self) -> usize {
        self.state.sent.load(SeqCst)
    }

    /// The last request, in lower case.
    pub fn last_request(&self) -> String {
        self.state.last.lock().unwrap().clone()
    }

    /// Closes the port.
    pub fn stop(&self) {
        self.accepting.abort();
    }
}

async fn serve(state: Arc<State>, mut connection: TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match connection.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let request = String::from_utf8_lossy(&request).to_lowercase();
    let path = request.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
    let answer = state.paths.lock().unwrap().get(&path).cloned();
    state.last.lock().unwrap().clone_from(&request);
    state.requests.fetch_add(1, SeqCst);
    // The client may hang up at any time.
    let _ = reply(&state, &mut connection, &request, answer.unwrap_or(Answer::with("404 Not Found", "", ""))).await;
    let _ = connection.shutdown().await;
}

async fn reply(state: &State, connection: &mut TcpStream, request: &str, answer: Answer) -> Result<()> {
    let head = |length: u64| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    let length = |body: &str| u64::try_from(body.len()).unwrap();
    match answer {
        Answer::Raw(bytes) => connection.write_all(&bytes).await,
        Answer::Tagged(_, etag) if request.contains(&format!("if-none-match: {etag}\r\n")) => {
            connection.write_all(b"HTTP/1.1 304 Not Modified\r\n\r\n").await
        }
        Answer::Tagged(body, etag) => {
            let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\netag: {etag}\r\n\r\n{body}", body.len());
            connection.write_all(text.as_bytes()).await
        }
        Answer::Hang => std::future::pending().await,
        Answer::Declare(length) => {
            connection.write_all(head(length).as_bytes()).await?;
            std::future::pending().await
        }
        Answer::Endless => {
            connection.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
            let chunk = [b"1000\r\n".as_slice(), &[b' '; 4096], b"\r\n"].concat();
            loop {
                connection.write_all(&chunk).await?;
                state.sent.fetch_add(chunk.len(), SeqCst);
            }
        }
        Answer::Drip(body, pause) => {
            connection.write_all(head(length(&body)).as_bytes()).await?;
            for byte in body.bytes() {
                connection.write_u8(byte).await?;
                tokio::time::sleep(pause).await;
            }
            Ok(())
        }
        Answer::Held(body, mut released) => {
            let _ = released.wait_for(|released| *released).await;
            connection.write_all((head(length(&body)) + &body).as_bytes()).await
        }
    }
}
