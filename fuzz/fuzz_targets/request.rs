//! A whole call, described, through the layer: it is refused, or passed on, as a slow and obvious model says, with the
//! bytes that were judged and without a credential; what is refused the service behind never sees.

#![no_main]

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU8, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Empty};
use libfuzzer_sys::{
    arbitrary::{Arbitrary, Unstructured},
    fuzz_target,
};
use temporal_authz::{DefaultAuthorizer, Guard, MethodInfo, MethodTable, Permit};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_fuzz::{
    block_on,
    call::{Body, Call, MAX_NAME, Settings as Chosen},
    keys::{Still, provider},
    token::{AUDIENCE, ISSUER},
    verdict::{MAX_MESSAGE, MAX_TARGETS, Passed, Verdict, reason_in_details, verdict},
};
use temporal_interceptor::{Authorization, AuthorizationLayer, Limits, RequestBody, Settings};
use temporal_key_provider::Algorithm;
use tower_layer::Layer as _;
use tower_service::Service;

static METHODS: LazyLock<Vec<MethodInfo>> = LazyLock::new(|| {
    let mut methods: Vec<MethodInfo> = MethodTable::temporal().iter().cloned().collect();
    methods.sort_by(|one, two| one.path().cmp(two.path()));
    methods
});

/// The settings of the call that is judged.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

#[derive(Debug)]
struct Current;

impl Settings for Current {
    fn cross_namespace_commands(&self) -> bool {
        CHOSEN.load(Relaxed) & 1 != 0
    }

    fn streaming_authorizer_disabled(&self) -> bool {
        CHOSEN.load(Relaxed) & 2 != 0
    }

    fn principal_propagation(&self, _: &str) -> bool {
        CHOSEN.load(Relaxed) & 4 != 0
    }
}

/// What the service behind saw.
#[derive(Debug)]
struct Seen {
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    trailers: bool,
    targets: Option<Vec<(String, String)>>,
}

#[derive(Clone)]
struct Behind(Arc<Mutex<Vec<Seen>>>);

impl Service<Request<RequestBody<Body>>> for Behind {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<RequestBody<Body>>) -> Self::Future {
        let seen = Arc::clone(&self.0);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.expect("infallible");
            let granted = parts.extensions.get::<Permit>().map(|permit| {
                let pair = |target: &temporal_authz::GrantedTarget| {
                    (target.api_name().to_owned(), target.namespace().to_owned())
                };
                permit.targets().map(pair).collect()
            });
            let trailers = body.trailers().is_some();
            seen.lock().expect("no panic").push(Seen {
                path: parts.uri.path().to_owned(),
                headers: parts.headers,
                body: body.to_bytes().to_vec(),
                trailers,
                targets: granted,
            });
            Ok(Response::new(Empty::new()))
        })
    }
}

type Layered = (Authorization<Behind>, Arc<Mutex<Vec<Seen>>>);

/// A layer in each profile.
static LAYERS: LazyLock<[Layered; 2]> = LazyLock::new(|| {
    let temporal = JwtClaimMapper::temporal(provider());
    let strict = JwtClaimMapper::builder(provider()).issuer(ISSUER).audience(AUDIENCE);
    [(temporal, false), (strict, true)].map(|(mapper, strict)| {
        let mapper = mapper.algorithms([Algorithm::EdDsa]).clock(Still).build().expect("good settings");
        let layer = AuthorizationLayer::builder(Guard::builder(Arc::new(mapper), Arc::new(DefaultAuthorizer::new())));
        let layer = if strict { layer } else { layer.like_temporal() };
        let mut limits = Limits::default();
        limits.max_request_bytes = MAX_MESSAGE;
        limits.max_namespace_bytes = MAX_NAME;
        limits.max_targets = MAX_TARGETS;
        let seen = Arc::new(Mutex::new(Vec::new()));
        // Streams that end and callers that are held off depend on the time of day.
        let layer = layer.limits(limits).settings(Arc::new(Current)).end_streams_at_expiry(None);
        let layer = layer.max_failures_per_second(0).build();
        (layer.layer(Behind(Arc::clone(&seen))), seen)
    })
});

fn is_whole(seen: &Seen, passed: &Passed, sent: &HeaderMap, path: &str) {
    assert_eq!((seen.path.as_str(), &seen.body), (path, &passed.body));
    assert_eq!(seen.targets, passed.targets);
    assert!(!seen.trailers);
    let (kind, name) = &passed.principal;
    for (header, wanted) in [("temporal-principal-type", kind), ("temporal-principal-name", name)] {
        let values: Vec<&[u8]> = seen.headers.get_all(header).iter().map(|value| value.as_bytes()).collect();
        let wanted: Vec<&[u8]> = Some(wanted.as_bytes()).into_iter().filter(|wanted| !wanted.is_empty()).collect();
        assert_eq!(values, wanted, "{header}");
    }
    for gone in ["authorization", "authorization-extras"] {
        assert!(!seen.headers.contains_key(gone), "{gone}");
    }
    for described in ["grpc-encoding", "content-length"] {
        let wanted = sent.get(described).filter(|_| !passed.inflated);
        assert_eq!(seen.headers.get(described), wanted, "{described}");
    }
}

fn is_refusal<B>(response: &Response<B>, http: u16, code: u8) {
    let headers = response.headers();
    assert_eq!(response.status().as_u16(), http);
    assert_eq!(headers["grpc-status"], code.to_string().as_str(), "{headers:?}");
    let details = headers.get("grpc-status-details-bin");
    match code {
        7 => assert_eq!(reason_in_details(details.expect("details")), Some(String::new())),
        _ => assert_eq!(details, None),
    }
    let message = headers["grpc-message"].to_str().expect("text").replace("%20", " ");
    let wanted = match code {
        3 => "Namespace length exceeds limit.",
        7 | 16 => "Request unauthorized.",
        8 => "Request is larger than the limit.",
        _ => "Request does not decode.",
    };
    assert_eq!(message, wanted);
}

fuzz_target!(|data: &[u8]| {
    let Ok(call) = Call::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let Some(wire) = call.wire(&METHODS) else { return };
    let wanted = verdict(&call, &wire, &METHODS);
    let Chosen { strict, commands, streams_pass, propagate } = call.settings;
    CHOSEN.store(u8::from(commands) | u8::from(streams_pass) << 1 | u8::from(propagate) << 2, Relaxed);
    let (service, seen) = &LAYERS[usize::from(strict)];
    let (sent, path) = (wire.request.headers().clone(), wire.request.uri().path().to_owned());
    let response = block_on(service.clone().call(wire.request)).expect("infallible");
    let seen = std::mem::take(&mut *seen.lock().expect("no panic"));
    match (&wanted, &seen[..]) {
        (Verdict::Refused(http, code), []) => is_refusal(&response, *http, *code),
        (Verdict::Passed(passed), [seen]) => is_whole(seen, passed, &sent, &path),
        _ => panic!("{seen:?} with {:?}, wanted {wanted:?}", response.headers()),
    }
});
