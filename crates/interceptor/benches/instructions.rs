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
use temporal_authz::{AuthInfo, ClaimMapper as _, Claims, Guard, MethodInfo, MethodTable, Permit};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_interceptor::{
    Authorization, AuthorizationLayer, Limits,
    request::{Scanned, scan},
};
use temporal_key_provider::JwksKeyProvider;
use tokio::runtime::Runtime;
use tower_layer::Layer as _;

/// The limits: three per cent above what was measured. They are lowered when the code gets better, and raised only with
/// a reason in the commit.
mod limit {
    pub(super) const GUARD: u64 = u64::MAX;
    pub(super) const NEW_TOKEN: u64 = u64::MAX;
    pub(super) const SCAN_START: u64 = u64::MAX;
    pub(super) const SCAN_10_COMMANDS: u64 = u64::MAX;
    pub(super) const LAYER: u64 = u64::MAX;
}

const BEARER: &str = include_str!("data/bearer.txt");
const JWKS: &str = include_str!("data/jwks.json");

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
    fn permit(&self) -> Permit {
        decide(&self.guard, &self.headers, &self.limits, black_box(BEARER), black_box(&self.body))
    }
}

/// A guard that remembers the token.
fn remembering() -> Decided {
    let (runtime, keys) = loaded();
    let guard = guard(mapper(keys)).build();
    let (headers, limits, body) = (HeaderMap::new(), Limits::default(), framed(&start(INPUT)));
    let info = AuthInfo::new(&headers).with_auth_token(BEARER);
    guard.authenticate(START, &info).now_or_never().unwrap().unwrap();
    let decided = Decided { _runtime: runtime, guard, headers, limits, body };
    decided.permit();
    decided
}

#[library_benchmark(config = config(limit::GUARD))]
#[bench::remembered_token(remembering())]
fn guard_decides(decided: Decided) -> (Decided, Permit) {
    let permit = decided.permit();
    (decided, permit)
}

struct Asked {
    _runtime: Runtime,
    mapper: JwtClaimMapper,
    headers: HeaderMap,
}

impl Asked {
    fn claims(&self) -> Claims {
        let info = AuthInfo::new(&self.headers).with_auth_token(black_box(BEARER));
        assert!(self.mapper.claims_at_hand(&info).is_none(), "the token is new");
        self.mapper.get_claims(&info).now_or_never().unwrap().unwrap().unwrap()
    }
}

/// A claim mapper that has not seen the token, in a process that has.
fn forgetful() -> Asked {
    let (runtime, keys) = loaded();
    let asked = |mapper| Asked { _runtime: runtime, mapper, headers: HeaderMap::new() };
    let first = mapper(keys.clone());
    let asked = asked(first);
    asked.claims();
    Asked { mapper: mapper(keys), ..asked }
}

#[library_benchmark(config = without_signature(limit::NEW_TOKEN))]
#[bench::rs256_without_its_signature(forgetful())]
fn new_token(asked: Asked) -> (Asked, Claims) {
    let claims = asked.claims();
    (asked, claims)
}

struct Scan {
    table: MethodTable,
    path: &'static str,
    message: Bytes,
    limits: Limits,
}

impl Scan {
    fn method(&self) -> &MethodInfo {
        self.table.find(self.path)
    }
}

fn scanning(path: &'static str, message: Bytes) -> Scan {
    Scan { table: MethodTable::temporal(), path, message, limits: Limits::default() }
}

#[library_benchmark]
#[bench::start_of_2_kb(args = (scanning(START, start(INPUT))), config = config(limit::SCAN_START))]
#[bench::ten_commands(args = (scanning(COMPLETED, completed(10))), config = config(limit::SCAN_10_COMMANDS))]
fn scan_finds(input: Scan) -> (Scan, Scanned) {
    let scanned = scan(input.method(), black_box(&input.message), &input.limits).unwrap();
    (input, scanned)
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

/// The call without the layer, for comparison; it is not ours to limit.
#[library_benchmark(config = with(counter()))]
#[bench::service_that_does_nothing(bare())]
fn layer_bare(call: Call<Trivial>) -> (Runtime, Trivial) {
    let Call { runtime, mut service, request } = call;
    let context = runtime.enter();
    black_box(send(&mut service, request));
    drop(context);
    (runtime, service)
}

#[library_benchmark(config = config(limit::LAYER))]
#[bench::service_that_does_nothing(guarded())]
fn layer_guarded(call: Call<Authorization<Trivial>>) -> (Runtime, Authorization<Trivial>) {
    let Call { runtime, mut service, request } = call;
    let context = runtime.enter();
    black_box(send(&mut service, request));
    drop(context);
    (runtime, service)
}

library_benchmark_group!(
    name = instructions,
    benchmarks = [guard_decides, new_token, scan_finds, layer_bare, layer_guarded]
);
main!(library_benchmark_groups = instructions);
