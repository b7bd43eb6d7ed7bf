//! The way in: an HTTP/2 listener, plain or TLS, that serves one service a connection and knows how to stop.
//!
//! 1. Plain connections speak HTTP/2 from the first byte; TLS ones agree on it (`h2`). Nothing else is spoken.
//! 2. The service of a connection is made when the connection is: it may keep what holds for all its calls.
//! 3. Whatever a peer can make large or slow has a bound: handshakes, header lists, streams, windows, silence.
//! 4. Draining: no new connections, idle ones close at once, running calls have [`ListenerOptions::drain`], and what still runs then
//!    ends with UNAVAILABLE.
//!
//! ```no_run
//! # async fn run(upstream: temporal_gateway::upstream::Upstream) -> std::io::Result<()> {
//! use temporal_gateway::listener::{ListenerOptions, serve};
//!
//! let tcp = tokio::net::TcpListener::bind("127.0.0.1:7233").await?;
//! let stop = async { _ = tokio::signal::ctrl_c().await };
//! serve(tcp, None, ListenerOptions::default(), move |_| upstream.clone(), stop).await;
//! # Ok(())
//! # }
//! ```

mod accept;
mod body;
mod connection;
mod events;
mod options;
mod phase;
mod service;

pub use accept::serve;
pub use body::DrainBody;
pub use connection::Connection;
pub use options::ListenerOptions;
