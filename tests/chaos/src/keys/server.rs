//! An issuer's HTTP server: a discovery document, and keys or what stands in their place.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::Trouble;

/// What is served at `/keys`.
#[derive(Clone)]
pub struct Answer {
    pub trouble: Option<Trouble>,
    pub document: String,
}

pub struct Server {
    addr: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// A server at a port below those that the system hands out by itself, so that nobody takes it while it is closed.
    pub async fn start(document: String) -> Self {
        let (tcp, addr) = free_port().await;
        let answer = Arc::new(Mutex::new(Answer { trouble: None, document }));
        let server = Self { addr, answer, accepting: Mutex::default() };
        server.serve(tcp);
        server
    }

    /// What it answers from now on. `published` is called at the very moment.
    pub async fn answer(&self, answer: Answer, published: impl FnOnce()) {
        let away = answer.trouble == Some(Trouble::Away);
        {
            let mut current = self.answer.lock().unwrap();
            *current = answer;
            published();
        }
        let accepting = self.accepting.lock().unwrap().take();
        match (accepting, away) {
            (Some(accepting), true) => {
                accepting.abort();
                let _ = accepting.await;
            }
            (Some(accepting), false) => *self.accepting.lock().unwrap() = Some(accepting),
            (None, true) => {}
            (None, false) => self.serve(listen(self.addr).await),
        }
    }

    /// `http://` and its address: the name of the issuer, too.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    fn serve(&self, tcp: TcpListener) {
        let (answer, url) = (Arc::clone(&self.answer), self.url());
        let accepting = tokio::spawn(async move {
            loop {
                // An accept fails for a connection that is gone already.
                let Ok((io, _)) = tcp.accept().await else { continue };
                tokio::spawn(reply(io, Arc::clone(&answer), url.clone()));
            }
        });
        *self.accepting.lock().unwrap() = Some(accepting);
    }
}

async fn reply(mut io: TcpStream, answer: Arc<Mutex<Answer>>, url: String) -> io::Result<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(io.read_u8().await?);
    }
    let answer = answer.lock().unwrap().clone();
    let discovery = asked.starts_with(b"GET /.well-known/");
    let document =
        if discovery { format!(r#"{{"issuer":"{url}","jwks_uri":"{url}/keys"}}"#) } else { answer.document.clone() };
    let whole = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    let text = match answer.trouble {
        Some(Trouble::Away) => return Ok(()),
        Some(Trouble::Hangs) => {
            // Until the caller has enough.
            return io.read_u8().await.map(|_| ());
        }
        // The others concern the document of keys alone.
        None => whole("200 OK", &document),
        Some(_) if discovery => whole("200 OK", &document),
        Some(Trouble::Error500) => whole("500 Internal Server Error", &Trouble::Error500.body(&document)),
        Some(Trouble::BreaksOff) => {
            let text = whole("200 OK", &document);
            text[..text.len() - document.len() / 2].to_owned()
        }
        Some(Trouble::Redirect) if asked.starts_with(b"GET /elsewhere") => whole("200 OK", &document),
        Some(Trouble::Redirect) => {
            whole("302 Found", "").replace("\r\n\r\n", &format!("\r\nlocation: {url}/elsewhere\r\n\r\n"))
        }
        Some(Trouble::NotModified) => "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n".to_owned(),
        Some(trouble) => whole("200 OK", &trouble.body(&document)),
    };
    io.write_all(text.as_bytes()).await?;
    io.shutdown().await
}

async fn listen(addr: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(addr).await {
            Ok(tcp) => return tcp,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// A free port, and its listener.
pub async fn free_port() -> (TcpListener, SocketAddr) {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = (std::process::id() % 100) as u16 * 10;
    loop {
        let port = 30_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 2_000;
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        if let Ok(tcp) = TcpListener::bind(addr).await {
            return (tcp, addr);
        }
    }
}
