//! `interceptor.json`: a whole call, through the layer, to a handler that counts.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use serde::Deserialize;
use temporal_authz::{DefaultAuthorizer, Guard};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_interceptor::{AuthorizationLayer, ConnectionPeer, FixedSettings};
use temporal_key_provider::JwksKeyProvider;
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

use crate::{Report, authorizer::Principal};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    name: String,
    config: Config,
    method: String,
    metadata: Option<Vec<(String, String)>>,
    #[serde(default)]
    tls_common_name: String,
    request: String,
    expect: Expect,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Config {
    auth_header_name: String,
    audience: String,
    enable_cross_namespace_commands: bool,
    enable_principal_propagation: bool,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Expect {
    code: i32,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: String,
    principal: Option<Principal>,
    #[serde(default)]
    refuse: bool,
    #[serde(default)]
    may_refuse: bool,
}

/// What the caller and the handler saw.
#[derive(Debug)]
struct Outcome {
    code: i32,
    message: String,
    details: Bytes,
    handled: Vec<(Option<Principal>, Bytes)>,
}

pub(crate) async fn run(cases: Vec<Case>, keys: &JwksKeyProvider) -> Result<Report> {
    let mut report = Report::default();
    for case in cases {
        let outcome = call(&case, keys).await.with_context(|| case.name.clone())?;
        let equal = agrees(&case, &outcome)?;
        report.compare(case.name, &case.expect, &outcome, equal);
    }
    Ok(report)
}

fn agrees(case: &Case, outcome: &Outcome) -> Result<bool> {
    let refused = outcome.code != 0 && outcome.handled.is_empty();
    if case.expect.refuse || (case.expect.may_refuse && refused) {
        return Ok(refused);
    }
    if case.expect.code != 0 {
        let details = RpcStatus::decode(&BASE64_STANDARD.decode(&case.expect.details)?)?;
        return Ok(refused
            && outcome.code == case.expect.code
            && outcome.message == case.expect.message
            && RpcStatus::decode(&outcome.details)? == details);
    }
    // The handler ran once, saw the principal, and got the very bytes that were sent.
    let sent = frame(&BASE64_STANDARD.decode(&case.request)?);
    Ok(outcome.code == 0
        && matches!(&outcome.handled[..], [(principal, body)] if *principal == case.expect.principal && *body == sent))
}

async fn call(case: &Case, keys: &JwksKeyProvider) -> Result<Outcome> {
    let handled = Arc::new(Mutex::new(Vec::new()));
    let seen = handled.clone();
    let handler = service_fn(move |request: Request<temporal_interceptor::RequestBody<Full<Bytes>>>| {
        let seen = seen.clone();
        async move {
            let principal = principal(request.headers());
            let body = request.into_body().collect().await.expect("a whole body").to_bytes();
            seen.lock().expect("no panic").push((principal, body));
            let response = Response::builder().header("grpc-status", "0").body(Empty::<Bytes>::new());
            Ok::<_, Infallible>(response.expect("a valid response"))
        }
    });
    let response = layer(&case.config, keys)?.layer(handler).oneshot(request(case)?).await?;
    let status = tonic::Status::from_header_map(response.headers()).context("no grpc-status")?;
    let handled = std::mem::take(&mut *handled.lock().expect("no panic"));
    Ok(Outcome {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: Bytes::copy_from_slice(status.details()),
        handled,
    })
}

fn layer(config: &Config, keys: &JwksKeyProvider) -> Result<AuthorizationLayer> {
    let mut mapper = JwtClaimMapper::temporal(keys.clone());
    if !config.audience.is_empty() {
        mapper = mapper.audience(&config.audience);
    }
    let mut settings = FixedSettings::default();
    settings.cross_namespace_commands = config.enable_cross_namespace_commands;
    settings.principal_propagation = config.enable_principal_propagation;
    let guard = Guard::builder(Arc::new(mapper.build()?), Arc::new(DefaultAuthorizer::new()));
    let mut builder = AuthorizationLayer::builder(guard).like_temporal().settings(Arc::new(settings));
    if !config.auth_header_name.is_empty() {
        builder = builder.auth_header(config.auth_header_name.parse()?);
    }
    Ok(builder.build())
}

fn request(case: &Case) -> Result<Request<Full<Bytes>>> {
    let message = BASE64_STANDARD.decode(&case.request)?;
    let mut request = Request::post(format!("http://localhost{}", case.method))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Full::new(frame(&message)))?;
    for (name, value) in case.metadata.iter().flatten() {
        request.headers_mut().append(name.parse::<HeaderName>()?, value.parse()?);
    }
    if !case.tls_common_name.is_empty() {
        let peer = ConnectionPeer::default().with_verified_certificate(&certificate(&case.tls_common_name)?);
        request.extensions_mut().insert(peer);
    }
    Ok(request)
}

fn certificate(common_name: &str) -> Result<Vec<u8>> {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, common_name);
    Ok(params.self_signed(&rcgen::KeyPair::generate()?)?.der().to_vec())
}

fn frame(message: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(message.len() + 5);
    bytes.put_u8(0);
    bytes.put_u32(message.len() as u32);
    bytes.put_slice(message);
    bytes.freeze()
}

fn principal(headers: &HeaderMap) -> Option<Principal> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let principal = Principal { kind: text("temporal-principal-type"), name: text("temporal-principal-name") };
    (!principal.kind.is_empty() || !principal.name.is_empty()).then_some(principal)
}

/// `google.rpc.Status`, read independently of the code under test.
#[derive(Clone, PartialEq, prost::Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Detail>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Detail {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

impl RpcStatus {
    fn decode(bytes: &[u8]) -> Result<Self> {
        Ok(prost::Message::decode(bytes)?)
    }
}
