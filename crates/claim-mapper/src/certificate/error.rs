//! What is wrong with a rule.

/// Why the rules of a [`CertificateClaimMapper`](crate::CertificateClaimMapper) cannot be used. Values are the
/// operator's own, as written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateRuleError {
    /// There is no rule, so that no certificate would be accepted.
    #[error("no rule for certificates")]
    NoRule,
    /// A rule names nothing to match, so that it would match every certificate.
    #[error("rule {0} matches every certificate: name something that it must match")]
    MatchesEverything(usize),
    /// A rule names the same thing twice.
    #[error("{0} is named twice in one rule")]
    Twice(&'static str),
    /// A name is empty, has control characters, or is not one that certificates can have.
    #[error("{field} \"{value}\": {problem}")]
    #[non_exhaustive]
    Name {
        /// Which part of the rule.
        field: &'static str,
        /// What stands there.
        value: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A permission is not `namespace:role`.
    #[error("permission \"{permission}\": {problem}")]
    #[non_exhaustive]
    Permission {
        /// The permission.
        permission: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}
