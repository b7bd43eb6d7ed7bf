//! The embedded default, in the process and as a program.

use std::process::Command;

use temporal_gateway::demo::{DemoArgs, run};

/// Lines of a table with this verdict.
fn count(table: &str, verdict: &str) -> usize {
    table.lines().filter(|line| line.split("  ").any(|cell| cell.trim() == verdict)).count()
}

fn assert_good(table: &str) {
    assert!(count(table, "allow") >= 6 && count(table, "deny") >= 6, "{table}");
    assert!(!table.contains("WRONG"), "{table}");
    assert!(!table.contains("eyJ"), "no token in {table}");
    for reason in ["insufficient_role", "missing_credentials", "expired", "bad_signature", "wrong_audience"] {
        assert!(table.contains(reason), "{reason} in {table}");
    }
}

#[tokio::test]
async fn the_table_of_the_demo_has_nothing_wrong_in_it() {
    let mut out = Vec::new();
    let arguments = DemoArgs { listen: "127.0.0.1:0".parse().unwrap(), once: true };
    run(&arguments, &mut out, std::future::pending()).await.unwrap();
    assert_good(&String::from_utf8(out).unwrap());
}

#[test]
fn the_program_prints_the_table_and_ends() {
    let ended = Command::new(env!("CARGO_BIN_EXE_temporal-gateway")).arg("--once").output().unwrap();
    let (out, log) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
    assert!(ended.status.success(), "{log}");
    assert_good(&out);
    assert!(!out.contains('\x1b') && !log.contains('\x1b'), "colours are for terminals");
    assert!(!log.contains("eyJ"), "no token in {log}");
}
