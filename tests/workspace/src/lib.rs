//! Checks on the workspace itself.
//!
//! The crates point one way: `temporal-authz` and `temporal-key-provider` know nothing of the others,
//! `temporal-claim-mapper` knows both, and `temporal-interceptor` knows `temporal-authz`, and the other two only for
//! its configuration. Programs and tests know whom they like, and no crate knows them. [`wrong_arrows`] holds a
//! workspace against these rules; the tests of this package hold this one.
//!
//! ```
//! use workspace::{Metadata, wrong_arrows};
//!
//! let metadata: Metadata = serde_json::from_str(
//!     r#"{"workspace_root": "/w", "packages": [
//!         {"name": "temporal-authz", "manifest_path": "/w/crates/authz/Cargo.toml", "features": {}, "dependencies": [
//!             {"name": "tonic", "kind": null, "optional": false}]}]}"#,
//! )?;
//! assert_eq!(wrong_arrows(&metadata), ["temporal-authz depends on tonic"]);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod arrows;
mod metadata;
mod source;

pub use arrows::wrong_arrows;
pub use metadata::{Dependency, Metadata, Package};
pub use source::{Source, inherits_lints, names_defaults_outside_config, too_long};
