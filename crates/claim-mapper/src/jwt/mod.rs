//! Claims from bearer tokens.

mod build;
mod build_error;
mod builder;
mod explain;
mod issuer;
mod mapper;
mod origin;
mod policy;
mod signature;
mod token_claims;

pub use build_error::BuildError;
pub use builder::JwtClaimMapperBuilder;
pub use explain::{Explanation, Outcome, Step};
pub use issuer::TrustedIssuer;
pub use mapper::JwtClaimMapper;
pub(crate) use origin::Origin;
#[cfg(test)]
pub(crate) use origin::testing;
pub use token_claims::TokenClaims;
