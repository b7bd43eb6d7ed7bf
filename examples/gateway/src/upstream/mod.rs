//! The way out: a small pool of HTTP/2 connections to the frontend that the gateway stands in front of.
//!
//! 1. A call goes out as it came in: path, metadata, `grpc-timeout`, messages, both directions at their own pace. What belongs to
//!    one hop only (`host`, `te`, `connection`, request trailers) does not pass.
//! 2. A call is sent once. Only a request that a connection handed back, unsent or by a GOAWAY that says it was not looked at, is
//!    sent again, on a fresh connection: Temporal's frontend ages its connections out every five minutes, and callers need not notice.
//! 3. Every failure is a gRPC status. The text is plain; addresses and error texts are for the log.
//! 4. A caller that does not read its answer holds a small window of its own, and loses the call when it stays away too long.
//!
//! ```no_run
//! use temporal_gateway::upstream::{Upstream, UpstreamOptions};
//!
//! let upstream = Upstream::new(UpstreamOptions::new("127.0.0.1:7234"));
//! # fn take(_: impl tower_service::Service<http::Request<hyper::body::Incoming>>) {}
//! # take(upstream);
//! ```

mod backoff;
mod body;
mod connect;
mod events;
mod failure;
mod options;
mod pool;
mod request;
mod sender;
mod service;
mod slot;
mod stall;
mod tape;

pub use body::Body;
pub use options::{UpstreamOptions, UpstreamTls};
pub use service::Upstream;
