//! Passes on where Temporal's descriptors are.

fn main() -> Result<(), std::env::VarError> {
    let path = std::env::var("DEP_TEMPORALIO_PROTOS_DESCRIPTOR_PATH")?;
    println!("cargo::rustc-env=TEMPORAL_DESCRIPTORS={path}");
    Ok(())
}
