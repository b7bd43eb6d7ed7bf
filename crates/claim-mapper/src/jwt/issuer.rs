//! Which issuers are trusted, and with what.

use std::{collections::HashMap, sync::Arc};

use temporal_authz::{ClaimError, Escaped, Reason};
use temporal_key_provider::{Algorithm, strict_json::Json};

/// An issuer whose tokens are accepted, with what is asked of its tokens in particular.
#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    pub(super) name: String,
    pub(super) audiences: Vec<String>,
    pub(super) algorithms: Option<Vec<Algorithm>>,
}

impl TrustedIssuer {
    /// The issuer whose tokens have exactly this `iss`, byte for byte: a slash at the end is another issuer.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), audiences: Vec::new(), algorithms: None }
    }

    /// The audiences of this issuer's tokens, instead of the mapper's: a token must name one of them.
    #[must_use]
    pub fn audiences(mut self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.audiences.extend(audiences.into_iter().map(Into::into));
        self
    }

    /// The algorithms of this issuer's tokens, instead of the mapper's.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms.get_or_insert_default().extend(algorithms);
        self
    }
}

/// What is asked of the tokens of one issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IssuerRules {
    /// Empty: `aud` is looked at only when the call has an audience.
    pub(crate) audiences: Vec<String>,
    pub(crate) algorithms: Vec<Algorithm>,
}

/// The rules of all issuers.
#[derive(Debug)]
pub(super) struct Issuers {
    pub(super) listed: HashMap<String, Arc<IssuerRules>>,
    /// For tokens of any other issuer, and of none; absent when only listed issuers are trusted.
    pub(super) others: Option<Arc<IssuerRules>>,
}

impl Issuers {
    /// The rules for a token with this `iss`, which must be one text where issuers are listed.
    pub(super) fn rules(&self, iss: Option<&Json<'_>>) -> Result<&Arc<IssuerRules>, ClaimError> {
        let name = iss.and_then(Json::as_str);
        let detail = match name.and_then(|name| self.listed.get(name)).or(self.others.as_ref()) {
            Some(rules) => return Ok(rules),
            None => match (iss, name) {
                (_, Some(name)) => format!("iss \"{}\" is not trusted", Escaped(name)),
                (Some(_), None) => "iss is not one text".to_owned(),
                (None, None) => "iss is missing".to_owned(),
            },
        };
        Err(ClaimError::rejected_with(Reason::WrongIssuer, detail))
    }

    /// Whether any issuer's tokens may be signed with this algorithm.
    pub(super) fn allow(&self, algorithm: Algorithm) -> bool {
        self.listed.values().chain(&self.others).any(|rules| rules.algorithms.contains(&algorithm))
    }
}

impl IssuerRules {
    /// Refuses a token that is signed with an algorithm that its issuer does not use.
    pub(super) fn check_algorithm(&self, algorithm: Algorithm) -> Result<(), ClaimError> {
        if self.algorithms.contains(&algorithm) { Ok(()) } else { Err(not_allowed(algorithm)) }
    }
}

/// The refusal of an algorithm that exists and is not on the list.
pub(super) fn not_allowed(algorithm: Algorithm) -> ClaimError {
    ClaimError::rejected_with(Reason::UnsupportedAlgorithm, format!("alg \"{algorithm}\" is not allowed"))
}
