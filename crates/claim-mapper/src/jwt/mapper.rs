//! The claim mapper for bearer tokens.

use std::{fmt, num::NonZeroUsize, pin::pin, sync::Arc};

use async_trait::async_trait;
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper, Claims, Reason};
use temporal_key_provider::TokenKeyProvider;
use tokio::{runtime::Handle, sync::Semaphore};

use super::{
    builder::JwtClaimMapperBuilder,
    explain::{Explanation, Step, Trace},
    origin::Origins,
    policy::{Candidate, Policy},
    signature,
};
use crate::{
    cache::{Verified, VerifiedCache},
    clock::{Clock, unix_seconds},
    token::{bearer, compact::Texts},
};

/// How often a token is verified anew because the keys change meanwhile, before one answer stands.
const MAX_ATTEMPTS: usize = 3;

/// Claims from the bearer token of a call: Temporal's `defaultJWTClaimMapper`. Cheap to clone; clones share one cache.
///
/// A token that is refused is refused with a [`Reason`](temporal_authz::Reason), and the call is denied; a client
/// certificate beside it is not looked at. A token that is good is remembered until it expires or its key goes.
///
/// Without a token the strict profile knows nobody (`Ok(None)`), and the `temporal` profile gives claims without a name
/// and without roles, as the reference does.
#[derive(Clone)]
pub struct JwtClaimMapper(Arc<Inner>);

pub(super) struct Inner {
    pub(super) policy: Policy,
    pub(super) keys: Arc<dyn TokenKeyProvider>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cache: VerifiedCache,
    pub(super) origins: Origins,
    /// Who holds one of these computes a signature.
    pub(super) turns: Semaphore,
}

/// As many signatures as are verified at one time: half of the threads that serve calls stay free for those whose tokens are
/// known, whatever is thrown at the other half. Without a runtime to ask there are taken to be as many as processors.
pub(super) fn turns() -> Semaphore {
    let threads = match Handle::try_current() {
        Ok(runtime) => runtime.metrics().num_workers(),
        Err(_) => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
    };
    Semaphore::new(threads.div_ceil(2))
}

impl JwtClaimMapper {
    /// A mapper in the strict profile: `exp`, `aud`, `iss` and a printable `sub` are required, no leeway is given, a
    /// regular expression must match the whole permission, and an empty namespace grants nothing. What is loosened has a
    /// name that begins with `allow_`.
    pub fn builder(keys: impl TokenKeyProvider) -> JwtClaimMapperBuilder {
        JwtClaimMapperBuilder::new(Arc::new(keys), true)
    }

    /// A mapper in the `temporal` profile: the answers of Temporal's own server. `exp` may be absent, `aud` is looked at
    /// only when an audience is configured, and `iss` only when issuers are.
    ///
    /// It is stricter than the reference where that is deliberate: `crit`, nested and encrypted tokens, repeated JSON
    /// members, base64 that is not canonical, an `exp` that is 0 or beyond 2^53, keys used for another algorithm than
    /// their own, and tokens beyond the limits are refused; role names are folded in ASCII only; a regular expression
    /// that cannot be used fails the build.
    pub fn temporal(keys: impl TokenKeyProvider) -> JwtClaimMapperBuilder {
        JwtClaimMapperBuilder::new(Arc::new(keys), false)
    }

    pub(super) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The answer for these credentials, with every check that led to it. The same checks as those of a call, without
    /// the cache: the key is looked up, which may fetch.
    pub async fn explain(&self, info: &AuthInfo<'_>) -> Explanation {
        let mut steps = Vec::new();
        let result = self.0.explain(info, &mut steps).await;
        Explanation { steps, result }
    }
}

#[async_trait]
impl ClaimMapper for JwtClaimMapper {
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        if info.auth_token_bytes().is_empty() {
            return self.0.policy.without_token();
        }
        self.0.claims(info).await.map(Some)
    }

    fn claims_at_hand(&self, info: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
        let token = bearer::token(info.auth_token_bytes(), self.0.policy.max_token_bytes).ok()?;
        self.0.remembered(token, info.audience()).map(|claims| Ok(Some(claims)))
    }
}

impl Inner {
    /// The claims of a token that is remembered and still good. Every other token goes the long way, and gets its reason
    /// there.
    fn remembered(&self, token: &[u8], audience: &str) -> Option<Claims> {
        self.cache.claims(token, audience, &*self.clock, &*self.keys)
    }

    async fn claims(&self, info: &AuthInfo<'_>) -> Result<Claims, ClaimError> {
        let token = bearer::token(info.auth_token_bytes(), self.policy.max_token_bytes)?;
        let now = unix_seconds(self.clock.now());
        let mut texts = Texts::default();
        let candidate = self.policy.inspect(token, &mut texts, info.audience(), now, &mut Trace::silent())?;
        for _ in 0..MAX_ATTEMPTS {
            // Pinned here, it is a part of this future once, and not of each that waits for it.
            let verify = pin!(self.verify(token, &candidate, Trace::silent()));
            let (entry, fresh) = self.cache.get_or_verify(token, now, &*self.keys, verify).await?;
            // Another caller's verification may have begun before a key left.
            if fresh || entry.is_current(&*self.keys) {
                let in_time = candidate.window.contains(unix_seconds(self.clock.now()));
                return if in_time { Ok(entry.claims().clone()) } else { Err(ClaimError::rejected(Reason::Expired)) };
            }
        }
        self.verify(token, &candidate, Trace::silent()).await.map(|entry| entry.claims().clone())
    }

    /// The dear part of the checks: key, signature, permissions.
    async fn verify(
        &self,
        token: &[u8],
        candidate: &Candidate<'_>,
        mut trace: Trace<'_>,
    ) -> Result<Arc<Verified>, ClaimError> {
        let generation = self.keys.generation();
        // Of the provider itself: asked through the `Arc`, it is put into a box twice.
        let found = (*self.keys).keys(&candidate.key_query()).await;
        let keys =
            trace.step("key", signature::candidates(found, candidate), |keys| format!("{} found", keys.len()))?;
        // Never closed; were it, the signature would be verified all the same.
        let _turn = self.turns.acquire().await;
        let key = trace.step("signature", signature::signer(candidate, &keys), |_| "good".to_owned())?;
        let origin = self.origins.of(candidate, key, generation);
        let claims = self.policy.claims(candidate, origin.issuer(), &mut trace)?;
        let kept = if self.policy.keep_token_claims { token.len().saturating_mul(4) } else { 0 };
        Ok(Arc::new(Verified::new(token, claims, candidate.window, origin, kept)))
    }

    async fn explain(&self, info: &AuthInfo<'_>, steps: &mut Vec<Step>) -> Result<Option<Claims>, ClaimError> {
        let mut trace = Trace::into_list(steps);
        if info.auth_token_bytes().is_empty() {
            trace.hint("scheme", "no token: nobody has shown who it is");
            return self.policy.without_token();
        }
        let token = bearer::token(info.auth_token_bytes(), self.policy.max_token_bytes);
        let token = trace.step("scheme", token, |_| "Bearer".to_owned())?;
        let now = unix_seconds(self.clock.now());
        let mut texts = Texts::default();
        let candidate = self.policy.inspect(token, &mut texts, info.audience(), now, &mut trace)?;
        self.verify(token, &candidate, trace).await.map(|entry| Some(entry.claims().clone()))
    }
}

impl fmt::Debug for JwtClaimMapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtClaimMapper")
            .field("policy", &self.0.policy)
            .field("keys", &self.0.keys)
            .finish_non_exhaustive()
    }
}
