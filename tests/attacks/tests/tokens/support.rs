//! A token's whole way: a real key server, the key provider, the claim mapper, and the layer in front of a service.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, SystemTime},
};

use attacks::{
    log::{Log, secrets_of},
    server::JwksServer,
    signer::RSA,
    token::{AUDIENCE, ISSUER, issuer_jwks, now, signed},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper, Claims, DefaultAuthorizer, Guard, Kind, Reason};
use temporal_claim_mapper::{Clock, JwtClaimMapper, JwtClaimMapperBuilder};
use temporal_interceptor::AuthorizationLayer;
use temporal_key_provider::{Algorithm, JwksKeyProvider, JwksKeyProviderBuilder, TokenKeyProvider};
use tower::{Layer as _, ServiceExt as _, service_fn};

const START: &str = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";

/// Long against what must not be waited for, short against a developer's patience.
pub const SOON: Duration = Duration::from_secs(10);

/// One profile, complete.
pub struct Stand {
    pub strict: bool,
    pub server: JwksServer,
    pub keys: JwksKeyProvider,
    pub mapper: JwtClaimMapper,
    service: Served,
}

impl Stand {
    /// Both profiles before the issuer's usual keys, every algorithm enabled, unknown key ids fetched at once.
    pub async fn both() -> [Self; 2] {
        Self::both_with(|mapper| mapper).await
    }

    /// The same with changes to the mappers.
    pub async fn both_with(change: impl Fn(JwtClaimMapperBuilder) -> JwtClaimMapperBuilder) -> [Self; 2] {
        [Self::new(true, issuer_jwks(), &change).await, Self::new(false, issuer_jwks(), &change).await]
    }

    /// Both profiles before these keys.
    pub async fn both_over(document: &str) -> [Self; 2] {
        [Self::new(true, document, |mapper| mapper).await, Self::new(false, document, |mapper| mapper).await]
    }

    pub async fn new(
        strict: bool,
        document: impl AsRef<str>,
        change: impl Fn(JwtClaimMapperBuilder) -> JwtClaimMapperBuilder,
    ) -> Self {
        let server = JwksServer::publishing(document).await;
        let keys = eager().source(server.source()).build().await.unwrap();
        let mapper = change(profile(strict, keys.clone()).algorithms(Algorithm::ALL)).build().unwrap();
        let service = Served::new(strict, mapper.clone());
        Self { strict, server, keys, mapper, service }
    }

    /// Asserts that the token is refused for this reason, that the service did not run, that the answer is the fixed one,
    /// and that neither it nor the log shows the token.
    pub async fn refuses(&self, case: &str, value: &str, reason: Reason) {
        let case = format!("{case} ({})", if self.strict { "strict" } else { "temporal" });
        let log = Log::open();
        match claims_of(&self.mapper, value).await {
            Ok(claims) => panic!("{case}: accepted as {claims:?}"),
            Err(error) => {
                assert_eq!(error.reason(), reason, "{case}: {error}");
                assert_hides(&case, &format!("{error} {error:?}"), value);
            }
        }
        self.service.refuses(&case, value, reason).await;
        log.assert_hides(&case, value);
    }

    /// The same, and that nobody asked the key server.
    pub async fn refuses_without_io(&self, case: &str, value: &str, reason: Reason) {
        let connections = self.server.connections();
        self.refuses(case, value, reason).await;
        assert_eq!(self.server.connections(), connections, "{case}: keys were fetched");
    }

    /// Asserts that a header and a payload are refused although the issuer's key signed them, and before a key is looked
    /// up: with a key id that nobody has heard of, nothing is fetched.
    pub async fn refuses_text(&self, case: &str, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>, reason: Reason) {
        let value = signed(&RSA, Algorithm::Rs256, &header, &payload);
        self.refuses_without_io(case, &value, reason).await;
        let unheard = String::from_utf8_lossy(header.as_ref()).replace("rsa-1", "unheard-of");
        self.refuses_without_io(case, &signed(&RSA, Algorithm::Rs256, unheard, payload), reason).await;
    }

    /// Asserts that the token is accepted, and by the service too when it is asked in this namespace.
    pub async fn accepts(&self, case: &str, value: &str, namespace: &str) -> Claims {
        let log = Log::open();
        let claims = claims_of(&self.mapper, value).await.unwrap_or_else(|error| panic!("{case}: {error}"));
        let answer = self.service.call(value, namespace).await;
        assert_eq!((answer.code, answer.handled), (0, 1), "{case}");
        log.assert_hides(case, value);
        claims.expect("claims")
    }

    /// Asserts that the token is good and does not suffice for this namespace.
    pub async fn denies(&self, case: &str, value: &str, namespace: &str) {
        assert!(claims_of(&self.mapper, value).await.is_ok(), "{case}");
        let answer = self.service.call(value, namespace).await;
        assert_eq!((answer.code, answer.handled), (7, 0), "{case}");
        assert_hides(case, &answer.text, value);
    }
}

/// A layer over some mapper, in front of a service that counts.
pub struct Served {
    strict: bool,
    layer: AuthorizationLayer,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub code: u8,
    pub message: String,
    /// How often the service behind the layer ran.
    pub handled: usize,
    /// All headers, the body and the trailers.
    pub text: String,
}

impl Served {
    pub fn new(strict: bool, mapper: impl ClaimMapper) -> Self {
        let guard = Guard::builder(Arc::new(mapper), Arc::new(DefaultAuthorizer::new()));
        let layer = AuthorizationLayer::builder(guard);
        Self { strict, layer: if strict { layer } else { layer.like_temporal() }.build() }
    }

    /// Asserts that the service is not reached, and that the caller is told what everybody is told.
    pub async fn refuses(&self, case: &str, value: &str, reason: Reason) {
        let Some(answer) = self.send(&[value], "default").await else { return };
        let code = match reason.kind() {
            Kind::Unauthenticated if self.strict => 16,
            Kind::Unavailable if self.strict => 14,
            _ => 7,
        };
        assert_eq!((answer.code, answer.handled), (code, 0), "{case}: {answer:?}");
        let fixed = if code == 14 { "Authorization is not available at the moment." } else { "Request unauthorized." };
        assert_eq!(answer.message, fixed, "{case}");
        // The details hold a reason for the caller, which stays empty: they are the same for everybody.
        let nobody = self.send(&[], "default").await.unwrap();
        if nobody.code == code {
            assert_eq!(answer.text, nobody.text, "{case}: the answer tells more than that nobody called");
        }
        assert_hides(case, &answer.text, value);
    }

    pub async fn call(&self, value: &str, namespace: &str) -> Answer {
        self.send(&[value], namespace).await.expect("a header value")
    }

    /// Sends a StartWorkflowExecution with these authorization headers; `None` when HTTP cannot carry them.
    pub async fn send(&self, values: &[&str], namespace: &str) -> Option<Answer> {
        let handled = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&handled);
        let service = service_fn(move |_: Request<_>| {
            counted.fetch_add(1, SeqCst);
            async {
                Ok::<_, Infallible>(
                    Response::builder().header("grpc-status", "0").body(Full::<Bytes>::default()).unwrap(),
                )
            }
        });
        let message = [&[0x0a, u8::try_from(namespace.len()).unwrap()], namespace.as_bytes()].concat();
        let frame = [&[0, 0, 0, 0, u8::try_from(message.len()).unwrap()], message.as_slice()].concat();
        let mut request = Request::post(format!("http://localhost{START}")).header("content-type", "application/grpc");
        request = request.header("te", "trailers");
        for value in values {
            request = request.header("authorization", HeaderValue::from_str(value).ok()?);
        }
        let answer =
            self.layer.layer(service).oneshot(request.body(Full::new(Bytes::from(frame))).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap();
        let headers = body.trailers().cloned().unwrap_or_default();
        let status = |name| parts.headers.get(name).or(headers.get(name)).and_then(|value| value.to_str().ok());
        Some(Answer {
            code: status("grpc-status").unwrap().parse().unwrap(),
            message: status("grpc-message").unwrap_or_default().replace("%20", " "),
            handled: handled.load(SeqCst),
            text: format!("{:?} {:?} {:?}", parts.headers, headers, body.to_bytes()),
        })
    }
}

/// A mapper with what the profile asks for.
pub fn profile(strict: bool, keys: impl TokenKeyProvider) -> JwtClaimMapperBuilder {
    if strict {
        JwtClaimMapper::builder(keys).issuer(ISSUER).audience(AUDIENCE)
    } else {
        JwtClaimMapper::temporal(keys)
    }
}

/// A key provider that fetches for an unknown key id at once.
pub fn eager() -> JwksKeyProviderBuilder {
    JwksKeyProvider::builder()
        .supported_algorithms(Algorithm::ALL)
        .unknown_kid_cooldown(Duration::from_nanos(1))
        .fetch_timeout(Duration::from_secs(2))
        .retry_backoff(Duration::from_millis(5), Duration::from_millis(20))
}

/// What a mapper says of a header value.
pub async fn claims_of(mapper: &impl ClaimMapper, value: &str) -> Result<Option<Claims>, ClaimError> {
    mapper.get_claims(&AuthInfo::new(&HeaderMap::new()).with_auth_token(value)).await
}

/// Why a mapper refuses a header value; `None` when it does not.
pub async fn reason(mapper: &impl ClaimMapper, value: &str) -> Option<Reason> {
    claims_of(mapper, value).await.err().map(|error| error.reason())
}

/// Whether a mapper remembers a header value.
pub fn at_hand(mapper: &impl ClaimMapper, value: &str) -> bool {
    mapper.claims_at_hand(&AuthInfo::new(&HeaderMap::new()).with_auth_token(value)).is_some()
}

/// Asserts that no part of the credential is in the text.
pub fn assert_hides(case: &str, text: &str, credential: &str) {
    for secret in secrets_of(credential) {
        assert!(!text.contains(secret), "{case}: {secret:?} is shown in {text}");
    }
}

/// Waits until the condition holds; fails when it does not soon.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(SOON, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    assert!(waited.await.is_ok(), "still not: {what}");
}

/// A clock that is set by hand.
#[derive(Debug, Clone)]
pub struct StoppedClock(Arc<AtomicI64>);

impl StoppedClock {
    pub fn now() -> Self {
        Self(Arc::new(AtomicI64::new(now())))
    }

    pub fn set(&self, seconds: i64) {
        self.0.store(seconds, SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> SystemTime {
        let seconds = self.0.load(SeqCst);
        let distance = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance }
    }
}
