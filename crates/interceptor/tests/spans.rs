//! Where something is logged at DEBUG. Alone in its process, because that is asked of the process.

#![allow(clippy::unwrap_used, missing_docs, reason = "test code")]

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Empty, Full};
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper, Claims, DefaultAuthorizer, Guard, Role};
use temporal_interceptor::AuthorizationLayer;
use tonic::Status;
use tower::service_fn;
use tower_layer::Layer as _;
use tower_service::Service as _;
use tracing::{
    Event, Instrument as _, Subscriber, info_span,
    span::{Attributes, Id},
};
use tracing_subscriber::{
    filter::LevelFilter,
    layer::{Context, Layer, SubscriberExt as _},
    registry::LookupSpan,
};

/// Spans and events, each with what it stands in.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Log {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).unwrap().parent();
        let parent = parent.map_or("nothing", |span| span.name());
        self.0.lock().unwrap().push(format!("span {} in {parent}", attributes.metadata().name()));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let within = context.event_span(event);
        let within = within.map_or("nothing", |span| span.name());
        self.0.lock().unwrap().push(format!("{} in {within}", event.metadata().level()));
    }
}

/// Knows everybody without any work.
#[derive(Debug)]
struct Everybody;

#[async_trait]
impl ClaimMapper for Everybody {
    async fn get_claims(&self, _: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        Ok(Some(Claims::builder("jwt", "alice").namespace("shop", Role::WRITER).build().unwrap()))
    }

    fn claims_at_hand(&self, _: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
        Some(Ok(Some(Claims::builder("jwt", "alice").namespace("shop", Role::WRITER).build().unwrap())))
    }
}

#[tokio::test]
async fn where_debug_is_logged_a_call_is_judged_in_a_span_of_its_own_below_that_of_who_polls_it() {
    let log = Log::default();
    // One that wants little beside one that wants all, as many servers have it.
    let little = Log::default();
    let subscriber = tracing_subscriber::registry()
        .with(little.clone().with_filter(LevelFilter::INFO))
        .with(log.clone().with_filter(LevelFilter::DEBUG));
    let _guard = tracing::subscriber::set_default(subscriber);
    let guard = Guard::builder(Arc::new(Everybody), Arc::new(DefaultAuthorizer));
    let layer = AuthorizationLayer::builder(guard).build();
    for (namespace, event, calls) in [("shop", "DEBUG", 1), ("else", "INFO", 0)] {
        let handled = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&handled);
        let mut service = layer.layer(service_fn(move |_| {
            seen.fetch_add(1, Ordering::Relaxed);
            std::future::ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
        }));
        let message = [&[0, 0, 0, 0, 6, 0x0a, 4][..], namespace.as_bytes()].concat();
        let request = Request::post("/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution")
            .header("content-type", "application/grpc")
            .header("authorization", "Bearer x")
            .body(Full::new(Bytes::from(message)))
            .unwrap();
        let answer = service.call(request);
        assert!(log.0.lock().unwrap().is_empty(), "{namespace}: nothing happens before it is polled");
        let answer = answer.instrument(info_span!("server")).await.unwrap();
        assert_eq!(Status::from_header_map(answer.headers()).is_some(), calls == 0, "{namespace}");
        assert_eq!(handled.load(Ordering::Relaxed), calls, "{namespace}");
        let told: Vec<_> = log.0.lock().unwrap().drain(..).collect();
        let expected = ["span server in nothing", "span authorization in server", &format!("{event} in authorization")];
        assert_eq!(told, expected, "{namespace}");
        let told: Vec<_> = little.0.lock().unwrap().drain(..).collect();
        let denied = (calls == 0).then(|| "INFO in server".to_owned());
        assert_eq!(
            told,
            ["span server in nothing".to_owned()].into_iter().chain(denied).collect::<Vec<_>>(),
            "{namespace}"
        );
    }
}
