//! `serve`, started with a file in a directory of its own.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    sync::atomic::{AtomicU16, AtomicUsize, Ordering},
};

use temporal_gateway::serve::{ServeArgs, run};
use tokio::{
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, timeout},
};

use super::{SOON, calls::AUDIENCE, until};

/// What differs between the configurations of the tests; everything else is as the defaults have it.
pub struct Config<'a> {
    /// `keySourceURIs`.
    pub keys: String,
    /// `gateway.upstream.address`.
    pub upstream: SocketAddr,
    /// Further keys of `gateway.upstream`, in flow style.
    pub towards_upstream: &'a str,
    /// `global.tls`, in flow style.
    pub tls: &'a str,
    /// `gateway.authorization`, in flow style.
    pub authorization: &'a str,
    /// Whole lines.
    pub more: &'a str,
}

impl Config<'_> {
    pub fn new(keys: String, upstream: SocketAddr) -> Self {
        Self { keys, upstream, towards_upstream: "", tls: "{}", authorization: "{}", more: "" }
    }

    pub fn yaml(&self) -> String {
        let Self { keys, upstream, towards_upstream, tls, authorization, more } = self;
        format!(
            "global:
  authorization:
    authorizer: default
    claimMapper: default
    audience: {AUDIENCE}
    jwtKeyProvider: {{ keySourceURIs: ['{keys}'], refreshInterval: 1s }}
  tls: {tls}
gateway:
  authorization: {authorization}
  upstream: {{ address: '{upstream}', {towards_upstream} }}
{more}"
        )
    }
}

/// A directory of its own, gone with the value.
pub struct Directory(PathBuf);

impl Directory {
    pub fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("gateway-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The path, as a text for a configuration.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An address that is free, and stays so: below the ports that the system hands out by itself.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 100).unwrap() * 100;
    loop {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// `serve -f FILE --listen ADDRESS --drain 1s`.
pub fn arguments(directory: &Directory, yaml: &str) -> ServeArgs {
    ServeArgs {
        config: directory.write("temporal.yaml", yaml).into(),
        listen: Some(free_address()),
        upstream: None,
        drain: "1s".parse().unwrap(),
    }
}

pub struct Gateway {
    pub addr: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<anyhow::Result<()>>,
    _directory: Directory,
}

impl Gateway {
    pub async fn start(config: &Config<'_>) -> Self {
        let directory = Directory::new();
        let arguments = arguments(&directory, &config.yaml());
        Self::run(arguments, directory).await
    }

    /// Runs `serve` until it accepts connections.
    pub async fn run(arguments: ServeArgs, directory: Directory) -> Self {
        let addr = arguments.listen.unwrap();
        let (stop, stopping) = oneshot::channel();
        let served = tokio::spawn(async move {
            run(&arguments, async {
                let _ = stopping.await;
            })
            .await
        });
        until("the gateway's listener", async || served.is_finished() || TcpStream::connect(addr).await.is_ok()).await;
        if served.is_finished() {
            panic!("serve ended: {:?}", served.await.unwrap());
        }
        Self { addr, stop, served, _directory: directory }
    }

    /// What SIGTERM does. Afterwards the gateway has stopped when the handle says so.
    pub fn stop(self) -> (Instant, JoinHandle<anyhow::Result<()>>) {
        self.stop.send(()).unwrap();
        (Instant::now(), self.served)
    }
}

/// Why `serve` does not start.
pub async fn refusal(arguments: &ServeArgs) -> String {
    let ended = timeout(SOON, run(arguments, std::future::pending())).await.expect("it does not serve");
    format!("{:#}", ended.expect_err("it does not serve"))
}
