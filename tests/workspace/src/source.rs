//! What the files themselves must be like.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// Longer files hold more than one subject.
const MAX_LINES: usize = 500;

/// A Rust file of the workspace.
#[derive(Debug, Clone)]
pub struct Source {
    /// Seen from the folder of the workspace.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

impl Source {
    /// Every `.rs` file under `folder` of the workspace in `root`.
    ///
    /// # Errors
    ///
    /// When a folder or a file cannot be read; the message names it.
    pub fn all_under(root: &Path, folder: &str) -> anyhow::Result<Vec<Self>> {
        let mut found = Vec::new();
        let mut folders = vec![root.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                    let path = path.strip_prefix(root).unwrap_or(&path).to_owned();
                    found.push(Self { path, text });
                }
            }
        }
        Ok(found)
    }
}

/// The files of more than 500 lines.
#[must_use]
pub fn too_long(sources: &[Source]) -> Vec<&Path> {
    paths(sources, |source| source.text.lines().count() > MAX_LINES)
}

/// The files of the interceptor whose code names the crates behind its feature `config`, and are not its configuration.
/// Documentation may name them in an example.
#[must_use]
pub fn names_defaults_outside_config(sources: &[Source]) -> Vec<&Path> {
    paths(sources, |source| {
        source.path.starts_with("crates/interceptor/src")
            && !source.path.starts_with("crates/interceptor/src/config")
            && code(&source.text)
                .any(|line| ["temporal_claim_mapper", "temporal_key_provider"].iter().any(|name| line.contains(name)))
    })
}

/// Whether a manifest takes the workspace's lints as they are.
#[must_use]
pub fn inherits_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
    lines.by_ref().take_while(|line| !line.starts_with('[')).any(|line| line == "workspace = true")
}

/// The lines that are not comments from their beginning.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn paths(sources: &[Source], wrong: impl Fn(&Source) -> bool) -> Vec<&Path> {
    sources.iter().filter(|source| wrong(source)).map(|source| source.path.as_path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    #[test]
    fn five_hundred_lines_are_not_too_long_and_one_more_is() {
        let sources = [source("long.rs", &"\n".repeat(501)), source("short.rs", &"\n".repeat(500))];
        assert_eq!(too_long(&sources), [Path::new("long.rs")]);
    }

    #[test]
    fn only_the_configuration_of_the_interceptor_names_the_defaults() {
        let text = "use temporal_key_provider::Keys;";
        let wrong = ["crates/interceptor/src/lib.rs", "crates/interceptor/src/configure.rs"];
        let right = ["crates/interceptor/src/config/file.rs", "crates/claim-mapper/src/lib.rs"];
        let mut sources = wrong.iter().chain(&right).map(|path| source(path, text)).collect::<Vec<_>>();
        sources.push(source("crates/interceptor/src/layer.rs", &format!("//! ```\n//! {text}\n//! ```\n")));
        assert_eq!(names_defaults_outside_config(&sources), wrong.map(Path::new));
    }

    #[test]
    fn lints_are_inherited_only_as_a_whole() {
        let cases = [
            ("[package]\n[lints]\nworkspace = true\n", true),
            ("[lints]\nworkspace = true\n[features]\n", true),
            ("[package]\nversion.workspace = true\n", false),
            ("[lints.rust]\nunsafe_code = \"allow\"\n", false),
            ("[lints]\n[dependencies.http]\nworkspace = true\n", false),
        ];
        for (manifest, inherited) in cases {
            assert_eq!(inherits_lints(manifest), inherited, "{manifest}");
        }
    }
}
