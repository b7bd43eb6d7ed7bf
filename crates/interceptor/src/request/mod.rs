//! What a unary call wants to do, found in the bytes of its body without decoding them.
//!
//! Two steps. [`unframe`] takes the one message out of a gRPC body and inflates it when it is compressed; it also says
//! which body to forward, so that the bytes judged are the bytes that the handler gets. [`scan`] walks the message and
//! finds the namespace, the commands to other namespaces and the namespaces of embedded operations.
//!
//! The scanner finds what a protobuf decoder finds, on every input that the decoder accepts:
//!
//! 1. The last occurrence of a field counts. A judge that took the first would judge one namespace, and the handler
//!    serve another.
//! 2. A message that occurs again is merged; another member of a oneof replaces it; enums are cut to 32 bits.
//! 3. What no decoder accepts is refused, at the top level and in each message that is descended into. A field that is
//!    looked for and has another wire type is refused too: some decoders skip it and some do not.
//! 4. What lies deeper is skipped. If it is malformed the handler refuses it itself.
//!
//! ```
//! use bytes::Bytes;
//! use temporal_authz::MethodTable;
//! use temporal_interceptor::{Limits, request::{scan, unframe}};
//!
//! let methods = MethodTable::temporal();
//! let start = methods.find("/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution");
//!
//! // Flag 0, length 13, then the field `namespace` (number 1, a string of 4 bytes) and a workflow id.
//! let body = Bytes::from_static(b"\0\0\0\0\x0d\x0a\x04shop\x12\x05order");
//! let framed = unframe(body.clone(), &http::HeaderMap::new(), 4 << 20)?;
//! assert_eq!(framed.body(), &body);
//! assert_eq!(scan(start, framed.message(), &Limits::default())?.namespace(), "shop");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod commands;
mod frame;
mod inflate;
mod operations;
mod scan;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "test code")]
mod tests;
mod wire;

pub use commands::CommandTarget;
pub use frame::{FrameError, Framed, PREFIX_BYTES, unframe};
pub use scan::{ScanError, Scanned, scan, scan_without_commands};
pub use wire::WireError;
