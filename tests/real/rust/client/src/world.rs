//! The world the program runs in: addresses, certificates and the token service, as `world.json` names them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::http;

/// The namespace this program works in.
pub const NAMESPACE: &str = "sdk-rust";
/// What a worker and a client that starts workflows need, exactly.
pub const WRITE: &str = "sdk-rust:write";
/// What a client that only looks needs, exactly.
pub const READ: &str = "sdk-rust:read";
/// A writer, but of another namespace.
pub const OTHER_WRITE: &str = "other:write";
/// Seconds that no run of this program reaches.
pub const AN_HOUR: i64 = 3600;

/// The fields of `world.json` that this program uses. Addresses are `host:port`, certificates and keys are PEM files.
#[derive(Debug, Deserialize)]
pub struct World {
    pub direct: String,
    pub plain: String,
    pub tls: String,
    pub mtls: String,
    pub server_name: String,
    pub ca: PathBuf,
    pub wrong_ca: PathBuf,
    pub worker_cert: PathBuf,
    pub worker_key: PathBuf,
    pub unmapped_cert: PathBuf,
    pub unmapped_key: PathBuf,
    pub stranger_cert: PathBuf,
    pub stranger_key: PathBuf,
    tokens: String,
}

impl World {
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("cannot parse {}", path.display()))
    }

    /// A token with one permission, `namespace:role`, that expires `ttl` seconds from now; negative: expired already.
    pub async fn token(&self, permission: &str, ttl: i64) -> Result<String> {
        let url = format!("{}?permission={permission}&ttl={ttl}&sub={NAMESPACE}", self.tokens);
        let token = http::get(&url).await.context("token service")?;
        let token = token.trim().to_owned();
        ensure!(token.starts_with("ey"), "the token service sent no JWT");
        Ok(token)
    }
}
