//! The layer around a handler, in one process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "test code"
)]

#[allow(dead_code, reason = "shared with other test files")]
mod support;

use std::{io::Write, sync::Arc};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderValue, Method, StatusCode};
use http_body_util::{Full, channel::Channel};
use support::*;
use temporal_authz::{DefaultAuthorizer, Guard, MethodTable};
use temporal_interceptor::{AuthorizationLayer, FixedSettings, Limits, Settings};
use tonic::Code;

#[tokio::test]
async fn an_allowed_call_reaches_the_handler_as_it_was_judged() {
    let mut request = call(START, "shop", "shop");
    request.headers_mut().insert("temporal-principal-name", HeaderValue::from_static("internal"));
    request.headers_mut().insert("authorization-extras", HeaderValue::from_static("hush"));
    request.headers_mut().insert("x-kept", HeaderValue::from_static("yes"));
    let answer = send(&strict(), request).await;
    assert_eq!(answer.code(), Code::Ok);
    let handled = answer.handled.unwrap();
    assert_eq!(handled.body, frame(&field(1, b"shop")));
    assert_eq!(handled.headers.get("x-kept").unwrap(), "yes");
    for gone in ["authorization", "authorization-extras", "temporal-principal-name", "temporal-principal-type"] {
        assert!(!handled.headers.contains_key(gone), "{gone}");
    }
    let permit = handled.permit.unwrap();
    assert_eq!(permit.principal().unwrap().name(), "alice");
    let targets: Vec<_> = permit.targets().map(|target| (target.api_name(), target.namespace())).collect();
    assert_eq!(targets, [(START, "shop")]);
}

#[tokio::test]
async fn each_refusal_has_its_status_in_each_profile_and_never_reaches_the_handler() {
    let long = "n".repeat(1_001);
    let two_tokens = |second: &'static str| {
        let mut request = call(START, "shop", "shop");
        request.headers_mut().append("authorization", HeaderValue::from_static(second));
        request
    };
    type Call = Box<dyn Fn() -> http::Request<Full<Bytes>>>;
    let cases: Vec<(&str, Call, Code, Code)> = vec![
        ("nobody", Box::new(|| call(START, "", "shop")), Code::PermissionDenied, Code::Unauthenticated),
        ("bad", Box::new(|| call(START, "bad", "shop")), Code::PermissionDenied, Code::Unauthenticated),
        (
            "bad on an open method",
            Box::new(|| call("/grpc.health.v1.Health/Check", "bad", "")),
            Code::PermissionDenied,
            Code::Unauthenticated,
        ),
        ("two tokens", Box::new(move || two_tokens("bad")), Code::PermissionDenied, Code::Unauthenticated),
        ("one token twice", Box::new(move || two_tokens("shop")), Code::PermissionDenied, Code::Unauthenticated),
        ("no keys", Box::new(|| call(START, "away", "shop")), Code::PermissionDenied, Code::Unavailable),
        ("another namespace", Box::new(|| call(START, "shop", "bank")), Code::PermissionDenied, Code::PermissionDenied),
        (
            "no namespace",
            Box::new(|| post(START, "shop", Full::new(frame(b"")))),
            Code::PermissionDenied,
            Code::PermissionDenied,
        ),
        ("unknown method", Box::new(|| call("/a.B/C", "system", "")), Code::PermissionDenied, Code::PermissionDenied),
        ("authorizer error", Box::new(|| call(START, "shop", "broken")), Code::PermissionDenied, Code::Unavailable),
        ("policy", Box::new(|| call(START, "shop", "sunday")), Code::PermissionDenied, Code::PermissionDenied),
        ("long namespace", Box::new(move || call(START, "shop", &long)), Code::InvalidArgument, Code::InvalidArgument),
        ("no message", Box::new(|| post(START, "shop", Full::default())), Code::Internal, Code::Internal),
        (
            "no protobuf",
            Box::new(|| post(START, "shop", Full::new(frame(b"\x0a\x09shop")))),
            Code::Internal,
            Code::Internal,
        ),
        (
            "a second message",
            Box::new(|| post(START, "shop", Full::new([frame(b"\x0a\x04shop"), frame(b"")].concat().into()))),
            Code::Internal,
            Code::Internal,
        ),
        (
            "flag without encoding",
            Box::new(|| post(START, "shop", Full::new(Bytes::from_static(b"\x01\0\0\0\x01a")))),
            Code::Internal,
            Code::Internal,
        ),
    ];
    for (name, request, temporals, stricts) in cases {
        for (layer, expected) in [(temporal(), temporals), (strict(), stricts)] {
            let answer = send(&layer, request()).await;
            assert_eq!((answer.code(), answer.response.status()), (expected, StatusCode::OK), "{name}");
            assert!(answer.handled.is_none(), "{name}");
            assert_eq!(answer.response.headers()["content-type"], "application/grpc", "{name}");
            if expected == Code::PermissionDenied || expected == Code::Unauthenticated {
                assert_eq!(answer.status().message(), "Request unauthorized.", "{name}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_but_a_grpc_call_to_a_method_path_is_looked_at() {
    for path in [
        "/a.B",
        "//a.B/C",
        "/a.B/C/",
        "/a.B/%4d",
        "/grpc.health.v1.Health/Check/../../x",
        "/x/grpc.health.v1.Health/Check",
    ] {
        let answer = send(&strict(), post(path, "system", Slow::Forbidden)).await;
        assert_eq!(answer.code(), Code::PermissionDenied, "{path}");
        assert!(answer.handled.is_none());
    }
    for content_type in
        ["application/json", "application/grpc-web", "application/grpc-web+proto", "application/grpcx", ""]
    {
        let mut request = post(START, "system", Slow::Forbidden);
        request.headers_mut().insert("content-type", HeaderValue::from_static(content_type));
        let answer = send(&strict(), request).await;
        assert_eq!(answer.response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
        assert!(answer.handled.is_none());
    }
    let mut get = post(START, "system", Slow::Forbidden);
    *get.method_mut() = Method::GET;
    assert!(send(&strict(), get).await.handled.is_none());
    for content_type in ["application/grpc+proto", "application/grpc;charset=utf-8"] {
        let mut request = call(START, "shop", "shop");
        request.headers_mut().insert("content-type", HeaderValue::from_static(content_type));
        assert!(send(&strict(), request).await.handled.is_some(), "{content_type}");
    }
}

#[tokio::test]
async fn a_call_that_is_refused_by_its_headers_costs_no_body() {
    for (path, token) in [
        (START, ""),
        (START, "bad"),
        (START, "away"),
        (LIST_NAMESPACES, "shop"),
        ("/a.B/C", "system"),
        (STREAM, "shop"),
    ] {
        let layer = AuthorizationLayer::new(ByName::default(), DefaultAuthorizer);
        let answer = send(&layer, post(path, token, Slow::Forbidden)).await;
        assert!(answer.code() != Code::Ok && answer.handled.is_none(), "{path} by {token:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_has_bounds_in_size_and_time() {
    let limits = || {
        let mut limits = Limits::default();
        limits.max_request_bytes = 64;
        limits.max_buffered_bytes = 40;
        limits
    };
    let layer = || AuthorizationLayer::builder(guard()).limits(limits()).build();
    let prefix = Bytes::from_static(b"\0\0\0\0\x06");
    let shop = Bytes::from_static(b"\x0a\x04shop");
    for (name, frames, expected) in [
        ("never ends", vec![prefix.clone(), shop.clone()], Code::DeadlineExceeded),
        ("never begins", vec![], Code::DeadlineExceeded),
        ("too large in one frame", vec![Bytes::from(vec![0; 70])], Code::ResourceExhausted),
        ("more than all may hold together", vec![Bytes::from(vec![0; 41])], Code::ResourceExhausted),
    ] {
        let answer = send(&layer(), post(START, "shop", Slow::Frames(frames))).await;
        assert_eq!(answer.code(), expected, "{name}");
        assert!(answer.handled.is_none(), "{name}");
    }
    // In many small frames a body is as good as in one.
    let bytes = [prefix, shop].concat();
    let (mut send_frame, body) = Channel::<Bytes>::new(64);
    for byte in &bytes {
        send_frame.send_data(Bytes::copy_from_slice(&[*byte])).await.unwrap();
    }
    drop(send_frame);
    let answer = send(&layer(), post(START, "shop", body)).await;
    assert_eq!(answer.handled.unwrap().body, bytes);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_declares_much_and_stalls_takes_nothing_from_a_good_one() {
    let mut limits = Limits::default();
    limits.max_buffered_bytes = 10_000;
    let layer = AuthorizationLayer::builder(guard()).limits(limits).build();
    let stalled: Vec<_> = (0..1_000)
        .map(|_| {
            let layer = layer.clone();
            let announced = Slow::Frames(vec![Bytes::from_static(b"\0\0\x3f\xff\xff")]);
            tokio::spawn(async move { send(&layer, post(START, "shop", announced)).await.code() })
        })
        .collect();
    tokio::task::yield_now().await;
    // 1,000 times 5 bytes are held, not 1,000 times the four megabytes that were announced.
    assert_eq!(send(&layer, call(START, "shop", "shop")).await.code(), Code::Ok);
    for stalled in stalled {
        assert_eq!(stalled.await.unwrap(), Code::DeadlineExceeded);
    }
    assert_eq!(send(&layer, call(START, "shop", "shop")).await.code(), Code::Ok);
}

fn gzip(message: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(message).unwrap();
    encoder.finish().unwrap()
}

fn compressed(deflated: &[u8], encoding: &'static str) -> http::Request<Full<Bytes>> {
    let mut body = frame(deflated).to_vec();
    body[0] = 1;
    let mut request = post(START, "shop", Full::new(body.clone().into()));
    request.headers_mut().insert("grpc-encoding", HeaderValue::from_static(encoding));
    request.headers_mut().insert("content-length", body.len().into());
    request
}

#[tokio::test]
async fn a_compressed_message_is_judged_and_forwarded_inflated() {
    // Two gzip members: the second one names the namespace that counts.
    let members = [gzip(&field(1, b"bank")), gzip(&field(1, b"shop"))].concat();
    let handled = send(&strict(), compressed(&members, "gzip")).await.handled.unwrap();
    assert_eq!(handled.body, frame(&[field(1, b"bank"), field(1, b"shop")].concat()));
    assert!(!handled.headers.contains_key("content-length") && !handled.headers.contains_key("grpc-encoding"));
    let other = gzip(&field(1, b"bank"));
    assert_eq!(send(&strict(), compressed(&other, "gzip")).await.code(), Code::PermissionDenied);
    let bomb = gzip(&vec![0; 5 << 20]);
    assert!(bomb.len() < 16_000);
    let mut body = frame(&bomb).to_vec();
    body[0] = 1;
    let mut request = post(START, "shop", Full::new(body.into()));
    request.headers_mut().insert("grpc-encoding", HeaderValue::from_static("gzip"));
    assert_eq!(send(&strict(), request).await.code(), Code::ResourceExhausted);
    for encoding in ["zstd", "snappy", "identity"] {
        assert_eq!(send(&strict(), compressed(&other, encoding)).await.code(), Code::Internal, "{encoding}");
    }
}

/// RespondWorkflowTaskCompleted in namespace `shop` with one command: start a child workflow in `namespace`.
fn child_in(namespace: &str) -> http::Request<Full<Bytes>> {
    let command = [vec![8, 11], field(12, &field(1, namespace.as_bytes()))].concat();
    let message = [field(2, &command), field(9, b"shop")].concat();
    let path = "/temporal.api.workflowservice.v1.WorkflowService/RespondWorkflowTaskCompleted";
    post(path, "shop", Full::new(frame(&message)))
}

#[tokio::test]
async fn a_command_to_another_namespace_is_a_target_of_its_own() {
    assert_eq!(send(&strict(), child_in("bank")).await.code(), Code::PermissionDenied);
    let handled = send(&strict(), child_in("shop")).await.handled.unwrap();
    assert_eq!(handled.permit.unwrap().targets().count(), 1);
    // As Temporal, unless its dynamic setting is on.
    assert_eq!(send(&temporal(), child_in("bank")).await.code(), Code::Ok);
}

#[tokio::test]
async fn an_embedded_operation_in_another_namespace_is_refused_whatever_the_roles() {
    let path = "/temporal.api.workflowservice.v1.WorkflowService/ExecuteMultiOperation";
    let request = |inner: &str| {
        let operation = field(1, &field(1, inner.as_bytes()));
        post(path, "system", Full::new(frame(&[field(1, b"shop"), field(2, &operation)].concat())))
    };
    for (inner, expected) in [("shop", Code::Ok), ("", Code::Ok), ("bank", Code::PermissionDenied)] {
        assert_eq!(send(&temporal(), request(inner)).await.code(), expected, "{inner:?}");
    }
}

#[tokio::test]
async fn what_a_caller_is_told_is_what_the_operator_chose() {
    use prost::Message;
    let details = |answer: &Answer| String::from_utf8_lossy(answer.status().details()).into_owned();
    let answer = send(&temporal(), call(START, "shop", "sunday")).await;
    assert!(details(&answer).contains("PermissionDeniedFailure") && details(&answer).contains("not on Sundays"));
    let answer = send(&temporal(), call(START, "shop", "bank")).await;
    assert!(details(&answer).contains("PermissionDeniedFailure") && !details(&answer).contains("insufficient_role"));
    let open = AuthorizationLayer::builder(guard()).expose_reasons(true).build();
    assert!(details(&send(&open, call(START, "shop", "bank")).await).contains("insufficient_role"));
    assert!(send(&open, call(START, "bad", "shop")).await.status().message().ends_with("(bad_signature)"));

    let mut settings = FixedSettings::default();
    settings.expose_authorizer_errors = true;
    let exposing = AuthorizationLayer::builder(guard()).like_temporal().settings(Arc::new(settings)).build();
    for (namespace, code, text) in [
        ("teapot", Code::FailedPrecondition, "short and stout"),
        ("fine", Code::Unknown, "all is well"),
        ("broken", Code::Unknown, "policy store is away"),
    ] {
        let shown = send(&exposing, call(START, "shop", namespace)).await.status();
        assert_eq!((shown.code(), shown.message()), (code, text));
        let hidden = send(&temporal(), call(START, "shop", namespace)).await.status();
        assert_eq!((hidden.code(), hidden.message()), (Code::PermissionDenied, "Request unauthorized."));
    }
    // The details of a status repeat its code and its message.
    let status = send(&temporal(), call(START, "shop", "bank")).await.status();
    let decoded = RpcStatus::decode(status.details()).unwrap();
    assert_eq!((decoded.code, decoded.message.as_str()), (7, "Request unauthorized."));

    #[derive(Clone, PartialEq, Message)]
    struct RpcStatus {
        #[prost(int32, tag = "1")]
        code: i32,
        #[prost(string, tag = "2")]
        message: String,
    }
}

#[tokio::test]
async fn a_handler_is_told_the_principal_only_when_propagation_is_on() {
    let mut settings = FixedSettings::default();
    settings.principal_propagation = true;
    let telling = AuthorizationLayer::builder(guard())
        .settings(Arc::new(settings))
        .permit_in_extensions(false)
        .forward_authorization(true)
        .build();
    let handled = send(&telling, call(START, "shop", "shop")).await.handled.unwrap();
    assert_eq!(handled.headers["temporal-principal-type"], "jwt");
    assert_eq!(handled.headers["temporal-principal-name"], "alice");
    assert_eq!(handled.headers["authorization"], "shop");
    assert!(handled.permit.is_none());
    // Streams carry none, as in the reference.
    let handled = send(&telling, post(STREAM, "system", Full::default())).await.handled.unwrap();
    assert!(!handled.headers.contains_key("temporal-principal-name"));
}

#[derive(Debug)]
struct StreamsUnjudged;

impl Settings for StreamsUnjudged {
    fn cross_namespace_commands(&self) -> bool {
        true
    }

    fn streaming_authorizer_disabled(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn with_the_streaming_authorizer_off_listed_streams_pass_and_nothing_else_does() {
    let layer = AuthorizationLayer::builder(guard()).settings(Arc::new(StreamsUnjudged)).build();
    let mut request = post(STREAM, "bad", Full::default());
    request.headers_mut().insert("temporal-principal-name", HeaderValue::from_static("internal"));
    let handled = send(&layer, request).await.handled.unwrap();
    assert!(handled.permit.is_none() && !handled.headers.contains_key("temporal-principal-name"));
    for (path, token) in
        [("/a.B/C", ""), (START, ""), ("/temporal.server.api.adminservice.v1.AdminService/New", "shop")]
    {
        assert!(send(&layer, call(path, token, "shop")).await.handled.is_none(), "{path}");
    }
}

#[derive(Debug)]
struct Clumsy;

impl temporal_authz::AudienceMapper for Clumsy {
    fn audience(&self, _: &temporal_authz::MethodInfo, headers: &http::HeaderMap) -> std::borrow::Cow<'_, str> {
        headers["x-audience"].to_str().unwrap().to_owned().into()
    }
}

#[tokio::test]
async fn an_audience_mapper_that_panics_denies() {
    let layer = AuthorizationLayer::builder(guard()).audience_mapper(Arc::new(Clumsy)).build();
    let answer = send(&layer, call(START, "shop", "shop")).await;
    assert!(answer.code() == Code::Unavailable && answer.handled.is_none());
    let mut request = call(START, "shop", "shop");
    request.headers_mut().insert("x-audience", HeaderValue::from_static("temporal"));
    assert_eq!(send(&layer, request).await.code(), Code::Ok);
}

#[tokio::test]
async fn a_caller_without_any_role_costs_no_body() {
    let nobody = temporal_authz::Claims::builder("jwt", "a").namespace("shop", temporal_authz::Role::empty());
    let claims = nobody.build().unwrap();
    let methods = MethodTable::temporal();
    assert!(!temporal_authz::Authorizer::needs_request(&DefaultAuthorizer, Some(&claims), methods.find(START)));
}

#[tokio::test]
async fn a_grant_on_no_namespace_is_no_grant_on_the_namespace_of_a_task_token() {
    let path = "/temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskCompleted";
    let request = |token: &str| {
        let mut request = post(path, "-", Full::new(frame(&field(1, b"a task token of another namespace"))));
        request.headers_mut().insert("authorization", HeaderValue::from_str(token).unwrap());
        request
    };
    #[derive(Debug)]
    struct Nameless;
    #[async_trait::async_trait]
    impl temporal_authz::ClaimMapper for Nameless {
        async fn get_claims(
            &self,
            info: &temporal_authz::AuthInfo<'_>,
        ) -> Result<Option<temporal_authz::Claims>, temporal_authz::ClaimError> {
            use temporal_authz::Role;
            let claims = temporal_authz::Claims::builder("jwt", "a").namespace("", Role::ADMIN);
            let claims = if info.auth_token() == "system" { claims.system(Role::WRITER) } else { claims };
            claims.build().map(Some).map_err(temporal_authz::ClaimError::failed)
        }
    }
    let guard = || Guard::builder(Arc::new(Nameless), Arc::new(DefaultAuthorizer));
    let layer = AuthorizationLayer::builder(guard()).like_temporal().build();
    assert_eq!(send(&layer, request("namespace")).await.code(), Code::PermissionDenied);
    assert_eq!(send(&layer, request("system")).await.code(), Code::Ok);
}

#[tokio::test]
async fn a_guard_can_be_replaced_while_the_layer_is_in_use() {
    let layer = strict();
    let behind = layer.clone();
    assert_eq!(send(&behind, call("/acme.Orders/Create", "shop", "shop")).await.code(), Code::PermissionDenied);
    let orders = temporal_authz::MethodInfo::unary(
        "/acme.Orders/Create",
        temporal_authz::Scope::Namespace,
        temporal_authz::Access::Write,
    );
    let methods = MethodTable::builder().method(orders.with_namespace_field(1)).unwrap().build();
    layer.replace_guard(guard().methods(methods));
    assert_eq!(send(&behind, call("/acme.Orders/Create", "shop", "shop")).await.code(), Code::Ok);
    assert_eq!(send(&behind, call("/acme.Orders/Create", "shop", "bank")).await.code(), Code::PermissionDenied);
    assert_eq!(send(&behind, call(WATCH, "system", "")).await.code(), Code::PermissionDenied);
}
