//! Runs every vector directory and prints what ran, file by file.

use std::process::ExitCode;

use conformance::{directories, run};

#[tokio::main]
async fn main() -> ExitCode {
    let (mut passed, mut failed) = (0, 0);
    for directory in directories() {
        let reports = match run(&directory).await {
            Ok(reports) => reports,
            Err(error) => {
                eprintln!("{}: {error:#}", directory.display());
                failed += 1;
                continue;
            }
        };
        println!("{}", directory.display());
        for (file, report) in reports {
            println!(
                "  {file}: {} cases, {} skipped as deliberate differences, {} differences",
                report.ran,
                report.skipped.len(),
                report.differences.len()
            );
            passed += report.ran - report.differences.len();
            failed += report.differences.len();
            for difference in report.differences.iter().take(20) {
                println!("    {}", difference.name);
                println!("      expected {}", difference.expected);
                println!("      came     {}", difference.came);
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
