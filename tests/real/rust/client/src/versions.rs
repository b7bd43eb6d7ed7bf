//! The versions of the SDK's packages that this program was built from.

const LOCK: &str = include_str!("../../Cargo.lock");
const PACKAGES: [&str; 3] = ["temporalio-sdk", "temporalio-client", "temporalio-sdk-core"];

/// Prints `version <package> <version>`. The crates have no public constants: cargo's own record of the build tells.
pub fn print() {
    for package in PACKAGES {
        println!("version {package} {}", version(package).unwrap_or("unknown"));
    }
}

fn version(package: &str) -> Option<&'static str> {
    let entry = LOCK.split("[[package]]").find(|entry| entry.contains(&format!("\nname = \"{package}\"\n")))?;
    let line = entry.lines().find_map(|line| line.strip_prefix("version = "))?;
    Some(line.trim_matches('"'))
}
