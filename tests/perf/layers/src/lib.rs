//! What authorization adds to a call inside one process.
//!
//! The call is a StartWorkflowExecution of 2 KB to a [`Frontend`], a tonic service that decodes it and answers an empty
//! message. There are no sockets and no HTTP/2: a request is made, the tower service is called, and its answer is read to
//! the trailers, all on one thread. The same is done
//!
//! - without authorization,
//! - with this repository's layer and one token, which is in its cache after the first call,
//! - with this repository's layer and a token that it has never seen, for each call,
//! - with `jwt-authorizer`, which verifies the token of each call and knows neither roles nor namespaces.
//!
//! Two programs print a line for each: `cpu DIR SECONDS` the nanoseconds of a call, `allocations DIR` how often it
//! allocates. `DIR` holds `body`, the request with its frame, and for each algorithm a folder with `jwks.json`, `tokens`
//! (a good one a line) and `expired`. Each call that is measured is checked: status 0, and seen by the service.
//!
//! A third, `server`, has the service on a socket, with the layer or without.

mod case;
mod drive;
mod frontend;
mod refusable;

pub use case::{Case, cases, layer};
pub use frontend::Frontend;

/// Anything that goes wrong ends the program.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
