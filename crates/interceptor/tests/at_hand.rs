//! What is judged in the call itself, and what waits.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "test code")]

use std::{
    convert::Infallible,
    future::Ready,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use async_trait::async_trait;
use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::FutureExt as _;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full, channel::Channel};
use temporal_authz::{
    AuthInfo, AuthorizeError, Authorizer, CallTarget, ClaimError, ClaimMapper, Claims, Decision, DefaultAuthorizer,
    Guard, MethodInfo, Reason, Role,
};
use temporal_interceptor::{AuthorizationLayer, Limits, RequestBody};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer as _;
use tower_service::Service;

const START: &str = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";

/// Knows "known" without any work, and "new" with some, which it counts.
#[derive(Debug, Clone, Default)]
struct Tokens(Arc<AtomicUsize>);

fn alice() -> Claims {
    Claims::builder("jwt", "alice").namespace("shop", Role::WRITER).build().unwrap()
}

#[async_trait]
impl ClaimMapper for Tokens {
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        match info.auth_token() {
            "known" | "new" => Ok(Some(alice())),
            _ => Err(ClaimError::rejected(Reason::BadSignature)),
        }
    }

    fn claims_at_hand(&self, info: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
        (info.auth_token_bytes() == b"known").then(|| Ok(Some(alice())))
    }
}

/// Temporal's rule, never at hand.
#[derive(Debug)]
struct Thinking;

#[async_trait]
impl Authorizer for Thinking {
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        Ok(DefaultAuthorizer.judge(claims, target))
    }
}

/// Keeps the bodies of the calls that it gets, in the moment when it gets them.
#[derive(Clone, Default)]
struct Handler(Arc<Mutex<Vec<RequestBody<Body>>>>);

impl Service<Request<RequestBody<Body>>> for Handler {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<RequestBody<Body>>) -> Self::Future {
        self.0.lock().unwrap().push(request.into_body());
        std::future::ready(Ok(Response::new(Full::default())))
    }
}

/// A start in a namespace, with so many bytes beside it.
fn body(flag: u8, namespace: &str, more: usize) -> Bytes {
    let mut message = BytesMut::new();
    message.put_slice(&[0x0a, u8::try_from(namespace.len()).unwrap()]);
    message.put_slice(namespace.as_bytes());
    for _ in 0..more.div_ceil(102) {
        message.put_slice(&[0x2a, 100]);
        message.put_bytes(b'x', 100);
    }
    let mut body = BytesMut::new();
    body.put_u8(flag);
    body.put_u32(message.len().try_into().unwrap());
    body.put_slice(&message);
    body.freeze()
}

fn request(token: &str, body: Body) -> Request<Body> {
    Request::post(format!("http://localhost{START}"))
        .header("content-type", "application/grpc")
        .header("authorization", token)
        .body(body)
        .unwrap()
}

fn layer(authorizer: impl Authorizer) -> AuthorizationLayer {
    AuthorizationLayer::builder(Guard::builder(Arc::new(Tokens::default()), Arc::new(authorizer))).build()
}

#[tokio::test]
async fn a_call_is_judged_at_once_when_nothing_waits_and_the_same_later_when_something_does() {
    let (at_hand, thinking) = (layer(DefaultAuthorizer), layer(Thinking));
    for (what, layer, token, bytes, at_once) in [
        ("all at hand", &at_hand, "known", body(0, "shop", 0), true),
        ("as large as goes at once", &at_hand, "known", body(0, "shop", 60 << 10), true),
        ("a large body", &at_hand, "known", body(0, "shop", 70 << 10), false),
        ("a new token", &at_hand, "new", body(0, "shop", 0), false),
        ("an authorizer with work to do", &thinking, "known", body(0, "shop", 0), false),
        ("all of it", &thinking, "new", body(0, "shop", 70 << 10), false),
    ] {
        let handler = Handler::default();
        let answer = layer.layer(handler.clone()).call(request(token, Body::new(Full::new(bytes.clone()))));
        assert_eq!(handler.0.lock().unwrap().len(), usize::from(at_once), "{what}: before anybody polls");
        assert!(Status::from_header_map(answer.await.unwrap().headers()).is_none(), "{what}");
        let bodies: Vec<_> = handler.0.lock().unwrap().drain(..).collect();
        assert_eq!(bodies.len(), 1, "{what}");
        for forwarded in bodies {
            assert_eq!(forwarded.collect().await.unwrap().to_bytes(), bytes, "{what}");
        }
    }
}

#[tokio::test]
async fn a_body_on_its_way_is_waited_for_wherever_it_was_cut() {
    let whole = body(0, "shop", 200);
    for cut in [0, 1, 5, 6, 12, whole.len()] {
        let (mut sender, coming) = Channel::<Bytes>::new(2);
        let (first, rest) = (whole.slice(..cut), whole.slice(cut..));
        sender.send_data(first).await.unwrap();
        let handler = Handler::default();
        let answer = layer(DefaultAuthorizer).layer(handler.clone()).call(request("known", Body::new(coming)));
        assert!(handler.0.lock().unwrap().is_empty(), "cut at {cut}");
        let send = async move {
            tokio::task::yield_now().await;
            sender.send_data(rest).await.unwrap();
            tokio::task::yield_now().await;
        };
        let (answer, ()) = tokio::join!(answer, send);
        assert!(Status::from_header_map(answer.unwrap().headers()).is_none(), "cut at {cut}");
        let forwarded = handler.0.lock().unwrap().pop().unwrap();
        assert_eq!(forwarded.collect().await.unwrap().to_bytes(), whole, "cut at {cut}");
    }
}

#[tokio::test]
async fn who_calls_is_verified_once_whatever_is_waited_for_afterwards() {
    let (tokens, whole) = (Tokens::default(), body(0, "shop", 200));
    let guard = Guard::builder(Arc::new(tokens.clone()), Arc::new(Thinking));
    let (mut sender, coming) = Channel::<Bytes>::new(2);
    let handler = Handler::default();
    let layer = AuthorizationLayer::builder(guard).build();
    let answer = layer.layer(handler.clone()).call(request("new", Body::new(coming)));
    let send = async move {
        for part in [whole.slice(..7), whole.slice(7..)] {
            tokio::task::yield_now().await;
            sender.send_data(part).await.unwrap();
        }
    };
    let (answer, ()) = tokio::join!(answer, send);
    assert!(Status::from_header_map(answer.unwrap().headers()).is_none());
    assert_eq!((handler.0.lock().unwrap().len(), tokens.0.load(Ordering::Relaxed)), (1, 1));
}

#[tokio::test]
async fn a_refusal_is_the_same_at_once_and_later_and_never_reaches_the_handler() {
    let (at_hand, thinking) = (layer(DefaultAuthorizer), layer(Thinking));
    for (what, layer, token, bytes, expected) in [
        ("another namespace", &at_hand, "known", body(0, "else", 0), Code::PermissionDenied),
        ("another namespace, later", &thinking, "new", body(0, "else", 0), Code::PermissionDenied),
        ("a bad token", &at_hand, "bad", body(0, "shop", 0), Code::Unauthenticated),
        ("a flag that does not exist", &at_hand, "known", body(2, "shop", 0), Code::Internal),
        ("a compressed message without its encoding", &at_hand, "known", body(1, "shop", 0), Code::Internal),
        ("a body that is empty", &at_hand, "known", Bytes::new(), Code::Internal),
    ] {
        let handler = Handler::default();
        let answer = layer.layer(handler.clone()).call(request(token, Body::new(Full::new(bytes)))).await.unwrap();
        assert_eq!(Status::from_header_map(answer.headers()).unwrap().code(), expected, "{what}");
        assert!(handler.0.lock().unwrap().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn what_a_call_held_is_given_back_however_it_ends() {
    let whole = body(0, "shop", 200);
    for authorizer in [true, false] {
        let mut limits = Limits::default();
        limits.max_buffered_bytes = whole.len();
        let guard = |authorizer: Arc<dyn Authorizer>| Guard::builder(Arc::new(Tokens::default()), authorizer);
        let guard = if authorizer { guard(Arc::new(DefaultAuthorizer)) } else { guard(Arc::new(Thinking)) };
        let layer = AuthorizationLayer::builder(guard).limits(limits).build();
        let handler = Handler::default();
        let all = |bytes: &Bytes| Body::new(Full::new(bytes.clone()));
        for (what, body, passes) in [
            ("refused", all(&body(0, "else", 200)), false),
            ("no gRPC message", all(&body(2, "shop", 200)), false),
            ("larger than all that may be held", all(&body(0, "shop", 400)), false),
            ("allowed", all(&whole), true),
            ("allowed once more", all(&whole), true),
        ] {
            let answer = layer.layer(handler.clone()).call(request("known", body)).await.unwrap();
            assert_eq!(Status::from_header_map(answer.headers()).is_none(), passes, "{what}");
            let seen = handler.0.lock().unwrap().pop();
            assert_eq!(seen.is_some(), passes, "{what}");
            // A caller that goes away while its body arrives.
            let (mut sender, coming) = Channel::<Bytes>::new(2);
            sender.send_data(whole.slice(..whole.len() / 2)).await.unwrap();
            drop(seen);
            drop(layer.layer(handler.clone()).call(request("known", Body::new(coming))));
        }
    }
}

/// Wants the request when it is first asked, and then no more.
#[derive(Debug, Default)]
struct Fickle(AtomicBool);

#[async_trait]
impl Authorizer for Fickle {
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        Ok(DefaultAuthorizer.judge(claims, target))
    }

    fn needs_request(&self, _: Option<&Claims>, _: &MethodInfo) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }
}

#[tokio::test]
async fn a_body_that_was_begun_is_judged_and_forwarded_whole_whatever_the_authorizer_wants_by_then() {
    for (namespace, more, passes) in
        [("shop", 0, true), ("shop", 70 << 10, true), ("else", 0, false), ("else", 70 << 10, false)]
    {
        let (handler, bytes) = (Handler::default(), body(0, namespace, more));
        let request = request("known", Body::new(Full::new(bytes.clone())));
        let answer = layer(Fickle::default()).layer(handler.clone()).call(request).await.unwrap();
        assert_eq!(Status::from_header_map(answer.headers()).is_none(), passes, "{namespace} {more}");
        let forwarded = handler.0.lock().unwrap().pop();
        assert_eq!(forwarded.is_some(), passes, "{namespace} {more}");
        if let Some(forwarded) = forwarded {
            assert_eq!(forwarded.collect().await.unwrap().to_bytes(), bytes, "{namespace} {more}");
        }
    }
}

#[tokio::test]
async fn a_call_that_was_judged_unread_goes_on_unread_whatever_the_authorizer_wants_by_then() {
    /// Has to think, and wants the request only after that.
    #[derive(Debug, Default)]
    struct Late(AtomicBool);

    #[async_trait]
    impl Authorizer for Late {
        async fn authorize(&self, _: Option<&Claims>, _: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
            self.0.store(true, Ordering::Relaxed);
            Ok(Decision::allow())
        }

        fn needs_request(&self, _: Option<&Claims>, _: &MethodInfo) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }

    let (mut sender, coming) = Channel::<Bytes>::new(2);
    let handler = Handler::default();
    let request = request("known", Body::new(coming));
    // Whoever read the body here would wait for ever: it comes later.
    let answer = layer(Late::default()).layer(handler.clone()).call(request).now_or_never().expect("an answer");
    assert!(Status::from_header_map(answer.unwrap().headers()).is_none());
    let forwarded = handler.0.lock().unwrap().pop().unwrap();
    sender.send_data(Bytes::from_static(b"later")).await.unwrap();
    drop(sender);
    assert_eq!(forwarded.collect().await.unwrap().to_bytes(), "later");
}

#[tokio::test]
async fn a_token_that_is_no_text_is_refused_though_the_caller_is_at_hand() {
    /// Knows everybody, whatever they show.
    #[derive(Debug)]
    struct Everybody;

    #[async_trait]
    impl ClaimMapper for Everybody {
        async fn get_claims(&self, _: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
            Ok(Some(alice()))
        }

        fn claims_at_hand(&self, _: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
            Some(Ok(Some(alice())))
        }
    }

    let layer = AuthorizationLayer::builder(Guard::builder(Arc::new(Everybody), Arc::new(DefaultAuthorizer))).build();
    for (token, passes) in [(&b"Bearer x"[..], true), (b"Bearer \xff", false)] {
        let handler = Handler::default();
        let mut request = request("", Body::new(Full::new(body(0, "shop", 0))));
        request.headers_mut().insert("authorization", HeaderValue::from_bytes(token).unwrap());
        layer.layer(handler.clone()).call(request).await.unwrap();
        assert_eq!(handler.0.lock().unwrap().len(), usize::from(passes), "{token:?}");
    }
}
