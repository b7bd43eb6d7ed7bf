//! What is known of a method before its request is read: who may call it, and where its namespace stands.

#[cfg(feature = "descriptors")]
mod descriptors;
mod info;
mod path;
mod table;
mod temporal;

#[cfg(feature = "descriptors")]
pub use descriptors::{DescribedMethod, DescriptorError};
pub use info::{Access, Embedded, MethodInfo, Scope};
pub use path::is_method_path;
pub use table::{MethodTable, MethodTableBuilder, MethodTableError};
