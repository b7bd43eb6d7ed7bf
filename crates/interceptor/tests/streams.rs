//! Streams around their end: expiry and trailers.
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

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::HeaderValue;
use http_body_util::{BodyExt, Full, StreamBody, channel::Channel};
use support::*;
use temporal_authz::{DefaultAuthorizer, Guard};
use temporal_interceptor::AuthorizationLayer;

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_its_callers_claims_expire_and_a_unary_call_does_not() {
    let until = Some(SystemTime::now() + Duration::from_secs(60));
    let mapper = || Arc::new(ByName { until });
    let guard = || Guard::builder(mapper(), Arc::new(DefaultAuthorizer));
    let grace = Some(Duration::from_secs(5));
    for (layer, path, ends) in [
        (AuthorizationLayer::builder(guard()).end_streams_at_expiry(grace).build(), STREAM, true),
        (AuthorizationLayer::builder(guard()).like_temporal().build(), STREAM, false),
        (AuthorizationLayer::builder(guard()).end_streams_at_expiry(grace).build(), LIST_NAMESPACES, false),
    ] {
        let began = tokio::time::Instant::now();
        let handler = tower::service_fn(|_| async {
            let body = StreamBody::new(futures_util::stream::pending::<
                Result<http_body::Frame<Bytes>, std::convert::Infallible>,
            >());
            Ok::<_, std::convert::Infallible>(http::Response::new(body))
        });
        let service = tower_layer::Layer::layer(&layer, handler);
        let response =
            tower::ServiceExt::oneshot(service, post(path, "system", Full::<Bytes>::default())).await.unwrap();
        let collected = tokio::time::timeout(Duration::from_secs(3600), response.into_body().collect()).await;
        assert_eq!(collected.is_ok(), ends, "{path}");
        if let Ok(collected) = collected {
            assert_eq!(collected.unwrap().trailers().unwrap()["grpc-status"], "16");
            assert!((64..=66).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_expired_stream_ends_before_it_was_answered_and_takes_no_more_messages() {
    let until = Some(SystemTime::now() + Duration::from_secs(60));
    let guard = Guard::builder(Arc::new(ByName { until }), Arc::new(DefaultAuthorizer));
    let layer = AuthorizationLayer::builder(guard).build();
    // A handler that never answers, and writes down what it is sent.
    let taken = Arc::new(std::sync::Mutex::new(0));
    let count = taken.clone();
    let handler = tower::service_fn(move |request: http::Request<temporal_interceptor::RequestBody<_>>| {
        let count = count.clone();
        async move {
            let mut body = request.into_body();
            tokio::spawn(async move {
                while let Some(Ok(_)) = body.frame().await {
                    *count.lock().unwrap() += 1;
                }
            });
            std::future::pending::<Result<http::Response<Full<Bytes>>, std::convert::Infallible>>().await
        }
    });
    let (mut caller, body) = Channel::<Bytes>::new(4);
    let service = tower_layer::Layer::layer(&layer, handler);
    let call = tokio::spawn(tower::ServiceExt::oneshot(service, post(STREAM, "system", body)));
    caller.send_data(frame(b"")).await.unwrap();
    let response = tokio::time::timeout(Duration::from_secs(70), call).await.unwrap().unwrap().unwrap();
    assert_eq!(response.headers()["grpc-status"], "16");
    tokio::task::yield_now().await;
    let _ = caller.send_data(frame(b"")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(*taken.lock().unwrap(), 1);
}

#[tokio::test]
async fn trailers_of_a_streamed_request_do_not_reach_the_handler() {
    let trailers = http::HeaderMap::from_iter([(
        http::HeaderName::from_static("temporal-principal-name"),
        HeaderValue::from_static("internal"),
    )]);
    let frames = [http_body::Frame::data(frame(b"")), http_body::Frame::trailers(trailers)];
    let frames = frames.map(Ok::<_, std::convert::Infallible>);
    let handler = tower::service_fn(|request: http::Request<temporal_interceptor::RequestBody<_>>| async move {
        let body = request.into_body().collect().await.unwrap();
        assert!(body.trailers().is_none() && body.to_bytes() == frame(b""));
        Ok::<_, std::convert::Infallible>(http::Response::new(Full::<Bytes>::default()))
    });
    let body = StreamBody::new(futures_util::stream::iter(frames));
    let service = tower_layer::Layer::layer(&strict(), handler);
    tower::ServiceExt::oneshot(service, post(STREAM, "system", body)).await.unwrap();
}
