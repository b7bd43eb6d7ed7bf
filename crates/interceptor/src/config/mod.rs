//! The configuration that assembles mapper, authorizer, keys and limits: the YAML that Temporal's own server reads.
//!
//! [`AuthorizationConfig`] reads a whole server configuration. Of Temporal's sections `global.authorization`,
//! `global.tls.{frontend, refreshInterval, expirationChecks}` and `dynamicConfigClient` are read; what Temporal has no
//! key for stands under `gateway`; every other section is left alone and listed. What an operator wrote wrong is an error
//! when the file is read, with its key, its line and a hint, and never a word of the file's other contents.
//!
//! ```no_run
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! use temporal_interceptor::config::AuthorizationConfig;
//!
//! let config = AuthorizationConfig::from_file("config/production.yaml")?;
//! let layer = config.build().await?;
//! # let _ = layer; Ok(())
//! # }
//! ```

mod assemble;
mod authorization;
mod certificates;
mod duration;
mod dynamic;
mod dynamic_read;
mod dynamic_settings;
mod error;
mod file;
mod gateway;
mod headers;
mod ignored;
mod issuers;
mod judge;
mod limits;
mod lines;
mod methods;
mod nearest;
mod observe;
mod problems;
mod profile;
mod raw;
mod summary;
mod template;
mod tls;
mod tls_read;
mod token_mapper;
mod yaml;

pub use assemble::{BuildError, Built};
pub use authorization::{Authorization, Plugin};
pub use dynamic::DynamicConfig;
pub use dynamic_settings::DynamicSettings;
pub use error::{ConfigError, Problem};
pub use file::{AuthorizationConfig, DynamicConfigClient};
pub use gateway::{Gateway, Upstream};
pub use issuers::Issuer;
pub use judge::Judge;
pub use limits::AllLimits;
pub use profile::{CrossNamespaceCommands, Policy, Profile};
pub use tls::{ClientCertificates, ClientTls, ExpirationChecks, FrontendTls, PemSource, ServerTls};
