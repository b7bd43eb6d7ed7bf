//! The accept loop.

use std::{convert::Infallible, error::Error, io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tower_service::Service;

use super::{
    Connection, ListenerOptions,
    connection::{FLUSH, Shared},
    events,
    phase::{Phase, Watch},
};
use crate::tls::ReloadingAcceptor;

/// Pause after an error that is not one connection's, such as too many open files: trying at once would fail at once.
const BREATH: Duration = Duration::from_millis(100);

/// Serves the connections of `tcp` until `shutdown` comes, then drains them (see the [module](super)) and returns, at the latest a
/// second or two after [`ListenerOptions::drain`]. Dropping the returned future closes everything at once.
///
/// `make` is called once for each connection, after its handshake.
pub async fn serve<S, R>(
    tcp: TcpListener,
    tls: Option<ReloadingAcceptor>,
    options: ListenerOptions,
    make: impl Fn(&Connection) -> S + Send + Sync + 'static,
    shutdown: impl Future<Output = ()>,
) where
    S: Service<Request<Incoming>, Response = Response<R>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    R: Body<Data = Bytes> + Send + Unpin + 'static,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let drain = options.drain;
    let shared = Arc::new(Shared {
        handshakes: Semaphore::new(options.handshakes.clamp(1, Semaphore::MAX_PERMITS)),
        options,
        tls,
        make,
    });
    let (phase, watch) = Watch::new();
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(ended) = connections.join_next() => note_panic(ended),
            (tcp, peer) = accept(&tcp) => {
                connections.spawn(Arc::clone(&shared).serve(tcp, peer, watch.clone()));
            }
        }
    }
    drop(tcp);
    events::draining(connections.len(), drain);
    phase.send_replace(Phase::Draining);
    if timeout(drain, finish(&mut connections)).await.is_err() {
        events::drain_over(connections.len());
        phase.send_replace(Phase::Expired);
        // A little more than the connections take for themselves.
        let _ = timeout(FLUSH.saturating_mul(2), finish(&mut connections)).await;
        connections.shutdown().await;
    }
}

async fn accept(tcp: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match tcp.accept().await {
            Ok((tcp, peer)) => {
                // Fails for a connection that is gone already, which the first read tells as well.
                let _ = tcp.set_nodelay(true);
                return (tcp, peer);
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                events::accept_failed(&error);
                sleep(BREATH).await;
            }
        }
    }
}

async fn finish(connections: &mut JoinSet<()>) {
    while let Some(ended) = connections.join_next().await {
        note_panic(ended);
    }
}

fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        events::panicked();
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    )
}
