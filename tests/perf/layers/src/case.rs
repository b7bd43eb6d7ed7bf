//! The ways to guard the service.

use std::{convert::Infallible, fs, path::Path, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body::Body;
use http_body_util::Full;
use jwt_authorizer::{IntoLayer as _, JwtAuthorizer, RegisteredClaims};
use temporal_authz::{DefaultAuthorizer, Guard};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_interceptor::AuthorizationLayer;
use temporal_key_provider::{JwksKeyProvider, Source};
use tower_layer::Layer as _;
use tower_service::Service;

use crate::{Error, Frontend, drive::Call, refusable::Refusable};

const ALGORITHMS: [&str; 2] = ["RS256", "ES256"];

/// A way to guard the service, and the calls to measure it with.
pub struct Case {
    /// Name, for the table.
    pub name: String,
    guard: Kind,
    tokens: Vec<HeaderValue>,
    expired: HeaderValue,
    call: Call,
}

enum Kind {
    None,
    Cached(AuthorizationLayer),
    Cold(JwksKeyProvider),
    JwtAuthorizer(jwt_authorizer::layer::AuthorizationLayer<RegisteredClaims>),
}

/// All cases, with the keys, tokens and the request in `dir`.
///
/// # Errors
/// A file that is not there, or is not good.
pub async fn cases(dir: &Path) -> Result<Vec<Case>, Error> {
    let call = Call::new(fs::read(dir.join("body"))?.into());
    let mut cases = Vec::new();
    for algorithm in ALGORITHMS {
        let dir = dir.join(algorithm);
        let tokens: Vec<_> = fs::read_to_string(dir.join("tokens"))?.lines().map(bearer).collect::<Result<_, _>>()?;
        let expired = bearer(&fs::read_to_string(dir.join("expired"))?)?;
        let jwks = dir.join("jwks.json");
        let keys = JwksKeyProvider::builder().source(Source::file(&jwks)).build().await?;
        let verifying: JwtAuthorizer = JwtAuthorizer::from_jwks_text(&fs::read_to_string(&jwks)?);
        let kinds = [
            ("temporal-interceptor, cached", Kind::Cached(layer(&keys)?)),
            ("temporal-interceptor, cold", Kind::Cold(keys)),
            ("jwt-authorizer 0.15", Kind::JwtAuthorizer(verifying.build().await?.into_layer())),
        ];
        let mut add = |name: String, guard| {
            let (tokens, expired, call) = (tokens.clone(), expired.clone(), call.clone());
            cases.push(Case { name, guard, tokens, expired, call });
        };
        if algorithm == ALGORITHMS[0] {
            add("bare tonic".to_owned(), Kind::None);
        }
        for (name, kind) in kinds {
            add(format!("{name}, {algorithm}"), kind);
        }
    }
    Ok(cases)
}

fn bearer(token: &str) -> Result<HeaderValue, Error> {
    Ok(HeaderValue::try_from(format!("Bearer {}", token.trim()))?)
}

/// The layer, with these keys.
///
/// # Errors
/// None that is expected.
pub fn layer(keys: &JwksKeyProvider) -> Result<AuthorizationLayer, Error> {
    let mapper = JwtClaimMapper::temporal(keys.clone()).build()?;
    let guard = Guard::builder(Arc::new(mapper), Arc::new(DefaultAuthorizer::new()));
    Ok(AuthorizationLayer::builder(guard).like_temporal().build())
}

impl Case {
    /// Makes some calls and returns what `meter` rose by for each of them. The layers are made, and called once with an
    /// expired token and, where the token may be remembered, once with the good one, before the meter is read.
    ///
    /// # Errors
    /// A call with a good token that does not end with status 0 or does not reach the service; an expired token that does.
    pub async fn pass(&self, meter: impl Fn() -> f64) -> Result<f64, Error> {
        let frontend = Frontend::default();
        let (cheap, dear) = (20_000, self.tokens.len());
        let one = self.tokens.get(..1).ok_or("no tokens")?;
        match &self.guard {
            Kind::None => self.calls(frontend.clone(), Some, one, cheap, meter, &frontend).await,
            Kind::Cached(layer) => self.calls(layer.layer(frontend.clone()), Some, one, cheap, meter, &frontend).await,
            Kind::Cold(keys) => {
                let layer = layer(keys)?;
                self.calls(layer.layer(frontend.clone()), Some, &self.tokens, dear, meter, &frontend).await
            }
            Kind::JwtAuthorizer(layer) => {
                let guarded = layer.layer(Refusable(frontend.clone()));
                self.calls(guarded, |answer| answer.0, one, dear, meter, &frontend).await
            }
        }
    }

    async fn calls<S, B>(
        &self,
        mut service: S,
        open: impl Fn(S::Response) -> Option<Response<B>>,
        tokens: &[HeaderValue],
        count: usize,
        meter: impl Fn() -> f64,
        frontend: &Frontend,
    ) -> Result<f64, Error>
    where
        S: Service<Request<Full<Bytes>>, Error = Infallible>,
        B: Body,
    {
        if !matches!(self.guard, Kind::None)
            && (self.call.make(&mut service, &self.expired, &open).await || frontend.seen() != 0)
        {
            return Err(format!("{}: an expired token was taken", self.name).into());
        }
        if let [token] = tokens {
            self.call.make(&mut service, token, &open).await;
        }
        let (seen, before) = (frontend.seen(), meter());
        let mut good: u64 = 0;
        for token in tokens.iter().cycle().take(count) {
            good += u64::from(self.call.make(&mut service, token, &open).await);
        }
        let spent = meter() - before;
        let reached = frontend.seen() - seen;
        if (good, reached) != (count as u64, count as u64) {
            return Err(format!("{}: of {count} calls {good} were good and {reached} were seen", self.name).into());
        }
        Ok(spent / count as f64)
    }
}
