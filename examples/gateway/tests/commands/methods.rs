//! `methods`.

use std::collections::BTreeSet;

use super::scratch::{Scratch, methods};

const SERVICE: &str = "/temporal.api.workflowservice.v1.WorkflowService";

fn callable(role: &str, scope: &str) -> BTreeSet<String> {
    let out = methods(&["--role", role, "--scope", scope]).unwrap();
    let lines: Vec<String> = out.lines().map(str::to_owned).collect();
    assert!(lines.is_sorted(), "{out}");
    lines.into_iter().collect()
}

#[test]
fn each_role_may_call_its_methods_and_those_of_the_roles_below_it() {
    for (role, scope, method, expected) in [
        ("read", "namespace", "DescribeNamespace", true),
        ("READ", "Namespace", "StartWorkflowExecution", false),
        ("read", "namespace", "ListNamespaces", false),
        ("read", "system", "ListNamespaces", true),
        ("write", "namespace", "StartWorkflowExecution", true),
        ("write", "namespace", "RegisterNamespace", false),
        ("worker", "namespace", "PollWorkflowTaskQueue", false),
        ("worker", "system", "GetSystemInfo", true),
        ("admin", "namespace", "UpdateNamespace", true),
        ("admin", "namespace", "ListNamespaces", false),
    ] {
        let found = callable(role, scope).contains(&format!("{SERVICE}/{method}"));
        assert_eq!(found, expected, "{role} in the {scope}: {method}");
    }
    for scope in ["namespace", "system"] {
        let ladder = ["worker", "read", "write", "admin"].map(|role| callable(role, scope));
        assert!(ladder.windows(2).all(|pair| pair[0].is_subset(&pair[1])));
    }
    // A worker alone may call what everybody may.
    assert_eq!(callable("worker", "system").len(), 2);
}

#[test]
fn the_table_has_every_method_and_who_may_call_it() {
    let out = methods(&[]).unwrap();
    let mut rows: Vec<Vec<&str>> =
        out.lines().map(|line| line.split("  ").filter(|cell| !cell.is_empty()).collect()).collect();
    for row in &mut rows {
        row.iter_mut().for_each(|cell| *cell = cell.trim());
    }
    assert_eq!(rows[0], ["METHOD", "SCOPE", "ACCESS", "ROLES IN THE NAMESPACE", "ROLES IN THE SYSTEM"]);
    assert_eq!(rows.len(), 189);
    for (method, cells) in [
        ("StartWorkflowExecution", ["namespace", "write", "write, admin", "write, admin"]),
        ("DescribeNamespace", ["namespace", "read", "read, write, admin", "read, write, admin"]),
        ("UpdateNamespace", ["namespace", "admin", "admin", "admin"]),
        ("ListNamespaces", ["cluster", "read", "-", "read, write, admin"]),
        ("GetSystemInfo", ["cluster", "read", "everybody", "everybody"]),
    ] {
        let path = format!("{SERVICE}/{method}");
        let row = rows.iter().find(|row| row[0] == path).unwrap();
        assert_eq!(row[1..], cells, "{method}");
    }
}

#[test]
fn methods_of_the_configuration_are_listed_too() {
    let scratch = Scratch::new("methods");
    let methods_of = |access: &str| {
        format!(
            "gateway: {{ authorization: {{ methods: [
  {{ path: /acme.Orders/Create, scope: namespace, access: {access}, namespaceField: 1 }},
  {{ path: /acme.Orders/Watch, scope: namespace, access: {access}, streaming: true }}] }} }}"
        )
    };
    scratch.configure(&methods_of("write"));
    let file = scratch.0.join("gateway.yaml");
    let file = file.to_str().unwrap();
    for (role, scope, create, watch) in
        [("read", "namespace", false, false), ("write", "namespace", true, false), ("write", "system", true, true)]
    {
        let out = methods(&["--config", file, "--role", role, "--scope", scope]).unwrap();
        let listed = |path: &str| out.lines().any(|line| line == path);
        assert_eq!(listed("/acme.Orders/Create"), create, "{role} in the {scope}");
        // It is judged before its request says which namespace it concerns.
        assert_eq!(listed("/acme.Orders/Watch"), watch, "{role} in the {scope}");
    }
    scratch.configure(&methods_of("sideways"));
    let error = methods(&["--config", file]).unwrap_err();
    assert!(error.contains("gateway.yaml:7: key `gateway.authorization.methods[0].access`"), "{error}");
    scratch.write("gateway.yaml", "gateway: { authorization: { allowEveryone: true } }");
    assert!(methods(&["--config", file]).unwrap_err().contains("everybody may call everything"));
}

#[test]
fn a_scope_without_a_role_is_an_error() {
    assert!(methods(&["--scope", "system"]).unwrap_err().contains("--role"));
    assert!(methods(&["--role", "reader"]).unwrap_err().contains("read, write, worker, admin"));
}
