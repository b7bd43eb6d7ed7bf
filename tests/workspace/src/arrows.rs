//! Who may depend on whom.

use crate::{Dependency, Metadata, Package};

/// What one crate may use.
struct Rule {
    package: &'static str,
    /// Members of the workspace.
    may: &'static [&'static str],
    /// Members that it may use too, when they are optional and only the feature `config`, on by default, asks for them.
    behind_config: &'static [&'static str],
    /// Packages from elsewhere that it keeps free of, with those whose names they begin.
    never: &'static [&'static str],
}

const RULES: [Rule; 4] = [
    Rule { package: "temporal-authz", may: &[], behind_config: &[], never: &["hyper", "reqwest", "tokio", "tonic"] },
    Rule { package: "temporal-key-provider", may: &[], behind_config: &[], never: &[] },
    Rule {
        package: "temporal-claim-mapper",
        may: &["temporal-authz", "temporal-key-provider"],
        behind_config: &[],
        never: &[],
    },
    Rule {
        package: "temporal-interceptor",
        may: &["temporal-authz"],
        behind_config: &["temporal-claim-mapper", "temporal-key-provider"],
        never: &[],
    },
];

/// Where a package lives, which says what it is.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Crates,
    Examples,
    Tests,
    Elsewhere,
}

/// Every dependency that points the wrong way, one line each. Dev-dependencies do not count: they reach no user.
#[must_use]
pub fn wrong_arrows(metadata: &Metadata) -> Vec<String> {
    metadata.packages.iter().flat_map(|package| wrong_in(metadata, package)).collect()
}

fn wrong_in(metadata: &Metadata, package: &Package) -> Vec<String> {
    let name = &package.name;
    let dependencies = package.dependencies.iter().filter(|dependency| dependency.kind.as_deref() != Some("dev"));
    match place(metadata, package) {
        Place::Crates => match RULES.iter().find(|rule| rule.package == name) {
            Some(rule) => dependencies.filter_map(|to| wrong_for_crate(metadata, package, rule, to)).collect(),
            None => vec![format!("{name} has no rule")],
        },
        Place::Examples => dependencies
            .filter(|to| member(metadata, to).is_some_and(|to| place(metadata, to) == Place::Tests))
            .map(|to| format!("{name} depends on {}", to.name))
            .collect(),
        Place::Tests => Vec::new(),
        Place::Elsewhere => vec![format!("{name} is not under crates, examples or tests")],
    }
}

fn wrong_for_crate(metadata: &Metadata, package: &Package, rule: &Rule, to: &Dependency) -> Option<String> {
    let wanted = to.name.as_str();
    let allowed = if rule.behind_config.contains(&wanted) {
        return only_for_config(package, to).err();
    } else if member(metadata, to).is_some() {
        rule.may.contains(&wanted)
    } else {
        !rule.never.iter().any(|never| is_of_family(wanted, never))
    };
    (!allowed).then(|| format!("{} depends on {wanted}", package.name))
}

/// Whether nothing but the feature `config` asks for the dependency, and `default` asks for `config`.
fn only_for_config(package: &Package, to: &Dependency) -> Result<(), String> {
    let (name, wanted) = (&package.name, &to.name);
    if !to.optional {
        return Err(format!("{name} depends on {wanted} without its feature config"));
    }
    let enables = |entry: &String| {
        let entry = entry.strip_prefix("dep:").unwrap_or(entry);
        entry == wanted || entry.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.starts_with('/'))
    };
    if let Some((other, _)) = package.features.iter().find(|(key, on)| *key != "config" && on.iter().any(enables)) {
        return Err(format!("{name} depends on {wanted} by its feature {other}"));
    }
    match package.features.get("default") {
        Some(on) if on.iter().any(|entry| entry == "config") => Ok(()),
        _ => Err(format!("{name} has a feature config that is not default")),
    }
}

/// `tokio` is of the family `tokio`, and so is `tokio-util`.
fn is_of_family(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn member<'a>(metadata: &'a Metadata, dependency: &Dependency) -> Option<&'a Package> {
    metadata.packages.iter().find(|package| package.name == dependency.name)
}

fn place(metadata: &Metadata, package: &Package) -> Place {
    let folder = package.folder(&metadata.workspace_root);
    match folder.components().next().map(|first| first.as_os_str().to_string_lossy()).as_deref() {
        Some("crates") => Place::Crates,
        Some("examples") => Place::Examples,
        Some("tests") => Place::Tests,
        _ => Place::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, folder: &str, dependencies: &[&str]) -> Package {
        Package {
            name: name.into(),
            manifest_path: format!("/w/{folder}/Cargo.toml").into(),
            dependencies: dependencies.iter().map(|name| dependency(name)).collect(),
            features: [].into(),
        }
    }

    fn dependency(name: &str) -> Dependency {
        Dependency { name: name.into(), kind: None, optional: false }
    }

    /// A workspace with every arrow that there may be.
    fn right() -> Metadata {
        let crates = ["temporal-authz", "temporal-key-provider", "temporal-claim-mapper", "temporal-interceptor"];
        let mut interceptor = package(crates[3], "crates/interceptor", &["tonic", crates[0], crates[1], crates[2]]);
        for optional in &mut interceptor.dependencies[2..] {
            optional.optional = true;
        }
        let config = [crates[1], crates[2]].map(|name| format!("dep:{name}")).to_vec();
        interceptor.features = [("config".into(), config), ("default".into(), vec!["config".into()])].into();
        let packages = vec![
            package(crates[0], "crates/authz", &["http"]),
            package(crates[1], "crates/key-provider", &["tokio", "reqwest"]),
            package(crates[2], "crates/claim-mapper", &[crates[0], crates[1]]),
            interceptor,
            package("gateway", "examples/gateway", &crates),
            package("embedded", "examples/embedded", &["gateway", "tonic"]),
            package("conformance", "tests/conformance", &["gateway", crates[0], crates[1], crates[2], crates[3]]),
        ];
        Metadata { packages, workspace_root: "/w".into() }
    }

    fn named<'a>(metadata: &'a mut Metadata, name: &str) -> &'a mut Package {
        metadata.packages.iter_mut().find(|package| package.name == name).unwrap()
    }

    #[test]
    fn the_arrows_of_the_architecture_are_right() {
        assert_eq!(wrong_arrows(&right()), [""; 0]);
    }

    #[test]
    fn an_arrow_that_points_the_wrong_way_is_named() {
        let cases = [
            ("temporal-authz", "temporal-key-provider"),
            ("temporal-authz", "temporal-interceptor"),
            ("temporal-authz", "gateway"),
            ("temporal-authz", "tonic"),
            ("temporal-authz", "tokio"),
            ("temporal-authz", "tokio-util"),
            ("temporal-authz", "reqwest"),
            ("temporal-authz", "hyper"),
            ("temporal-key-provider", "temporal-authz"),
            ("temporal-key-provider", "temporal-claim-mapper"),
            ("temporal-claim-mapper", "temporal-interceptor"),
            ("temporal-claim-mapper", "conformance"),
            ("temporal-interceptor", "gateway"),
            ("gateway", "conformance"),
        ];
        for (from, to) in cases {
            for kind in [None, Some("build")] {
                let mut workspace = right();
                let arrow = Dependency { kind: kind.map(Into::into), ..dependency(to) };
                named(&mut workspace, from).dependencies.push(arrow);
                assert_eq!(wrong_arrows(&workspace), [format!("{from} depends on {to}")]);
            }
            let mut workspace = right();
            let arrow = Dependency { kind: Some("dev".into()), ..dependency(to) };
            named(&mut workspace, from).dependencies.push(arrow);
            assert_eq!(wrong_arrows(&workspace), [""; 0], "{from} uses {to} in its tests alone");
        }
    }

    #[test]
    fn a_name_that_only_looks_like_a_banned_one_is_right() {
        let mut workspace = right();
        named(&mut workspace, "temporal-authz").dependencies.push(dependency("hyperloglog"));
        assert_eq!(wrong_arrows(&workspace), [""; 0]);
    }

    #[test]
    fn the_interceptor_has_its_defaults_by_its_feature_config_alone() {
        let on = |entry: &str| vec![entry.to_owned()];
        let mapper = "temporal-claim-mapper";
        type Change = Box<dyn Fn(&mut Package)>;
        let always = format!("temporal-interceptor depends on {mapper} without its feature config");
        let by_other = format!("temporal-interceptor depends on {mapper} by its feature other");
        let cases: [(Change, Option<String>); 6] = [
            (Box::new(|package| package.dependencies[3].optional = false), Some(always)),
            (insert("other", on("dep:temporal-claim-mapper")), Some(by_other.clone())),
            (insert("other", on("temporal-claim-mapper")), Some(by_other.clone())),
            (insert("other", on("temporal-claim-mapper/extra")), Some(by_other)),
            (insert("other", on("temporal-claim-mapper?/extra")), None),
            (
                insert("default", Vec::new()),
                Some("temporal-interceptor has a feature config that is not default".into()),
            ),
        ];
        for (number, (change, wrong)) in cases.iter().enumerate() {
            let mut workspace = right();
            change(named(&mut workspace, "temporal-interceptor"));
            // The feature that is not default is said of both dependencies.
            let mut found = wrong_arrows(&workspace);
            found.dedup();
            assert_eq!(found, Vec::from_iter(wrong.clone()), "case {number}");
        }

        fn insert(feature: &'static str, on: Vec<String>) -> Change {
            Box::new(move |package| drop(package.features.insert(feature.into(), on.clone())))
        }
    }

    #[test]
    fn a_crate_that_nobody_wrote_a_rule_for_is_named() {
        let mut workspace = right();
        workspace.packages.push(package("temporal-new", "crates/new", &[]));
        workspace.packages.push(package("stray", "tools/stray", &[]));
        assert_eq!(
            wrong_arrows(&workspace),
            ["temporal-new has no rule", "stray is not under crates, examples or tests"]
        );
    }
}
