//! One connection, from the handshake to the end of its last call.

use std::{convert::Infallible, error::Error, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::{body::Incoming, server::conn::http2::Builder};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls_pki_types::CertificateDer;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::Semaphore,
    time::{sleep, timeout},
};
use tower_service::Service;

use super::{
    ListenerOptions, events,
    phase::{Phase, Watch},
    service::Draining,
};
use crate::{greeting::Greeted, last::Last, tls::ReloadingAcceptor};

/// Time for the last answers to leave after the drain is over.
pub(super) const FLUSH: Duration = Duration::from_secs(1);

/// Resets that a peer may cause over the life of a connection before it is closed. h2 counts among them the frames that arrive for a
/// call that was answered early: a caller whose token has expired has its calls denied before their messages are here. h2's own
/// 1,024 would let one such caller end the connection that it shares with others.
const LATE_FRAMES: usize = 65_536;

/// What is known about a connection when its service is made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Connection {
    /// The other end of the TCP connection.
    pub peer_addr: SocketAddr,
    /// The chain that the client presented, leaf first, if it was asked for one and the handshake verified it.
    pub peer_certificates: Option<Vec<CertificateDer<'static>>>,
}

/// What all connections of a listener have in common.
#[derive(Debug)]
pub(super) struct Shared<M> {
    pub(super) options: ListenerOptions,
    pub(super) tls: Option<ReloadingAcceptor>,
    pub(super) handshakes: Semaphore,
    pub(super) make: M,
}

impl<M> Shared<M> {
    /// Serves `tcp` until the peer closes it or the drain ends it.
    pub(super) async fn serve<S, R>(self: Arc<Self>, tcp: TcpStream, peer_addr: SocketAddr, watch: Watch)
    where
        M: Fn(&Connection) -> S,
        S: Service<Request<Incoming>, Response = Response<R>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        R: Body<Data = Bytes> + Send + Unpin + 'static,
        R::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let Some(acceptor) = &self.tls else {
            let connection = Connection { peer_addr, peer_certificates: None };
            return self.drive(tcp, connection, watch).await;
        };
        let handshake = timeout(self.options.handshake_timeout, async {
            let _permit = self.handshakes.acquire().await.ok();
            acceptor.accept(tcp).await
        });
        let accepted = tokio::select! {
            accepted = handshake => accepted,
            () = watch.clone().reached(Phase::Draining) => return,
        };
        match accepted {
            Ok(Ok(io)) => {
                // rustls keeps only what the configured verifier accepted.
                let certificates = io.get_ref().1.peer_certificates();
                let connection = Connection { peer_addr, peer_certificates: certificates.map(<[_]>::to_vec) };
                self.drive(io, connection, watch).await;
            }
            Ok(Err(error)) => events::handshake_failed(peer_addr, &error),
            Err(_) => events::handshake_timed_out(peer_addr),
        }
    }

    async fn drive<IO, S, R>(&self, io: IO, connection: Connection, watch: Watch)
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        M: Fn(&Connection) -> S,
        S: Service<Request<Incoming>, Response = Response<R>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        R: Body<Data = Bytes> + Send + Unpin + 'static,
        R::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let service = Draining { inner: (self.make)(&connection), watch: watch.clone() };
        let (io, greeting) = Greeted::new(io);
        let http = builder(&self.options).serve_connection(TokioIo::new(io), service);
        tokio::pin!(http);

        tokio::select! {
            ended = Last::new(http.as_mut()) => return events::ended(connection.peer_addr, ended.err()),
            () = async {
                sleep(self.options.handshake_timeout).await;
                if greeting.is_complete() {
                    std::future::pending::<()>().await;
                }
            } => return events::handshake_timed_out(connection.peer_addr),
            () = watch.clone().reached(Phase::Draining) => {}
        }
        if !greeting.is_complete() {
            return;
        }
        http.as_mut().graceful_shutdown();
        tokio::select! {
            ended = Last::new(http.as_mut()) => return events::ended(connection.peer_addr, ended.err()),
            () = watch.reached(Phase::Expired) => {}
        }
        // Every call ends by itself now; this writes what they said last.
        let _ = timeout(FLUSH, http).await;
    }
}

fn builder(options: &ListenerOptions) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(options.keep_alive_interval)
        .keep_alive_timeout(options.keep_alive_timeout)
        .max_concurrent_streams(options.max_concurrent_streams)
        .max_header_list_size(options.max_header_list_size)
        .initial_stream_window_size(options.stream_window)
        .initial_connection_window_size(options.connection_window)
        .max_send_buf_size(options.max_send_buffer)
        .max_local_error_reset_streams(LATE_FRAMES)
        // An answer is the upstream's; nothing is added to it.
        .auto_date_header(false);
    builder
}
