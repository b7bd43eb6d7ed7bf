//! Calls as Temporal's clients make them, with a token.

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderName, Request};
use temporal_gateway::demo::issuer::{Issuer, TokenRequest};
use tokio::net::TcpListener;

use super::caller::{Answer, Body, Caller, finish, request};

/// The audience of every configuration here.
pub const AUDIENCE: &str = "temporal";
/// The text of every denial, as Temporal words it, percent-encoded.
pub const UNAUTHORIZED: &str = "Request%20unauthorized.";

pub fn workflow(method: &str) -> String {
    format!("/temporal.api.workflowservice.v1.WorkflowService/{method}")
}

pub fn framed(flag: u8, message: &[u8]) -> Bytes {
    let mut body = BytesMut::new();
    body.put_u8(flag);
    body.put_u32(message.len().try_into().unwrap());
    body.put_slice(message);
    body.freeze()
}

/// A message that names its namespace in field 1, as nearly all of Temporal's do.
pub fn naming(namespace: &str) -> Bytes {
    let mut message = vec![0x0a, namespace.len().try_into().unwrap()];
    message.extend_from_slice(namespace.as_bytes());
    framed(0, &message)
}

pub async fn issuer() -> Issuer {
    Issuer::start(TcpListener::bind("127.0.0.1:0").await.unwrap()).await.unwrap()
}

/// An hour for alice.
pub fn token(issuer: &Issuer, permissions: &[&str]) -> String {
    issuer.token(&alice(permissions)).unwrap()
}

pub fn alice(permissions: &[&str]) -> TokenRequest {
    TokenRequest::new("alice", permissions.iter().copied()).audience(AUDIENCE)
}

impl Caller {
    /// A unary call of the workflow service with a token; an empty one is left out.
    pub async fn temporal(&self, method: &str, body: Bytes, token: &str) -> Answer {
        finish(self.open(with_token(request(&workflow(method), body), token)).await.unwrap()).await
    }

    /// The status of a call that asks about a namespace.
    pub async fn describe(&self, namespace: &str, token: &str) -> String {
        self.temporal("DescribeNamespace", naming(namespace), token).await.status().to_owned()
    }
}

pub fn with_token(request: Request<Body>, token: &str) -> Request<Body> {
    if token.is_empty() { request } else { with_header(request, "authorization", &format!("Bearer {token}")) }
}

pub fn with_header(mut request: Request<Body>, name: &str, value: &str) -> Request<Body> {
    request.headers_mut().append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    request
}
