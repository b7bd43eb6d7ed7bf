//! Certificates that are replaced while the gateway runs.

use std::{collections::HashMap, fmt, io, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use rustls::{ServerConfig, server::Acceptor};
use temporal_interceptor::config::{ExpirationChecks, ServerTls};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::{JoinHandle, spawn_blocking},
    time::sleep,
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

use super::{
    TlsError, events, expiry,
    server::{Loaded, load},
};

/// Accepts TLS connections with the certificate for the name that the client asks for, as its files were when last read. New
/// connections get new certificates; a file that is half written or wrong leaves the last good one in place. Clones share all of it.
#[derive(Clone)]
pub struct ReloadingAcceptor {
    hosts: Arc<Hosts>,
    _tasks: Arc<Tasks>,
}

#[derive(Debug)]
struct Hosts {
    default: Host,
    by_name: HashMap<String, Host>,
}

/// One host: what the configuration says and what was last made of it.
#[derive(Debug)]
pub(super) struct Host {
    section: String,
    tls: ServerTls,
    loaded: ArcSwap<Loaded>,
}

/// Ends the tasks with the last acceptor.
struct Tasks(Vec<JoinHandle<()>>);

impl ReloadingAcceptor {
    /// Starts the tasks that `refresh` and `checks` ask for; zero asks for none.
    pub(super) fn start(
        default: Host,
        by_name: HashMap<String, Host>,
        refresh: Duration,
        checks: ExpirationChecks,
    ) -> Self {
        let hosts = Arc::new(Hosts { default, by_name });
        let mut tasks = Vec::new();
        if !refresh.is_zero() {
            tasks.push(tokio::spawn(refresh_all(Arc::clone(&hosts), refresh)));
        }
        if !checks.check_interval.is_zero() {
            tasks.push(tokio::spawn(check_all(Arc::clone(&hosts), checks)));
        }
        Self { hosts, _tasks: Arc::new(Tasks(tasks)) }
    }

    /// Takes one connection through its handshake.
    ///
    /// # Errors
    ///
    /// When the handshake fails; a client certificate that does not verify is one reason.
    pub async fn accept<IO>(&self, io: IO) -> io::Result<TlsStream<IO>>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let hello = LazyConfigAcceptor::new(Acceptor::default(), io).await?;
        let config = self.config(hello.client_hello().server_name());
        hello.into_stream(config).await
    }

    /// The configuration for a server name, in any case; the default for an unknown one or none.
    fn config(&self, name: Option<&str>) -> Arc<ServerConfig> {
        let host = name.and_then(|name| self.hosts.by_name.get(&name.to_ascii_lowercase()));
        let host = host.unwrap_or(&self.hosts.default);
        Arc::clone(&host.loaded.load().config)
    }
}

impl Host {
    pub(super) fn load(section: String, tls: ServerTls) -> Result<Self, TlsError> {
        let loaded = ArcSwap::from_pointee(load(&section, &tls)?);
        Ok(Self { section, tls, loaded })
    }

    fn reload(&self) {
        match load(&self.section, &self.tls) {
            Ok(loaded) => {
                let before = self.loaded.swap(Arc::new(loaded));
                if before.chain != self.loaded.load().chain {
                    events::certificate_replaced(&self.section);
                }
            }
            Err(error) => events::reload_failed(&self.section, &error),
        }
    }
}

impl Hosts {
    fn all(&self) -> impl Iterator<Item = &Host> {
        std::iter::once(&self.default).chain(self.by_name.values())
    }
}

async fn refresh_all(hosts: Arc<Hosts>, interval: Duration) {
    loop {
        sleep(interval).await;
        let hosts = Arc::clone(&hosts);
        // Reads files. A panic in there would be a bug, and is no reason to stop refreshing.
        let _ = spawn_blocking(move || hosts.all().for_each(Host::reload)).await;
    }
}

async fn check_all(hosts: Arc<Hosts>, checks: ExpirationChecks) {
    loop {
        for host in hosts.all() {
            expiry::check(&host.section, &host.loaded.load().chain, checks);
        }
        sleep(checks.check_interval).await;
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl fmt::Debug for ReloadingAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReloadingAcceptor").field("names", &self.hosts.by_name.keys()).finish_non_exhaustive()
    }
}
