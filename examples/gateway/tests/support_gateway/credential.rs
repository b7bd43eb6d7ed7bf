//! The gateway's own token towards the upstream, as its file changes.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
    time::Duration,
};

use http::Request;
use temporal_gateway::credential::{OwnCredential, WithCredential};
use tower_service::Service;

use super::running::{Config, Directory, arguments, free_address, refusal};

/// Answers with the token that it was called with.
struct Echo;

impl Service<Request<()>> for Echo {
    type Response = String;
    type Error = Infallible;
    type Future = Ready<Result<String, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let values: Vec<_> = request.headers().get_all("authorization").iter().collect();
        assert!(values.len() == 1 && values[0].is_sensitive());
        ready(Ok(values[0].to_str().unwrap().to_owned()))
    }
}

#[tokio::test(start_paused = true)]
async fn the_token_follows_its_file_and_outlives_a_bad_one() {
    let files = Directory::new();
    files.write("token", "one");
    let credential = OwnCredential::follow(files.path("token")).await.unwrap();
    assert_eq!(format!("{credential:?}"), "OwnCredential");
    let mut service = WithCredential::new(Echo, Some(credential));
    for (text, expected) in [
        (Some("one"), "Bearer one"),
        (Some(" two\r\n"), "Bearer two"),
        (Some(""), "Bearer two"),
        (Some("half a token"), "Bearer two"),
        (None, "Bearer two"),
        (Some("three"), "Bearer three"),
    ] {
        match text {
            Some(text) => drop(files.write("token", text)),
            None => std::fs::remove_file(files.path("token")).unwrap(),
        }
        // The clock stands still while the file is being read.
        tokio::time::sleep(Duration::from_secs(11)).await;
        let call = Request::builder().header("authorization", "Bearer callers").body(()).unwrap();
        assert_eq!(service.call(call).await.unwrap(), expected, "after {text:?}");
    }
}

#[tokio::test]
async fn a_bad_token_file_is_an_error_at_the_start() {
    let files = Directory::new();
    let rows = [
        (None, "No such file"),
        (Some(String::new()), "holds no token"),
        (Some("\n".to_owned()), "holds no token"),
        (Some("secret words".to_owned()), "holds no token"),
        (Some("secret\nlines".to_owned()), "holds no token"),
        (Some("secret".repeat(3_000)), "holds no token"),
    ];
    for (row, (text, expected)) in rows.into_iter().enumerate() {
        let file = match text {
            Some(text) => files.write(&format!("token-{row}"), &text),
            None => files.path("nothing").display().to_string(),
        };
        let credential = format!("credential: {{ tokenFile: '{file}' }}");
        let keys = format!("http://{}/keys", free_address());
        let config = Config { towards_upstream: &credential, ..Config::new(keys, free_address()) };
        let directory = Directory::new();
        let error = refusal(&arguments(&directory, &config.yaml())).await;
        for part in ["gateway.upstream.credential.tokenFile", file.as_str(), expected] {
            assert!(error.contains(part), "row {row}: {part} in {error}");
        }
        assert!(!error.contains("secret"), "row {row}: {error}");
    }
}

/// Writes down the credential of each call that reaches it.
#[derive(Clone, Default)]
struct Recorder(std::sync::Arc<std::sync::Mutex<Vec<Option<String>>>>);

impl<B> tower_service::Service<http::Request<B>> for Recorder {
    type Response = http::Response<http_body_util::Empty<bytes::Bytes>>;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let shown = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        self.0.lock().unwrap().push(shown);
        std::future::ready(Ok(http::Response::default()))
    }
}

#[derive(Debug)]
struct StreamsUnjudged(bool);

impl temporal_interceptor::Settings for StreamsUnjudged {
    fn cross_namespace_commands(&self) -> bool {
        true
    }

    fn streaming_authorizer_disabled(&self) -> bool {
        self.0
    }
}

#[tokio::test]
async fn a_stream_that_passed_unjudged_does_not_get_the_gateways_own_credential() {
    use temporal_gateway::credential::{OwnCredential, WithCredential};
    use tower_service::Service as _;

    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("unjudged-token");
    std::fs::write(&file, "our-own").unwrap();
    let credential = OwnCredential::follow(file).await.unwrap();
    for (unjudged, expected) in [(false, Some("Bearer our-own".to_owned())), (true, None)] {
        let guard = temporal_authz::Guard::builder(
            std::sync::Arc::new(temporal_authz::NoopClaimMapper::everyone_is_admin()),
            std::sync::Arc::new(temporal_authz::DefaultAuthorizer::new()),
        );
        let layer = temporal_interceptor::AuthorizationLayer::builder(guard)
            .settings(std::sync::Arc::new(StreamsUnjudged(unjudged)))
            .build();
        let recorder = Recorder::default();
        let behind = WithCredential::new(recorder.clone(), Some(credential.clone()));
        let request = http::Request::post(
            "http://gateway/temporal.server.api.adminservice.v1.AdminService/StreamWorkflowReplicationMessages",
        )
        .header("content-type", "application/grpc")
        .body(http_body_util::Empty::<bytes::Bytes>::new())
        .unwrap();
        tower_layer::Layer::layer(&layer, behind).call(request).await.unwrap();
        assert_eq!(*recorder.0.lock().unwrap(), [expected], "unjudged: {unjudged}");
    }
}
