//! Which method is meant.

use anyhow::bail;
use temporal_authz::{Escaped, MethodTable, is_method_path};

/// How many names an error lists.
const LISTED: usize = 8;

/// The full path of the method that `name` means: a full path as it is, listed or not; else the one method of the table
/// with this name (`ListClusters`) or with the end of this service's name (`OperatorService/ListClusters`).
///
/// # Errors
/// A path that is none; a name that several methods have, or none has. The message names the methods that may be meant.
pub(super) fn resolve(name: &str, methods: &MethodTable) -> anyhow::Result<String> {
    if name.starts_with('/') {
        if !is_method_path(name) {
            bail!("--method {}: no method path: write /package.Service/Method", Escaped(name));
        }
        return Ok(name.to_owned());
    }
    let ends = [format!("/{name}"), format!(".{name}")];
    let named = listed(methods, |path| ends.iter().any(|end| path.ends_with(end.as_str())));
    if let [path] = named.as_slice() {
        return Ok((*path).to_owned());
    }
    let full = format!("/{name}");
    if named.contains(&full.as_str()) || (named.is_empty() && is_method_path(&full)) {
        return Ok(full);
    }
    if !named.is_empty() {
        bail!("--method {}: several methods have this name: {}", Escaped(name), named.join(", "));
    }
    let wanted = name.to_ascii_lowercase();
    let mut near = listed(methods, |path| !wanted.is_empty() && path.to_ascii_lowercase().contains(&wanted));
    near.truncate(LISTED);
    match near.as_slice() {
        [] => bail!("--method {}: unknown: `temporal-gateway methods` lists the known ones", Escaped(name)),
        near => bail!("--method {}: unknown: did you mean {}?", Escaped(name), near.join(", ")),
    }
}

/// The paths for which `wanted` is true, sorted.
fn listed(methods: &MethodTable, wanted: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut paths: Vec<&str> = methods.iter().map(|method| method.path()).filter(|path| wanted(path)).collect();
    paths.sort_unstable();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_named_by_its_path_or_by_an_unambiguous_end_of_it() {
        let methods = MethodTable::temporal();
        let start = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
        let clusters = "/temporal.api.operatorservice.v1.OperatorService/ListClusters";
        for (name, path) in [
            (start, start),
            (start.trim_start_matches('/'), start),
            ("WorkflowService/StartWorkflowExecution", start),
            ("StartWorkflowExecution", start),
            ("OperatorService/ListClusters", clusters),
            ("/acme.Orders/Create", "/acme.Orders/Create"),
            ("acme.Orders/Create", "/acme.Orders/Create"),
        ] {
            assert_eq!(resolve(name, &methods).unwrap(), path, "{name}");
        }
        for (name, parts) in [
            ("ListClusters", vec!["several methods", clusters, "AdminService/ListClusters"]),
            ("startworkflowexecution", vec!["did you mean", start]),
            ("Workflow", vec!["did you mean"]),
            ("NoSuchThing", vec!["temporal-gateway methods"]),
            ("", vec!["temporal-gateway methods"]),
            ("/a/b/c", vec!["no method path"]),
            ("/StartWorkflowExecution", vec!["no method path"]),
        ] {
            let error = resolve(name, &methods).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{name}: {error}");
        }
    }
}
