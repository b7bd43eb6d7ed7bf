//! The issuer's two documents over HTTP/1.1: OpenID discovery and the key set.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE},
};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

use super::Keys;

/// Where OpenID Connect Discovery 1.0, section 4, puts the document.
const DISCOVERY: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/keys";
/// Connections served at once; further ones are closed as they come.
const MAX_CONNECTIONS: usize = 256;
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the key set of the issuer at `url` is.
pub(super) fn jwks_uri(url: &str) -> String {
    format!("{url}{KEYS}")
}

/// Serves until the task is aborted; its connections end with it.
pub(super) async fn serve(listener: TcpListener, url: String, keys: Arc<Keys>) {
    let url: Arc<str> = url.into();
    let mut connections = JoinSet::new();
    loop {
        let accepted = listener.accept().await;
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) if connections.len() < MAX_CONNECTIONS => {
                let (url, keys) = (Arc::clone(&url), Arc::clone(&keys));
                connections.spawn(
                    http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(HEADER_TIMEOUT)
                        .serve_connection(
                            TokioIo::new(stream),
                            service_fn(move |request: Request<Incoming>| {
                                let answer = answer(&request, &url, &keys);
                                async move { Ok::<_, Infallible>(answer) }
                            }),
                        ),
                );
            }
            Ok(_) => {}
            // Out of file descriptors, mostly: accepting again at once would spin.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

fn answer(request: &Request<Incoming>, url: &str, keys: &Keys) -> Response<Full<Bytes>> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut refusal = empty(StatusCode::METHOD_NOT_ALLOWED);
        let allowed = HeaderValue::from_static("GET, HEAD");
        refusal.headers_mut().insert(ALLOW, allowed);
        return refusal;
    }
    match request.uri().path() {
        DISCOVERY => document(&discovery(url)),
        KEYS => document(&keys.jwks()),
        _ => empty(StatusCode::NOT_FOUND),
    }
}

/// What OpenID Connect Discovery 1.0, section 3, requires of an issuer that has keys and nobody to log in.
fn discovery(url: &str) -> Value {
    json!({
        "issuer": url,
        "jwks_uri": jwks_uri(url),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

fn document(value: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(value.to_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Keys rotate while people watch.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
