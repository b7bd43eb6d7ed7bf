//! Who may call what by the default authorizer: one line a method, one column a caller, in `golden.txt`.
//!
//! `UPDATE_GOLDEN=1 cargo test -p method-table` writes the file anew, and fails so that nobody mistakes it for a check.

use std::{fmt::Write, path::Path};

use temporal_authz::{Access, CallTarget, Claims, Decision, DefaultAuthorizer, MethodInfo, MethodTable, Role, Scope};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden.txt");

/// Methods that are in no row: of AdminService, which is listed whole, and of nothing that is listed.
const UNLISTED: [&str; 4] = [
    "/temporal.server.api.adminservice.v1.AdminService/AddedLater",
    "/temporal.api.workflowservice.v1.WorkflowService/AddedLater",
    "/temporal.api.cloud.cloudservice.v1.CloudService/GetUsers",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
];

/// The callers: no claims, a role in the namespace of the request, a role in the system, admin of another namespace.
fn callers() -> Vec<(String, Option<Claims>)> {
    let claims = || Claims::builder("jwt", "caller");
    let roles = [("worker", Role::WORKER), ("reader", Role::READER), ("writer", Role::WRITER), ("admin", Role::ADMIN)];
    let mut all = vec![("nobody".to_owned(), None)];
    all.extend(roles.map(|(name, role)| (name.to_owned(), Some(claims().namespace("here", role).build().unwrap()))));
    all.extend(roles.map(|(name, role)| (format!("system-{name}"), Some(claims().system(role).build().unwrap()))));
    all.push(("elsewhere-admin".to_owned(), Some(claims().namespace("there", Role::ADMIN).build().unwrap())));
    all
}

fn golden(table: &MethodTable) -> String {
    let mut paths: Vec<&str> = table.iter().map(MethodInfo::path).chain(UNLISTED).collect();
    paths.sort_unstable();
    paths.dedup();
    let callers = callers();
    let mut text = String::from(
        "# Who may call what by the default authorizer, in a request of namespace \"here\" where the request has one.\n\
         # worker to admin: a role in \"here\". system-...: a role in the system. elsewhere-admin: admin of \"there\".\n#\n",
    );
    write!(text, "{:<88}", "# method").unwrap();
    for (name, _) in &callers {
        write!(text, " {name}").unwrap();
    }
    for path in paths {
        let method = table.find(path);
        let namespace = if method.namespace_field().is_some() { "here" } else { "" };
        let target = CallTarget::new(path, method).with_namespace(namespace);
        write!(text, "\n{path:<88}").unwrap();
        for (name, claims) in &callers {
            let allowed = matches!(DefaultAuthorizer::new().judge(claims.as_ref(), &target), Decision::Allow(_));
            write!(text, " {:<width$}", if allowed { "yes" } else { "-" }, width = name.len()).unwrap();
        }
        text.truncate(text.trim_end().len());
    }
    text.push('\n');
    text
}

#[test]
fn who_may_call_what_is_as_in_the_golden_file() {
    let now = golden(&MethodTable::temporal());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(FILE, &now).unwrap();
        panic!("wrote {FILE}: read what changed, then run again without UPDATE_GOLDEN");
    }
    let committed = std::fs::read_to_string(Path::new(FILE)).unwrap();
    for (committed, now) in committed.lines().zip(now.lines()) {
        assert_eq!(now, committed, "who may call this changed; UPDATE_GOLDEN=1 writes golden.txt anew");
    }
    assert_eq!(now.lines().count(), committed.lines().count(), "methods were added or removed; UPDATE_GOLDEN=1");
    assert_eq!(now, committed);
}

#[test]
fn the_golden_table_tells_a_method_that_is_opened_or_added() {
    let committed = golden(&MethodTable::temporal());
    let method = |path: &str| MethodInfo::unary(path, Scope::Namespace, Access::ReadOnly).with_namespace_field(1);
    let added = golden(&MethodTable::builder().method(method("/acme.Orders/Get")).unwrap().build());
    assert_eq!(added.lines().count(), committed.lines().count() + 1);
    // Listing what nobody may call changes that line and no other.
    let opened = MethodTable::builder().method(method(UNLISTED[2])).unwrap().build();
    let changed: Vec<_> = {
        let opened = golden(&opened);
        opened.lines().filter(|line| !committed.contains(line)).map(str::to_owned).collect()
    };
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].starts_with(UNLISTED[2]) && changed[0].matches("yes").count() == 6, "{changed:?}");
}

#[test]
fn every_row_of_the_golden_file_is_a_method() {
    let committed = std::fs::read_to_string(Path::new(FILE)).unwrap();
    let rows = committed.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(rows, MethodTable::temporal().iter().count() + UNLISTED.len());
}
