//! Claims from client certificates.

mod error;
mod mapper;
mod names;
mod rule;
mod spiffe;

pub use error::CertificateRuleError;
pub use mapper::{CertificateClaimMapper, CertificateClaimMapperBuilder};
pub use rule::CertificateRule;
