//! One connection to the upstream, from the name to HTTP/2.

use std::{io, sync::Arc, time::Duration};

use hyper::client::conn::http2::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, MissedTickBehavior, error::Elapsed, interval, timeout},
};
use tokio_rustls::TlsConnector;

use super::{UpstreamOptions, events, sender::Sender, stall::Readers, tape::RequestBody};
use crate::{
    greeting::{Greeted, Greeting},
    last::ConnectionLast,
};

/// Remembered resets of one connection. Callers cancel in bursts (a worker fleet that restarts), answers to them are on their way, and
/// h2 resets again, against a lifetime limit, every stream that it has forgotten.
const REMEMBERED_RESETS: usize = 10_000;

/// However short the stall time-out, the answers are looked through no more often than this.
const SHORTEST_SWEEP: Duration = Duration::from_millis(10);

/// A connection that was established, ready for calls.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    pub(super) sender: Sender<RequestBody>,
    /// The answers that it is delivering.
    pub(super) readers: Arc<Readers>,
    /// Whether the upstream has spoken.
    pub(super) greeting: Greeting,
    pub(super) since: Instant,
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub(super) enum ConnectError {
    /// Lookup, connect or TLS.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The HTTP/2 preface could not be written.
    #[error("http2: {0}")]
    Http(#[from] hyper::Error),
    /// All of it took longer than the connect timeout.
    #[error("timed out")]
    TimedOut(#[from] Elapsed),
}

/// Connects, and leaves a task behind that drives the connection until it closes or its last sender is gone and its last call ended.
pub(super) async fn connect(options: &UpstreamOptions) -> Result<Connection, ConnectError> {
    timeout(options.connect_timeout, async {
        let tcp = TcpStream::connect(&options.address).await?;
        tcp.set_nodelay(true)?;
        match &options.tls {
            None => start(options, tcp).await,
            Some(tls) => {
                let connector = TlsConnector::from(Arc::clone(&tls.config));
                start(options, connector.connect(tls.server_name.clone(), tcp).await?).await
            }
        }
    })
    .await?
}

async fn start<IO>(options: &UpstreamOptions, io: IO) -> Result<Connection, ConnectError>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (io, greeting) = Greeted::new(io);
    let (one, driver) = Builder::new(ConnectionLast::default())
        .timer(TokioTimer::new())
        .keep_alive_interval(options.keep_alive_interval)
        .keep_alive_timeout(options.keep_alive_timeout)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(options.stream_window)
        .initial_connection_window_size(options.connection_window)
        .max_header_list_size(options.max_header_list_size)
        .max_concurrent_reset_streams(REMEMBERED_RESETS)
        // A guard against a hostile peer. The upstream is none, and the guard's answer is to end every call of the connection.
        .max_local_error_reset_streams(None)
        .handshake(TokioIo::new(io))
        .await?;
    let (sender, driver) = Sender::new(one, driver);
    let readers = Arc::<Readers>::default();
    let sweeper = Arc::clone(&readers);
    let limit = options.stall_timeout;
    tokio::spawn(async move {
        tokio::pin!(driver);
        let sweep = limit.checked_div(4).unwrap_or_default().max(SHORTEST_SWEEP);
        let mut ticks = interval(sweep);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ended = &mut driver => break events::disconnected(ended.err().as_ref()),
                _ = ticks.tick() => match sweeper.give_up_stalled(limit) {
                    0 => {}
                    calls => events::stalled(calls),
                },
            }
        }
    });
    Ok(Connection { sender, readers, greeting, since: Instant::now() })
}
