//! A configuration: read again it is the same, a comment in front of it moves its lines and nothing else, no error repeats
//! what stands in a section for others, and two ways to write the same are the same.
//!
//! An input that begins with a zero byte describes a configuration out of known keys; any other is a text.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{
    arbitrary::{Arbitrary as _, Unstructured},
    fuzz_target,
};
use temporal_authz::{MethodInfo, MethodTable};
use temporal_fuzz::yaml::Tree;
use temporal_interceptor::config::{AuthorizationConfig, ConfigError, Problem};

static TEMPORAL: LazyLock<MethodTable> = LazyLock::new(MethodTable::temporal);

const SECRET: &str = "zebra4711";

/// All that was read, and what was remarked, with its lines.
#[derive(Debug, PartialEq, Eq)]
struct Reading {
    config: Option<String>,
    ignored: Vec<String>,
    remarks: Vec<(Option<u64>, String, String)>,
}

fn read(text: &str) -> Reading {
    let remarks = |problems: &[Problem]| {
        problems.iter().map(|it| (it.line(), it.key().to_owned(), it.reason().to_owned())).collect()
    };
    match AuthorizationConfig::from_yaml(text, "base") {
        Ok(config) => Reading {
            config: Some(whole(&config)),
            ignored: config.ignored_sections().to_vec(),
            remarks: remarks(config.warnings()),
        },
        Err(error @ ConfigError::Invalid { .. }) => {
            let shown = error.to_string();
            let ConfigError::Invalid { problems } = error else { unreachable!() };
            assert!(!problems.is_empty() && shown.starts_with("configuration:"), "{shown:?}");
            Reading { config: None, ignored: Vec::new(), remarks: remarks(&problems) }
        }
        Err(error) => panic!("no file was read: {error}"),
    }
}

fn whole(config: &AuthorizationConfig) -> String {
    let profile = config.profile();
    // The table itself is in no order, and Temporal's own rows are always there.
    let mut methods: Vec<&MethodInfo> =
        profile.methods.iter().filter(|row| TEMPORAL.find(row.path()) != *row).collect();
    methods.sort_by_key(|row| row.path());
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {methods:?} {:?} {:?} {:?} {:?}",
        config.authorization(),
        profile.policy,
        profile.issuers,
        profile.mode,
        profile.certificates,
        profile.cross_namespace_commands,
        config.gateway(),
        config.frontend_tls(),
        config.limits(),
        config.dynamic_config_client(),
    )
}

fn text(text: &str) {
    let reading = read(text);
    assert_eq!(read(text), reading);
    let lines = text.split(['\n', '\r']).count() as u64;
    assert!(reading.remarks.iter().all(|(line, ..)| line.is_none_or(|line| (1..=lines + 1).contains(&line))));
    // A byte order mark is one at the beginning alone, and a directive of YAML wants to be the first.
    if text.starts_with(['\u{feff}', '%']) {
        return;
    }
    let mut moved = read(&format!("# a comment\n{text}"));
    for (line, ..) in &mut moved.remarks {
        *line = line.map(|line| line - 1);
    }
    assert_eq!(moved, reading);
    if !text.contains(SECRET) {
        let beside = read(&format!("others: {{ password: {SECRET} }}\n{text}"));
        assert!(beside.remarks.iter().all(|(_, key, reason)| !key.contains(SECRET) && !reason.contains(SECRET)));
    }
}

fn tree(tree: &Tree) {
    let (mut flow, mut indented) = (read(&tree.flow()), read(&tree.indented()));
    for (line, ..) in flow.remarks.iter_mut().chain(&mut indented.remarks) {
        *line = None;
    }
    assert_eq!(flow, indented, "{}", tree.flow());
}

fuzz_target!(|data: &[u8]| {
    if let Some(description) = data.strip_prefix(b"\0") {
        if let Ok(described) = Tree::arbitrary_take_rest(Unstructured::new(description)) {
            tree(&described);
        }
    } else if let Ok(configuration) = std::str::from_utf8(data) {
        text(configuration);
    }
});
