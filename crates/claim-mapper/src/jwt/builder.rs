//! Setting a `JwtClaimMapper` up.

use std::{fmt, sync::Arc, time::Duration};

use temporal_key_provider::{Algorithm, TokenKeyProvider};

use super::issuer::TrustedIssuer;
use crate::{
    cache::CacheLimits,
    clock::{Clock, SystemClock},
};

pub(super) const DEFAULT_CLAIM: &str = "permissions";

/// Collects what is asked of tokens. Made by [`JwtClaimMapper::builder`](crate::JwtClaimMapper::builder) and
/// [`JwtClaimMapper::temporal`](crate::JwtClaimMapper::temporal).
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct JwtClaimMapperBuilder {
    pub(super) keys: Arc<dyn TokenKeyProvider>,
    pub(super) strict: bool,
    pub(super) issuers: Vec<TrustedIssuer>,
    pub(super) audiences: Vec<String>,
    pub(super) algorithms: Option<Vec<Algorithm>>,
    pub(super) leeway: Duration,
    pub(super) permissions_claim_name: String,
    pub(super) permissions_regex: String,
    pub(super) accepted_typ: Vec<String>,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) allow_missing_exp: bool,
    pub(super) allow_any_audience: bool,
    pub(super) allow_any_issuer: bool,
    pub(super) allow_missing_kid: bool,
    pub(super) cache: CacheLimits,
    pub(super) max_token_bytes: usize,
    pub(super) max_permissions: usize,
    pub(super) keep_token_claims: bool,
    pub(super) clock: Arc<dyn Clock>,
}

impl JwtClaimMapperBuilder {
    pub(super) fn new(keys: Arc<dyn TokenKeyProvider>, strict: bool) -> Self {
        Self {
            keys,
            strict,
            issuers: Vec::new(),
            audiences: Vec::new(),
            algorithms: None,
            leeway: Duration::ZERO,
            permissions_claim_name: DEFAULT_CLAIM.to_owned(),
            permissions_regex: String::new(),
            accepted_typ: Vec::new(),
            max_lifetime: None,
            allow_missing_exp: !strict,
            allow_any_audience: !strict,
            allow_any_issuer: false,
            allow_missing_kid: false,
            cache: CacheLimits::default(),
            max_token_bytes: 16 << 10,
            max_permissions: 10_000,
            keep_token_claims: false,
            clock: Arc::new(SystemClock),
        }
    }

    /// Trusts the issuer with exactly this name; may be called again for others.
    pub fn issuer(self, name: impl Into<String>) -> Self {
        self.trusted_issuer(TrustedIssuer::new(name))
    }

    /// Trusts an issuer that has audiences or algorithms of its own. As soon as one issuer is named, in either profile,
    /// tokens of any other are refused.
    pub fn trusted_issuer(mut self, issuer: TrustedIssuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// Tokens must be for this audience; called again, for one of them. A call that names its own audience
    /// ([`AuthInfo::audience`](temporal_authz::AuthInfo::audience)) goes by that instead. In the `temporal` profile a
    /// blank one counts as none, as in the reference.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// The algorithms that tokens may be signed with; all must be supported by the key provider. Default: RS256 and
    /// ES256, as far as it supports them.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// How far the clocks of issuers may be off: a token is good while now is before `exp` + leeway, and not before
    /// `nbf` - leeway and `iat` - leeway. Whole seconds, at most 300. Default: 0, as in the reference.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// The claim that lists the permissions. Default, also for an empty name: `permissions`.
    pub fn permissions_claim_name(mut self, name: impl Into<String>) -> Self {
        self.permissions_claim_name = name.into();
        self
    }

    /// An expression for permissions that are not `namespace:role`, with the named groups `namespace` and `role`, in the
    /// syntax of Go's `regexp`: `\w`, `\d`, `\s` and `\b` are ASCII. The `temporal` profile searches for it anywhere in a
    /// permission, strict matches the whole. An empty one is none.
    pub fn permissions_regex(mut self, pattern: impl Into<String>) -> Self {
        self.permissions_regex = pattern.into();
        self
    }

    /// The `typ` that tokens must have, such as `at+jwt` (RFC 9068); in any case, with or without `application/`.
    /// Default: `typ` is not looked at.
    pub fn accepted_typ(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.accepted_typ = types.into_iter().map(Into::into).collect();
        self
    }

    /// Refuses tokens that were issued for longer than this (`exp` - `iat`, both of which are required then). Whole
    /// seconds. Default: no limit.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = Some(lifetime);
        self
    }

    /// Accepts tokens without `exp`: they are good for ever, unless their key goes.
    pub fn allow_missing_exp(mut self) -> Self {
        self.allow_missing_exp = true;
        self
    }

    /// Builds without an audience: a token that was issued for another service is accepted here, whenever the call names
    /// no audience.
    pub fn allow_any_audience(mut self) -> Self {
        self.allow_any_audience = true;
        self
    }

    /// Accepts tokens whose `iss` is not listed or missing, if one of the keys signed them.
    pub fn allow_any_issuer(mut self) -> Self {
        self.allow_any_issuer = true;
        self
    }

    /// Accepts tokens without `kid`, where the key provider answers with exactly one key for their issuer. A provider
    /// that looks keys up by `kid` alone still refuses them.
    pub fn allow_missing_kid(mut self) -> Self {
        self.allow_missing_kid = true;
        self
    }

    /// How many verified tokens are remembered.
    pub fn cache(mut self, limits: CacheLimits) -> Self {
        self.cache = limits;
        self
    }

    /// Longest value of the token header, scheme included, in bytes. Default: 16 KiB.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.max_token_bytes = bytes;
        self
    }

    /// Most entries that the list of permissions may have; a token with more is refused. Default: 10,000.
    pub fn max_permissions(mut self, entries: usize) -> Self {
        self.max_permissions = entries;
        self
    }

    /// Attaches [`TokenClaims`](crate::TokenClaims) to the claims, for authorizers and handlers. Default: off.
    pub fn keep_token_claims(mut self, keep: bool) -> Self {
        self.keep_token_claims = keep;
        self
    }

    /// The clock that times are compared with. Default: the system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

impl fmt::Debug for JwtClaimMapperBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtClaimMapperBuilder")
            .field("strict", &self.strict)
            .field("issuers", &self.issuers)
            .field("audiences", &self.audiences)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
