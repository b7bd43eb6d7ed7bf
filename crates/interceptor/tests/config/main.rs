//! Configuration files: good ones, wrong ones, and the layers that come of them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "test code"
)]

mod files;
mod running;
mod wrong;

use temporal_interceptor::config::{AuthorizationConfig, ConfigError};

const GOOD: &str = r#"global:
  authorization:
    jwtKeyProvider: { keySourceURIs: ["https://issuer.example/jwks.json"] }
    authorizer: default
    claimMapper: default
"#;

fn data(name: &str) -> String {
    format!("{}/tests/data/config/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn read(more: &str) -> Result<AuthorizationConfig, ConfigError> {
    AuthorizationConfig::from_yaml(&format!("{GOOD}{more}"), "")
}
