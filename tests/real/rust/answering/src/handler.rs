//! The handler of every method.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full, combinators::WithTrailers};

/// Answers one empty message, and tells in a header what it saw: fields `NAME=HEX,HEX…` with a space between them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handler;

type Trailers = Ready<Option<Result<HeaderMap, Infallible>>>;

impl<B> tower_service::Service<Request<B>> for Handler {
    type Response = Response<WithTrailers<Full<Bytes>, Trailers>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // A prefix, and nothing behind it: an empty message.
        let message = Full::new(Bytes::from_static(&[0; 5]));
        let trailers = HeaderMap::from_iter([("grpc-status".parse().expect("a name"), HeaderValue::from_static("0"))]);
        let mut response = Response::new(message.with_trailers(ready(Some(Ok(trailers)))));
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
        let saw = saw(request.headers()).parse().expect("hex digits");
        response.headers_mut().insert("x-test-saw", saw);
        ready(Ok(response))
    }
}

fn saw(headers: &HeaderMap) -> String {
    let fields = [
        ("type", &["temporal-principal-type"][..]),
        ("name", &["temporal-principal-name"]),
        ("token", &["authorization", "authorization-extras"]),
    ];
    let field = |(field, names): (&str, &[&str])| {
        let values = names.iter().flat_map(|name| headers.get_all(*name)).map(hex);
        format!("{field}={}", values.collect::<Vec<_>>().join(","))
    };
    fields.map(field).join(" ")
}

fn hex(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
