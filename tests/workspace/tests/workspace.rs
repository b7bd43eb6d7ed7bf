//! This workspace, held against its own rules.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::{fs, path::Path};

use workspace::{Metadata, Source, inherits_lints, names_defaults_outside_config, too_long, wrong_arrows};

/// What a newcomer types, and the checks too.
const RUN: &str = "cargo run --release -p temporal-gateway";
const TEST: &str = "cargo test --workspace";

fn metadata() -> Metadata {
    Metadata::of_this_workspace().unwrap()
}

fn sources(root: &Path) -> Vec<Source> {
    let sources = ["crates", "examples"].map(|folder| Source::all_under(root, folder).unwrap()).concat();
    assert!(sources.iter().any(|source| source.path == Path::new("crates/authz/src/lib.rs")), "files are found");
    sources
}

fn read(root: &Path, file: &str) -> String {
    fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn no_dependency_points_the_wrong_way() {
    let metadata = metadata();
    for name in ["temporal-authz", "temporal-key-provider", "temporal-claim-mapper", "temporal-interceptor"] {
        assert!(metadata.packages.iter().any(|package| package.name == name), "{name} is a member");
    }
    assert_eq!(wrong_arrows(&metadata), [""; 0]);
}

#[test]
fn only_the_configuration_of_the_interceptor_names_the_default_mapper_and_keys() {
    let sources = sources(&metadata().workspace_root);
    assert_eq!(names_defaults_outside_config(&sources), Vec::<&Path>::new());
}

#[test]
fn unsafe_code_is_forbidden_and_every_crate_and_example_inherits_the_lints() {
    let metadata = metadata();
    let root = read(&metadata.workspace_root, "Cargo.toml");
    let lints = root.split("[workspace.lints.rust]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap();
    assert!(lints.lines().any(|line| line == "unsafe_code = \"forbid\""), "{lints}");
    for package in &metadata.packages {
        let folder = package.folder(&metadata.workspace_root);
        if folder.starts_with("crates") || folder.starts_with("examples") {
            let manifest = fs::read_to_string(&package.manifest_path).unwrap();
            assert!(inherits_lints(&manifest), "{} has lints of its own", package.name);
        }
    }
}

#[test]
fn no_file_is_longer_than_five_hundred_lines() {
    let sources = sources(&metadata().workspace_root);
    assert_eq!(too_long(&sources), Vec::<&Path>::new());
}

#[test]
fn the_readme_names_the_two_commands_and_the_checks_run_them() {
    let root = metadata().workspace_root;
    let (readme, checks) = (read(&root, "README.md"), read(&root, ".ci/run"));
    for command in [RUN, TEST] {
        assert!(readme.contains(command), "README.md does not say `{command}`");
        let runs = |line: &str| line.starts_with("step ") && line.contains(command);
        assert!(checks.lines().any(runs), ".ci/run does not run `{command}`");
    }
}
