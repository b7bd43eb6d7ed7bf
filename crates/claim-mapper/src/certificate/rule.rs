//! From names in a certificate to roles.

use temporal_authz::{ClaimsBuilder, PeerCertificate, Role, SubjectAttribute};

use super::{
    error::CertificateRuleError,
    names,
    spiffe::{Pattern, Svid},
};
use crate::permissions::SYSTEM_SCOPE;

/// What certificates of a certain kind may do. Every field that is given must match; names are compared as typed values,
/// never as parts of a flattened subject.
///
/// ```
/// use temporal_claim_mapper::CertificateRule;
/// let rule = CertificateRule::new().spiffe("spiffe://prod.example/ns/orders/*").permission("orders:write");
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a rule does nothing until a mapper has it"]
pub struct CertificateRule {
    // In the order of declaration; what is wrong is told when the mapper is built.
    fields: Vec<(Field, String)>,
    permissions: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Subject(SubjectAttribute),
    Dns,
    Uri,
    Email,
    Spiffe,
}

impl CertificateRule {
    /// A rule that matches nothing yet and grants nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The subject's CN must stand there once and be this, byte for byte.
    pub fn common_name(self, name: impl Into<String>) -> Self {
        self.field(Field::Subject(SubjectAttribute::CommonName), name)
    }

    /// The subject's O must stand there once and be this, byte for byte.
    pub fn organization(self, name: impl Into<String>) -> Self {
        self.field(Field::Subject(SubjectAttribute::Organization), name)
    }

    /// The subject's OU must stand there once and be this, byte for byte.
    pub fn organizational_unit(self, name: impl Into<String>) -> Self {
        self.field(Field::Subject(SubjectAttribute::OrganizationalUnit), name)
    }

    /// One of the DNS names must be this, in any case (RFC 4343). Without wildcards, on either side; international names
    /// in their ASCII form.
    pub fn dns(self, name: impl Into<String>) -> Self {
        self.field(Field::Dns, name)
    }

    /// One of the URIs must be this, byte for byte. Not for SPIFFE IDs.
    pub fn uri(self, uri: impl Into<String>) -> Self {
        self.field(Field::Uri, uri)
    }

    /// One of the e-mail addresses must be this, byte for byte.
    pub fn email(self, address: impl Into<String>) -> Self {
        self.field(Field::Email, address)
    }

    /// The certificate's SPIFFE ID must be this (`spiffe://td/ns/prod/worker`), or lie below it by whole segments
    /// (`spiffe://td/ns/prod/*`, `spiffe://td/*`).
    pub fn spiffe(self, id: impl Into<String>) -> Self {
        self.field(Field::Spiffe, id)
    }

    /// Grants a role, written as in a token: `namespace:role`, or `temporal-system:role` for the whole system.
    pub fn permission(mut self, permission: impl Into<String>) -> Self {
        self.permissions.push(permission.into());
        self
    }

    /// Grants several roles. A rule without any still says who the caller is.
    pub fn permissions(mut self, permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.permissions.extend(permissions.into_iter().map(Into::into));
        self
    }

    fn field(mut self, field: Field, value: impl Into<String>) -> Self {
        self.fields.push((field, value.into()));
        self
    }

    /// Checks the rule, which is the `number`th.
    pub(super) fn compile(self, number: usize) -> Result<Compiled, CertificateRuleError> {
        if self.fields.is_empty() {
            return Err(CertificateRuleError::MatchesEverything(number));
        }
        let mut conditions: Vec<(Field, Condition)> = Vec::new();
        for (field, value) in self.fields {
            if conditions.iter().any(|(known, _)| *known == field) {
                return Err(CertificateRuleError::Twice(field.name()));
            }
            conditions.push((field, Condition::new(field, value)?));
        }
        let grants = self.permissions.iter().map(|permission| grant(permission)).collect::<Result<_, _>>()?;
        Ok(Compiled { conditions: conditions.into_iter().map(|(_, condition)| condition).collect(), grants })
    }
}

impl Field {
    fn name(self) -> &'static str {
        match self {
            Self::Subject(SubjectAttribute::CommonName) => "subject.CN",
            Self::Subject(SubjectAttribute::Organization) => "subject.O",
            Self::Subject(SubjectAttribute::OrganizationalUnit) => "subject.OU",
            Self::Dns => "dns",
            Self::Uri => "uri",
            Self::Email => "email",
            Self::Spiffe => "spiffe",
        }
    }
}

/// A checked rule.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    conditions: Vec<Condition>,
    grants: Vec<(String, Role)>,
}

#[derive(Debug, Clone)]
enum Condition {
    Subject(SubjectAttribute, String),
    Dns(String),
    Uri(String),
    Email(String),
    Spiffe(Pattern),
}

impl Condition {
    fn new(field: Field, value: String) -> Result<Self, CertificateRuleError> {
        Ok(match field {
            Field::Subject(attribute) => {
                names::printable(field.name(), &value)?;
                Self::Subject(attribute, value)
            }
            Field::Dns => Self::Dns(names::dns(&value)?),
            Field::Uri => {
                names::uri(&value)?;
                Self::Uri(value)
            }
            Field::Email => {
                names::ascii(field.name(), &value)?;
                Self::Email(value)
            }
            Field::Spiffe => Self::Spiffe(Pattern::parse(&value)?),
        })
    }

    fn matches(&self, certificate: &PeerCertificate, svid: Svid<'_>) -> bool {
        match self {
            Self::Subject(attribute, value) => certificate.subject(*attribute) == Some(value),
            Self::Dns(name) => certificate.dns_names().iter().any(|dns| dns.eq_ignore_ascii_case(name)),
            Self::Uri(uri) => certificate.uris().contains(uri),
            Self::Email(email) => certificate.emails().contains(email),
            Self::Spiffe(pattern) => matches!(svid, Svid::Id(id) if pattern.matches(id)),
        }
    }

    /// What the condition says of who the caller is, the best first: the lower, the better.
    fn as_subject(&self) -> Option<(u8, &str)> {
        match self {
            Self::Subject(SubjectAttribute::CommonName, name) => Some((0, name)),
            Self::Dns(name) => Some((1, name)),
            Self::Uri(name) => Some((2, name)),
            Self::Email(name) => Some((3, name)),
            Self::Subject(..) | Self::Spiffe(_) => None,
        }
    }
}

impl Compiled {
    pub(super) fn matches(&self, certificate: &PeerCertificate, svid: Svid<'_>) -> bool {
        self.conditions.iter().all(|condition| condition.matches(certificate, svid))
    }

    /// The name of a caller that matches: the CN, DNS name, URI or e-mail address that the rule asks for, in this order.
    pub(super) fn subject(&self) -> Option<&str> {
        self.conditions.iter().filter_map(Condition::as_subject).min().map(|(_, name)| name)
    }

    pub(super) fn grant(&self, claims: ClaimsBuilder) -> ClaimsBuilder {
        self.grants.iter().fold(claims, |claims, (namespace, role)| {
            if namespace == SYSTEM_SCOPE { claims.system(*role) } else { claims.namespace(namespace, *role) }
        })
    }
}

/// Reads a permission that the operator wrote: what would be ignored in a token is an error here.
fn grant(permission: &str) -> Result<(String, Role), CertificateRuleError> {
    let refused = |problem| Err(CertificateRuleError::Permission { permission: permission.to_owned(), problem });
    let Some((namespace, role)) = permission.split_once(':') else { return refused("is not namespace:role") };
    if namespace.is_empty() {
        return refused("names no namespace");
    }
    if namespace.trim() != namespace || role.trim() != role {
        return refused("has spaces round its parts, which would belong to the names");
    }
    match Role::from_permission(role) {
        role if role.is_empty() => refused("its role is none of read, write, worker, admin"),
        role => Ok((namespace.to_owned(), role)),
    }
}
