//! Keys from JWKS sources: what a source is, how it is fetched, and the life cycle of its keys.

mod address;
mod builder;
mod discovery;
mod document;
mod error;
mod fetch;
mod file;
mod gate;
mod http;
mod provider;
mod registry;
mod source;
mod source_state;
mod status;
mod task;

pub use builder::{JwksKeyProviderBuilder, Start};
pub use error::{BuildError, LoadError};
pub use provider::JwksKeyProvider;
pub use source::{Source, SourceError};
pub use status::SourceStatus;
