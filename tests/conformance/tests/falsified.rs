//! The runner sees a falsified expectation in each file, an unknown field and an unknown file.

use std::{fs, path::PathBuf};

use conformance::{directories, run};

/// A copy of the committed vectors, cut to a few cases, with one text replaced.
fn falsified(name: &str, file: &str, cases: usize, from: &str, to: &str) -> PathBuf {
    let original = &directories()[0];
    let copy = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&copy);
    fs::create_dir_all(&copy).unwrap();
    for name in ["jwks.json", "claims.json", "authorizer.json", "interceptor.json"] {
        let text = fs::read_to_string(original.join(name)).unwrap();
        let text = if name == "jwks.json" { text } else { first(&text, cases) };
        let text = if name == file { replaced(&text, from, to) } else { text };
        fs::write(copy.join(name), text).unwrap();
    }
    copy
}

fn first(text: &str, cases: usize) -> String {
    let list: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
    serde_json::to_string(&list[..cases]).unwrap()
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not there to be falsified");
    text.replacen(from, to, 1)
}

#[tokio::test]
async fn one_falsified_expectation_in_a_file_is_one_difference() {
    for (file, from, to) in [
        ("claims.json", r#""auth_type":"jwt""#, r#""auth_type":"jwx""#),
        ("authorizer.json", r#""allow":true"#, r#""allow":false"#),
        ("interceptor.json", r#""code":7"#, r#""code":16"#),
        ("interceptor.json", "Request unauthorized.", "Request unauthorised."),
    ] {
        let directory = falsified("expectation", file, 40, from, to);
        for (name, report) in run(&directory).await.unwrap() {
            assert_eq!(report.differences.len(), usize::from(name == file), "{name} after {from} became {to}");
        }
    }
}

#[tokio::test]
async fn a_field_and_a_file_that_are_not_known_fail_the_run() {
    let field = falsified("field", "claims.json", 3, r#""config":{"#, r#""config":{"leeway":5,"#);
    assert!(format!("{:#}", run(&field).await.unwrap_err()).contains("leeway"));
    let file = falsified("file", "claims.json", 3, "jwt", "jwt");
    fs::write(file.join("streams.json"), "[]").unwrap();
    assert!(format!("{:#}", run(&file).await.unwrap_err()).contains("streams.json"));
}
