//! A Temporal frontend in memory: namespaces and workflow executions that can really be registered, started,
//! described, listed, signalled and terminated. No worker ever gets a task from it, so nothing runs and nothing
//! completes by itself.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use temporal_gateway::demo::frontend::{Frontend, serve};
//!
//! let frontend = Frontend::new(["default", "payments"]);
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! tokio::spawn(serve(listener, frontend.clone(), std::future::pending()));
//! // … call it …
//! let reached = frontend.calls("/temporal.api.workflowservice.v1.WorkflowService/ListNamespaces");
//! # Ok(())
//! # }
//! ```
//!
//! It speaks gRPC by hand (temporalio-protos has messages and no server traits): one unary message in, one out, both
//! uncompressed. What it keeps is bounded in number and in bytes; past that it answers RESOURCE_EXHAUSTED. Answers and
//! error messages are worded as Temporal words them, so that its CLI and SDKs take them for a server's.
//!
//! Left out, and answered with UNIMPLEMENTED: everything that needs a worker (queries, updates, results), schedules,
//! search attributes, and the health service's `Watch`.

mod dispatch;
mod executions;
mod failure;
mod history;
mod namespaces;
mod serve;
mod service;
mod start;
mod system;
mod visibility;
mod wire;
mod world;

pub use serve::serve;
pub use service::Frontend;
pub use wire::ReplyBody;
