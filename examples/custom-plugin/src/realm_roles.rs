//! A claim mapper for tokens of another shape.

use async_trait::async_trait;
use serde::Deserialize;
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper, Claims, Reason, Role};
use temporal_claim_mapper::{BuildError, JwtClaimMapper, JwtClaimMapperBuilder, TokenClaims};

/// The scope that means the whole system, as in permissions.
const SYSTEM: &str = "temporal-system";

/// Claims from the realm roles of a token, as Keycloak writes them: `temporal:<namespace>:<role>` with the roles
/// `worker`, `reader`, `writer` and `admin`. Other entries are somebody else's and grant nothing, and so does the claim
/// that [`JwtClaimMapper`] would read its permissions from.
#[derive(Debug, Clone)]
pub struct RealmRoles {
    tokens: JwtClaimMapper,
}

impl RealmRoles {
    /// A mapper of the tokens that `tokens` describes.
    ///
    /// # Errors
    /// What the builder says does not make a mapper.
    pub fn new(tokens: JwtClaimMapperBuilder) -> Result<Self, BuildError> {
        Ok(Self { tokens: tokens.keep_token_claims(true).build()? })
    }
}

// `claims_at_hand` keeps its default, so that every call comes here. The inner mapper remembers verified tokens all the
// same; what is done anew is to read the roles.
#[async_trait]
impl ClaimMapper for RealmRoles {
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        match self.tokens.get_claims(info).await? {
            Some(verified) => with_realm_roles(&verified).map(Some),
            None => Ok(None),
        }
    }
}

/// What is read of the payload. Absent members are empty; members of another type are an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    realm_access: RealmAccess,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RealmAccess {
    roles: Vec<String>,
}

/// New claims: the name, the issuer and the end are the token's, the roles are the realm's and no others.
fn with_realm_roles(verified: &Claims) -> Result<Claims, ClaimError> {
    // Without the extension there was no token, and there are no roles.
    let token = verified.extension::<TokenClaims>();
    let payload = token.map(|token| serde_json::from_str::<Payload>(&token.to_json())).transpose();
    // The text of serde's error can show a part of the token.
    let payload = payload
        .map_err(|_| ClaimError::rejected_with(Reason::InvalidClaims, "realm_access.roles is no list of texts"))?
        .unwrap_or_default();

    let mut claims = Claims::builder(verified.auth_type().to_owned(), verified.subject());
    if let Some(issuer) = verified.issuer() {
        claims = claims.issuer(issuer);
    }
    // Without this the claims would outlive the token, and streams with them.
    if let Some(end) = verified.expires_at() {
        claims = claims.expires_at(end);
    }
    if let Some(token) = token {
        claims = claims.extension(token.clone());
    }
    for (namespace, role) in payload.realm_access.roles.iter().filter_map(|entry| grant(entry)) {
        claims = if namespace == SYSTEM { claims.system(role) } else { claims.namespace(namespace, role) };
    }
    claims.build().map_err(ClaimError::failed)
}

/// The namespace and the role of `temporal:<namespace>:<role>`. Exact, in every letter: what is nearly a role is none.
fn grant(entry: &str) -> Option<(&str, Role)> {
    let (namespace, role) = entry.strip_prefix("temporal:")?.split_once(':')?;
    let role = match role {
        "worker" => Role::WORKER,
        "reader" => Role::READER,
        "writer" => Role::WRITER,
        "admin" => Role::ADMIN,
        _ => return None,
    };
    (!namespace.is_empty()).then_some((namespace, role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_exact_entry_grants() {
        for (entry, expected) in [
            ("temporal:shop:writer", Some(("shop", Role::WRITER))),
            ("temporal:shop:worker", Some(("shop", Role::WORKER))),
            ("temporal:temporal-system:admin", Some((SYSTEM, Role::ADMIN))),
            ("temporal:shop:Writer", None),
            ("temporal:shop:write", None),
            ("temporal:shop:writer ", None),
            ("temporal::writer", None),
            ("temporal:shop:eu:writer", None),
            ("temporal:shop", None),
            ("Temporal:shop:writer", None),
            ("shop:writer", None),
            ("offline_access", None),
            ("", None),
        ] {
            assert_eq!(grant(entry), expected, "{entry:?}");
        }
    }
}
