//! An issuer that counts how often its keys are asked for.

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value, json};
use temporal_gateway::mint::signer::{Signer, SigningAlgorithm, jwks};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

pub const ISSUER: &str = "https://issuer.example";
pub const AUDIENCE: &str = "temporal";

pub struct Issuer {
    pub addr: SocketAddr,
    fetches: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

fn signer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(|| Signer::generate(SigningAlgorithm::Es256).unwrap())
}

impl Issuer {
    pub async fn start() -> Self {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (addr, fetches) = (tcp.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        Self { addr, serving: tokio::spawn(serve(tcp, Arc::clone(&fetches))), fetches }
    }

    pub fn keys(&self) -> String {
        format!("http://{}/keys", self.addr)
    }

    /// Connections so far; each serves one request.
    pub fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(tcp: TcpListener, fetches: Arc<AtomicUsize>) {
    let keys = jwks([signer().jwk()]).to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{keys}",
        keys.len()
    );
    loop {
        let (mut io, _) = tcp.accept().await.unwrap();
        fetches.fetch_add(1, Ordering::SeqCst);
        let answer = answer.clone();
        tokio::spawn(async move {
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                asked.push(io.read_u8().await?);
            }
            io.write_all(answer.as_bytes()).await?;
            io.shutdown().await
        });
    }
}

/// What alice's token says, for an hour.
pub fn claims(permissions: &[&str]) -> Map<String, Value> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 3_600, "permissions": permissions,
        // So that no two tokens are the same.
        "jti": format!("{:?}", std::time::Instant::now()),
    });
    let Value::Object(claims) = claims else { unreachable!() };
    claims
}

/// A good token.
pub fn sign(claims: &Map<String, Value>) -> String {
    signer().sign(claims).unwrap()
}

/// A token with any key id, and a signature of the key that is published.
pub fn sign_as(key_id: &str, claims: &Map<String, Value>) -> String {
    signer().sign_as(key_id, claims).unwrap()
}

/// A token that names the published key and was signed with another.
pub fn forge(claims: &Map<String, Value>) -> String {
    static STRANGER: OnceLock<Signer> = OnceLock::new();
    let stranger = STRANGER.get_or_init(|| Signer::generate(SigningAlgorithm::Es256).unwrap());
    stranger.sign_as(signer().key_id(), claims).unwrap()
}
