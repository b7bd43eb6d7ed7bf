//! One verification key: how it is read, what is checked when it is loaded, and the verification itself.

mod jwk;
mod material;
mod pem;
mod skip;
mod verification_key;

pub(crate) use jwk::id_of;
pub use skip::{SkipReason, SkippedKey};
pub use verification_key::{VerificationKey, VerifyError};
