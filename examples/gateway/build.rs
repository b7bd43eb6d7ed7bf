//! Hands the path of Temporal's descriptor set to the crate, which compiles the set in.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    // Set by the build script of temporalio-protos, for normal dependents only: a dev-dependency would get none.
    let path = std::env::var("DEP_TEMPORALIO_PROTOS_DESCRIPTOR_PATH")?;
    println!("cargo::rustc-env=TEMPORAL_DESCRIPTORS={path}");
    Ok(())
}
