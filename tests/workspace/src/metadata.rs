//! What Cargo says about the packages of a workspace.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};
use serde::Deserialize;

/// A workspace, as `cargo metadata --no-deps` tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct Metadata {
    /// Its members.
    pub packages: Vec<Package>,
    /// Its folder.
    pub workspace_root: PathBuf,
}

/// A member of the workspace.
#[derive(Debug, Clone, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its `Cargo.toml`.
    pub manifest_path: PathBuf,
    /// What its manifest asks for, of every kind.
    pub dependencies: Vec<Dependency>,
    /// Its features, and what each one turns on.
    pub features: BTreeMap<String, Vec<String>>,
}

/// One dependency that a manifest names.
#[derive(Debug, Clone, Deserialize)]
pub struct Dependency {
    /// The package's own name, whatever the manifest calls it.
    pub name: String,
    /// `dev`, `build`, or nothing for a normal one.
    pub kind: Option<String>,
    /// Whether a feature has to ask for it.
    pub optional: bool,
}

impl Metadata {
    /// This workspace. The Cargo that runs the tests is asked (else the one in `PATH`), and asks no network.
    ///
    /// # Errors
    ///
    /// When Cargo cannot be run, fails, or answers something else.
    pub fn of_this_workspace() -> anyhow::Result<Self> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(&cargo)
            .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .with_context(|| format!("cannot run {}", cargo.display()))?;
        ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).context("cargo metadata")
    }
}

impl Package {
    /// The package's folder, seen from the workspace's. Outside it, the whole path.
    #[must_use]
    pub fn folder(&self, workspace_root: &Path) -> &Path {
        let folder = self.manifest_path.parent().unwrap_or(&self.manifest_path);
        folder.strip_prefix(workspace_root).unwrap_or(folder)
    }
}
