//! The frontend on a socket: HTTP/2 without TLS (h2c), as Temporal's own frontend listens by default.

use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, task::JoinSet};

use super::Frontend;

/// Connections served at once; further ones are closed as they come.
const MAX_CONNECTIONS: usize = 1_024;
/// hyper's default of 200 would make the 201st long poll of a connection wait.
const MAX_STREAMS: u32 = 2_000;
const MAX_HEADER_LIST_BYTES: u32 = 64 << 10;
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long running calls may take to end after the shutdown; long polls would take a minute.
const DRAIN: Duration = Duration::from_secs(1);

/// Serves `frontend` on `tcp` until `shutdown` resolves, then lets running calls end for one second.
pub async fn serve(tcp: TcpListener, frontend: Frontend, shutdown: impl Future<Output = ()>) {
    let mut shutdown = std::pin::pin!(shutdown);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADER_LIST_BYTES);
    loop {
        let accepted = tokio::select! {
            accepted = tcp.accept() => accepted,
            () = &mut shutdown => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) if connections.len() < MAX_CONNECTIONS => {
                let service = TowerToHyperService::new(frontend.clone());
                let connection = http.serve_connection(TokioIo::new(stream), service);
                // A broken connection concerns its caller only.
                connections.spawn(graceful.watch(connection));
            }
            Ok(_) => {}
            // Out of file descriptors, mostly: accepting again at once would spin.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    drop(tcp);
    // Dropping the set ends what is still running then.
    let _ = tokio::time::timeout(DRAIN, graceful.shutdown()).await;
}
