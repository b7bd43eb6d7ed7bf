//! A directory with a signing key, a configuration, and the commands run in it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use clap::Parser;
use temporal_gateway::{
    check::{self, CheckArgs},
    explain::{self, ExplainArgs, Verdict},
    methods::{self, MethodsArgs},
    mint::{MintArgs, mint},
};

#[derive(Parser, Debug)]
enum Command {
    Check(CheckArgs),
    Explain(ExplainArgs),
    Methods(MethodsArgs),
    Mint(MintArgs),
}

/// A directory of this test's own, gone at the end of it.
pub struct Scratch(pub PathBuf);

impl Scratch {
    /// With a configuration `gateway.yaml` that takes the tokens of [`Self::token`].
    pub fn new(name: &str) -> Self {
        let name = format!("commands-{name}-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let scratch = Self(path);
        scratch.configure("");
        scratch
    }

    /// Writes the configuration, with more sections behind `global.authorization`.
    pub fn configure(&self, more: &str) {
        let text = format!(
            "global:
  authorization:
    jwtKeyProvider: {{ keySourceURIs: ['file://{}/keys/jwks.json'], refreshInterval: 1m }}
    authorizer: default
    claimMapper: default
{more}",
            self.0.display()
        );
        self.write("gateway.yaml", &text);
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// A token of alice's, issued so many seconds ago and good for an hour.
    pub fn token(&self, permissions: &[&str], age: u64) -> String {
        let mut words = vec!["x", "mint", "--subject", "alice", "--keys"];
        let keys = self.0.join("keys");
        words.push(keys.to_str().unwrap());
        words.extend(permissions.iter().flat_map(|permission| ["--permission", permission]));
        let Command::Mint(args) = Command::try_parse_from(words).unwrap() else { panic!("not mint") };
        mint(&args, SystemTime::now() - std::time::Duration::from_secs(age)).unwrap().token
    }

    /// What `explain` says and answers.
    pub async fn explain(&self, more: &[&str]) -> Result<(String, Verdict), String> {
        let config = self.0.join("gateway.yaml");
        let words = ["x", "explain", "--config", config.to_str().unwrap()];
        let command = Command::try_parse_from(words.iter().chain(more)).map_err(|error| error.to_string())?;
        let shown = format!("{command:?}");
        let Command::Explain(args) = command else { panic!("not explain") };
        let mut out = Vec::new();
        let verdict = explain::run(&args, &mut out).await.map_err(|error| format!("{error:#}"))?;
        let out = String::from_utf8(out).unwrap();
        for token in more.iter().filter(|word| word.contains("eyJ")) {
            for part in token.trim_start_matches("bearer ").split('.') {
                assert!(!out.contains(part) && !shown.contains(part), "{out}\n{shown}");
            }
        }
        Ok((out, verdict))
    }
}

pub async fn check(file: &Path) -> Result<String, String> {
    let command = Command::try_parse_from(["x", "check", file.to_str().unwrap()]).unwrap();
    let Command::Check(args) = command else { panic!("not check") };
    let mut out = Vec::new();
    check::run(&args, &mut out).await.map_err(|error| format!("{error:#}"))?;
    Ok(String::from_utf8(out).unwrap())
}

pub fn methods(more: &[&str]) -> Result<String, String> {
    let words = ["x", "methods"];
    let command = Command::try_parse_from(words.iter().chain(more)).map_err(|error| error.to_string())?;
    let Command::Methods(args) = command else { panic!("not methods") };
    let mut out = Vec::new();
    methods::run(&args, &mut out).map_err(|error| format!("{error:#}"))?;
    Ok(String::from_utf8(out).unwrap())
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
