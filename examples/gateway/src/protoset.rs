//! `temporal-gateway protoset`: the descriptors of Temporal's services, for clients that have no `.proto` files.
//!
//! Server reflection is a method like any other, so behind the gateway it needs a permission that most callers do not
//! have. With the file written here `grpcurl` needs none:
//!
//! ```sh
//! temporal-gateway protoset --output temporal.protoset
//! grpcurl -plaintext -protoset temporal.protoset 127.0.0.1:7233 \
//!     temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo
//! ```

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;

/// A serialized `google.protobuf.FileDescriptorSet`: the files of WorkflowService, OperatorService, CloudService and
/// the gRPC health service, with every file that they import.
pub const DESCRIPTORS: &[u8] = include_bytes!(env!("TEMPORAL_DESCRIPTORS"));

/// Arguments of `temporal-gateway protoset`.
#[derive(Args, Clone, Debug, Default)]
pub struct ProtosetArgs {
    /// File to write, replaced if it exists. Standard output if not given.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Writes [`DESCRIPTORS`] to the file that `args` names, or to `out` when it names none.
///
/// # Errors
/// The file cannot be written; the message names it.
pub fn run(args: &ProtosetArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    match args.output.as_deref() {
        Some(path) => write_file(path),
        None => out.write_all(DESCRIPTORS).context("writing the descriptors"),
    }
}

fn write_file(path: &Path) -> anyhow::Result<()> {
    fs::write(path, DESCRIPTORS).with_context(|| format!("writing {}", path.display()))
}
