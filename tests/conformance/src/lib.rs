//! Runs directories of conformance vectors through the crates, as data: nothing here knows a single case.
//!
//! A directory holds `claims.json`, `authorizer.json`, `interceptor.json` and the `jwks.json` of their tokens. A file or
//! a field that is not known fails the run, so that no vector is skipped in silence.

mod authorizer;
mod claims;
mod interceptor;

use std::{
    env, fmt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use temporal_key_provider::{JwksKeyProvider, Source};

/// What became of the cases of one file.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases that ran.
    pub ran: usize,
    /// Cases that a deliberate difference excludes, with its name.
    pub skipped: Vec<(String, &'static str)>,
    /// Cases that came out differently.
    pub differences: Vec<Difference>,
}

/// One case that came out differently.
#[derive(Debug)]
pub struct Difference {
    /// The case.
    pub name: String,
    /// What Temporal answered.
    pub expected: String,
    /// What came here.
    pub came: String,
}

impl Report {
    fn compare(&mut self, name: impl Into<String>, expected: &impl fmt::Debug, came: &impl fmt::Debug, equal: bool) {
        self.ran += 1;
        if !equal {
            let (expected, came) = (format!("{expected:?}"), format!("{came:?}"));
            self.differences.push(Difference { name: name.into(), expected, came });
        }
    }
}

/// The directories to run: the committed ones, then those of `CONFORMANCE_VECTORS`, separated by `:`, absolute or
/// relative to the workspace.
pub fn directories() -> Vec<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = package.ancestors().nth(2).unwrap_or(package);
    let named = env::var_os("CONFORMANCE_VECTORS").unwrap_or_default();
    let named = env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()).map(|path| workspace.join(path));
    std::iter::once(package.join("vectors/v1")).chain(named.collect::<Vec<_>>()).collect()
}

/// Runs every file of a directory; the reports stand beside the files' names.
pub async fn run(directory: &Path) -> Result<Vec<(&'static str, Report)>> {
    for entry in directory.read_dir().with_context(|| format!("{}", directory.display()))? {
        let name = entry?.file_name();
        if !["jwks.json", "claims.json", "authorizer.json", "interceptor.json"].iter().any(|known| name == *known) {
            bail!("{}: a file that the runner does not know: {name:?}", directory.display());
        }
    }
    let keys = keys(directory).await?;
    Ok(vec![
        ("claims.json", claims::run(read(directory, "claims.json")?, &keys).await?),
        ("authorizer.json", authorizer::run(read(directory, "authorizer.json")?)?),
        ("interceptor.json", interceptor::run(read(directory, "interceptor.json")?, &keys).await?),
    ])
}

async fn keys(directory: &Path) -> Result<JwksKeyProvider> {
    let path = directory.join("jwks.json").canonicalize()?;
    let url = url::Url::from_file_path(&path).map_err(|()| anyhow::anyhow!("{} is no file path", path.display()))?;
    Ok(JwksKeyProvider::builder().source(url.as_str().parse::<Source>()?).build().await?)
}

fn read<T: DeserializeOwned>(directory: &Path, file: &str) -> Result<Vec<T>> {
    let path = directory.join(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{}", path.display()))
}
