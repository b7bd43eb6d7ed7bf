//! How many instructions the hot paths take, counted by valgrind, with hard limits: the gate on speed. It knows no time,
//! so a busy machine does not matter to it.
//!
//! `cargo bench -p temporal-interceptor --bench instructions`; it needs valgrind and gungraun-runner, see CONTRIBUTING.md.
//!
//! What makes the counts the same everywhere: the token is fixed, nothing runs beside the measured function, and to
//! programs under valgrind every x86-64 processor with AVX2 is the same one, so that libraries which choose their code by
//! the processor choose alike. Even so the verification of a new token is counted without the signature itself, which is
//! aws-lc-rs's. On other architectures the counts are shown and not limited.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::unreachable, missing_docs, reason = "bench code")]

mod support;

use std::hint::black_box;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures_util::FutureExt as _;
use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};
use http::{HeaderMap, Request};
use http_body_util::Full;
use support::{
    caller::{decide, request, send},
    issuer::{guard, keys, mapper},
    requests::{COMPLETED, START, completed, framed, start},
    services::Trivial,
};
use temporal_authz::{AuthInfo, ClaimMapper as _, Claims, Guard, MethodInfo, MethodTable, Permit, Reason};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_interceptor::{Authorization, AuthorizationLayer, Limits, request::scan};
use temporal_key_provider::JwksKeyProvider;
use tokio::runtime::Runtime;
use tower_layer::Layer as _;
use tower_service::Service;

/// The limits: three per cent above what was measured. They are lowered when the code gets better, and raised only with
/// a reason in the commit.
mod limit {
    pub(super) const GUARD: u64 = 1_633;
    pub(super) const NEW_TOKEN: u64 = 30_006;
    pub(super) const SCAN_START: u64 = 565;
    pub(super) const SCAN_10_COMMANDS: u64 = 2_041;
    /// Of [`CALLS`](super::CALLS) calls, with what they are without the layer.
    pub(super) const LAYER: u64 = 419_207;
}

const BEARER: &str = include_str!("data/bearer.txt");
const JWKS: &str = include_str!("data/jwks.json");

/// How many calls of the layer are counted.
const CALLS: usize = 64;

/// The input of a start of 2 KB.
const INPUT: usize = 1_850;

fn config(limit: u64) -> LibraryBenchmarkConfig {
    let mut callgrind = counter();
    if cfg!(target_arch = "x86_64") {
        callgrind.hard_limits([(EventKind::Ir, limit)]);
    }
    with(callgrind)
}

fn counter() -> Callgrind {
    // No cache simulation: instructions alone.
    Callgrind::with_args(["--cache-sim=no"])
}

fn with(callgrind: Callgrind) -> LibraryBenchmarkConfig {
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}

/// As [`config`], and what lies under aws-lc's verification of a signature is not counted.
fn without_signature(limit: u64) -> LibraryBenchmarkConfig {
    let mut callgrind = Callgrind::with_args(["--cache-sim=no", "--toggle-collect=*EVP_DigestVerify"]);
    if cfg!(target_arch = "x86_64") {
        callgrind.hard_limits([(EventKind::Ir, limit)]);
    }
    with(callgrind)
}

/// Keys, and the runtime that they were loaded on.
fn loaded() -> (Runtime, JwksKeyProvider) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let keys = keys(&runtime, JWKS.to_owned());
    (runtime, keys)
}

struct Decided {
    _runtime: Runtime,
    guard: Guard,
    headers: HeaderMap,
    limits: Limits,
    body: Bytes,
}

impl Decided {
    fn permit(&mut self) -> Permit {
        let body = std::mem::take(&mut self.body);
        let (permit, body) = decide(&self.guard, &self.headers, &self.limits, black_box(BEARER), black_box(body));
        self.body = body;
        permit
    }
}

/// A guard that remembers the token.
fn remembering() -> Decided {
    let (runtime, keys) = loaded();
    let guard = guard(mapper(keys)).build();
    let (headers, limits, body) = (HeaderMap::new(), Limits::default(), framed(&start(INPUT)));
    let info = AuthInfo::new(&headers).with_auth_token(BEARER);
    guard.authenticate(START, &info).now_or_never().unwrap().unwrap();
    let mut decided = Decided { _runtime: runtime, guard, headers, limits, body };
    decided.permit();
    decided
}

#[library_benchmark(config = config(limit::GUARD))]
#[bench::remembered_token(remembering())]
fn guard_decides(mut decided: Decided) -> (Decided, Permit) {
    let permit = decided.permit();
    (decided, permit)
}

struct Asked {
    _runtime: Runtime,
    mapper: JwtClaimMapper,
    headers: HeaderMap,
}

/// A claim mapper that has refused a token for its key id, so that all code but the signature's has run. (Callgrind would
/// count a signature that is verified here: what it is told to leave out turns the counting the other way round.)
fn warmed_up() -> Asked {
    let (runtime, keys) = loaded();
    let (mapper, headers) = (mapper(keys), HeaderMap::new());
    let (_, rest) = BEARER.split_once('.').unwrap();
    let unknown =
        format!("Bearer {}.{rest}", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"unheard-of","typ":"JWT"}"#));
    let info = AuthInfo::new(&headers).with_auth_token(&unknown);
    let refusal = runtime.block_on(mapper.get_claims(&info)).unwrap_err();
    assert_eq!(refusal.reason(), Reason::UnknownKey);
    Asked { _runtime: runtime, mapper, headers }
}

#[library_benchmark(config = without_signature(limit::NEW_TOKEN))]
#[bench::rs256_without_its_signature(warmed_up())]
fn new_token(asked: Asked) -> (Asked, Claims) {
    let info = AuthInfo::new(&asked.headers).with_auth_token(black_box(BEARER));
    assert!(asked.mapper.claims_at_hand(&info).is_none(), "the token is new");
    let claims = asked.mapper.get_claims(&info).now_or_never().unwrap().unwrap().unwrap();
    (asked, claims)
}

struct Scan {
    method: MethodInfo,
    message: Bytes,
    limits: Limits,
}

fn scanning(path: &'static str, message: Bytes) -> Scan {
    Scan { method: MethodTable::temporal().find(path).clone(), message, limits: Limits::default() }
}

#[library_benchmark]
#[bench::start_of_2_kb(args = (scanning(START, start(INPUT))), config = config(limit::SCAN_START))]
#[bench::ten_commands(args = (scanning(COMPLETED, completed(10))), config = config(limit::SCAN_10_COMMANDS))]
fn scan_finds(input: Scan) -> Scan {
    black_box(scan(&input.method, black_box(&input.message), &input.limits).unwrap());
    input
}

struct Call<S> {
    runtime: Runtime,
    service: S,
    request: Request<Full<Bytes>>,
}

fn bare() -> Call<Trivial> {
    let (runtime, _) = loaded();
    Call { runtime, service: Trivial, request: request(BEARER, &framed(&start(INPUT))) }
}

/// A layer that remembers the token, around the same service.
fn guarded() -> Call<Authorization<Trivial>> {
    let (runtime, keys) = loaded();
    let layer = AuthorizationLayer::builder(guard(mapper(keys))).build();
    let mut service = layer.layer(Trivial);
    let request = request(BEARER, &framed(&start(INPUT)));
    for _ in 0..2 {
        let _context = runtime.enter();
        send(&mut service, request.clone());
    }
    Call { runtime, service, request }
}

/// As a server has it: request after request, each made and dropped, so that the allocator is in its stride. (The first
/// frees of a process take its slow paths, by which a single call would be judged.)
fn calls<S, R>(mut call: Call<S>) -> (Runtime, S)
where
    S: Service<Request<Full<Bytes>>, Response = R>,
{
    let context = call.runtime.enter();
    for _ in 0..CALLS {
        black_box(send(&mut call.service, call.request.clone()));
    }
    drop(context);
    (call.runtime, call.service)
}

// The calls without the layer, for comparison; they are not ours to limit.
#[library_benchmark(config = with(counter()))]
#[bench::service_that_does_nothing(bare())]
fn layer_bare(call: Call<Trivial>) -> (Runtime, Trivial) {
    calls(call)
}

#[library_benchmark(config = config(limit::LAYER))]
#[bench::service_that_does_nothing(guarded())]
fn layer_guarded(call: Call<Authorization<Trivial>>) -> (Runtime, Authorization<Trivial>) {
    calls(call)
}

library_benchmark_group!(
    name = instructions,
    benchmarks = [guard_decides, new_token, scan_finds, layer_bare, layer_guarded]
);
main!(library_benchmark_groups = instructions);
