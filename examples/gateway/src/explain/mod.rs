//! `temporal-gateway explain`: would this caller be allowed this call, and why?
//!
//! ```sh
//! temporal-gateway explain --config gateway.yaml --token-file token.txt \
//!     --method StartWorkflowExecution --namespace payments
//! ```
//!
//! The credentials are judged by the claim mapper and the guard that `serve` would make from the same file, with keys
//! loaded from the same sources. Each check is a line; the last line is the verdict. What only a request's body can tell
//! (its size, commands to other namespaces) is not judged.
//!
//! A token is never shown, and neither is any part of it but the claims that are judged.

mod command;
mod credentials;
mod evidence;
mod judgement;
mod method_name;
mod report;
mod roles;

pub use command::{ExplainArgs, TokenText, Verdict, run};
