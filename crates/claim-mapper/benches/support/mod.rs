//! What the benches of this crate share: an issuer, claim mappers that trust it, and how long to measure.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "bench code; each bench uses a part of it"
)]

pub mod signer;

use std::time::Duration;

use criterion::Criterion;
use http::HeaderMap;
use serde_json::{Value, json};
use signer::{Signer, base64};
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper as _, Claims};
use temporal_claim_mapper::{CacheLimits, JwtClaimMapper};
use temporal_key_provider::{Algorithm, JwksKeyProvider, JwksKeyProviderBuilder, Source};
use tokio::runtime::Runtime;

const NAME: &str = "https://issuer.example/realms/temporal";
const AUDIENCE: &str = "temporal";

/// Short runs: ratios within one run are what counts. The usual options of criterion change it.
pub fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .without_plots()
        .configure_from_args()
}

/// A runtime of one thread.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// An issuer with a key for each of these algorithms.
pub struct Issuer {
    signers: Vec<Signer>,
    keys: JwksKeyProvider,
}

impl Issuer {
    pub fn new(runtime: &Runtime, algorithms: &[Algorithm]) -> Self {
        Self::publishing(runtime, algorithms, |document| {
            JwksKeyProvider::builder().source(Source::inline_jwks(document))
        })
    }

    /// An issuer whose keys are loaded as `load` says of their document.
    pub fn publishing(
        runtime: &Runtime,
        algorithms: &[Algorithm],
        load: impl FnOnce(String) -> JwksKeyProviderBuilder,
    ) -> Self {
        let signers: Vec<_> = algorithms.iter().map(|algorithm| Signer::new(*algorithm)).collect();
        let keys = load(document(&signers)).supported_algorithms(algorithms.iter().copied());
        Self { keys: runtime.block_on(keys.build()).unwrap(), signers }
    }

    /// All signers, in the order of their algorithms.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The first signer.
    pub fn signer(&self) -> &Signer {
        &self.signers[0]
    }

    /// The value of the token header for the caller with this number, by the first signer: about 860 bytes with RS256.
    pub fn bearer(&self, number: usize) -> String {
        self.signed(&self.signer().header(), &payload(number))
    }

    /// The value of the token header with this header and payload, by the first signer.
    pub fn signed(&self, header: &Value, payload: &Value) -> String {
        let message = format!("{}.{}", base64(header.to_string()), base64(payload.to_string()));
        let signature = self.signer().sign(message.as_bytes());
        format!("Bearer {message}.{}", base64(signature))
    }

    /// A claim mapper in the strict profile that has seen no token yet.
    pub fn mapper(&self, limits: CacheLimits) -> JwtClaimMapper {
        JwtClaimMapper::builder(self.keys.clone())
            .issuer(NAME)
            .audience(AUDIENCE)
            .algorithms(self.signers.iter().map(|signer| signer.algorithm))
            .cache(limits)
            .build()
            .unwrap()
    }
}

/// What an issuer with these keys publishes.
pub fn document<'a>(signers: impl IntoIterator<Item = &'a Signer>) -> String {
    json!({ "keys": signers.into_iter().map(Signer::jwk).collect::<Vec<_>>() }).to_string()
}

/// The payload of a good token for the caller with this number.
pub fn payload(number: usize) -> Value {
    json!({
        "iss": NAME, "aud": AUDIENCE, "sub": format!("service-account-worker-{number:07}"),
        "iat": 1_700_000_000, "nbf": 1_700_000_000, "exp": 4_102_444_800_u64,
        "jti": format!("5c0d3d5e-9c5b-4a6e-8f0e-{number:012}"), "azp": "worker-fleet", "scope": "openid temporal",
        "permissions": ["payments-production:write", "payments-staging:write", "reports:read"],
    })
}

/// What a call does with a token: as the guard, it asks for what is at hand first.
pub async fn claims(mapper: &JwtClaimMapper, headers: &HeaderMap, bearer: &str) -> Result<Option<Claims>, ClaimError> {
    let info = AuthInfo::new(headers).with_auth_token(bearer);
    match mapper.claims_at_hand(&info) {
        Some(answer) => answer,
        None => mapper.get_claims(&info).await,
    }
}

/// Remembers these tokens.
pub fn remember(runtime: &Runtime, mapper: &JwtClaimMapper, bearers: impl IntoIterator<Item = impl AsRef<str>>) {
    let headers = HeaderMap::new();
    runtime.block_on(async {
        for bearer in bearers {
            claims(mapper, &headers, bearer.as_ref()).await.unwrap();
        }
    });
}
