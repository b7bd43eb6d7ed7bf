//! The relay under test between a frontend and its callers, and the tests by subject.

pub mod caller;
pub mod certificates;
pub mod frontend;

mod aging;
mod calls;
mod drain;
mod failures;
mod limits;
mod server_tls;
mod stalled;
mod upstream_tls;

use std::{net::SocketAddr, time::Duration};

use temporal_gateway::{
    listener::{ListenerOptions, serve},
    tls::ReloadingAcceptor,
    upstream::{Upstream, UpstreamOptions},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use frontend::Frontend;

/// Longer than anything here takes; a test that waits for it fails.
pub const SOON: Duration = Duration::from_secs(10);

/// A gateway that authorizes nothing.
pub struct Gateway {
    pub addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    pub stopped: JoinHandle<()>,
}

impl Gateway {
    pub async fn before(frontend: &Frontend) -> Self {
        Self::start(one_connection(frontend.addr), ListenerOptions::default(), None).await
    }

    pub async fn start(upstream: UpstreamOptions, listener: ListenerOptions, tls: Option<ReloadingAcceptor>) -> Self {
        let upstream = Upstream::new(upstream);
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = tcp.local_addr().unwrap();
        let (stop, stopping) = oneshot::channel();
        let served = serve(tcp, tls, listener, move |_| upstream.clone(), async {
            let _ = stopping.await;
        });
        Self { addr, stop: Some(stop), stopped: tokio::spawn(served) }
    }

    /// What SIGTERM does.
    pub fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub async fn has_stopped(self) {
        timeout(SOON, self.stopped).await.expect("serve returns").unwrap();
    }
}

/// All calls share one connection to the upstream, so that they can harm each other.
pub fn one_connection(upstream: SocketAddr) -> UpstreamOptions {
    let mut options = UpstreamOptions::new(upstream.to_string());
    options.connections = 1;
    options
}
