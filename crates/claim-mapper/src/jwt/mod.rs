//! Claims from bearer tokens.

mod build;
mod build_error;
mod builder;
mod explain;
mod issuer;
mod mapper;
mod policy;
mod signature;
mod token_claims;

pub use build_error::BuildError;
pub use builder::JwtClaimMapperBuilder;
pub use explain::{Explanation, Outcome, Step};
pub(crate) use issuer::IssuerRules;
pub use issuer::TrustedIssuer;
pub use mapper::JwtClaimMapper;
pub use token_claims::TokenClaims;
