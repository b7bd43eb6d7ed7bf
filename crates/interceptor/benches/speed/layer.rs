//! What the layer adds to a service: bare against guarded, around a service that does nothing and around tonic, with a
//! token that is remembered and with a new one.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use crate::support::{
    caller::{request, send},
    issuer::{Issuer, signed_part},
    requests::{framed, start},
    services::{Tonic, Trivial},
};
use bytes::Bytes;
use criterion::{BatchSize, BenchmarkGroup, Criterion, measurement::WallTime};
use http::Request;
use http_body_util::Full;
use temporal_interceptor::AuthorizationLayer;
use tower_layer::Layer as _;
use tower_service::Service;

/// New tokens for one mapper, which then gives way to another.
const NEW_TOKENS: usize = 64;

fn calls<S>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, mut service: S, template: &Request<Full<Bytes>>)
where
    S: Service<Request<Full<Bytes>>>,
{
    // The first call verifies the token, which is remembered from then on.
    send(&mut service, template.clone());
    group.bench_function(name, |bencher| {
        let batch = BatchSize::NumIterations(64);
        bencher.iter_batched(|| template.clone(), |request| send(&mut service, black_box(request)), batch);
    });
}

fn remembered(criterion: &mut Criterion, layer: &AuthorizationLayer, template: &Request<Full<Bytes>>) {
    let mut group = criterion.benchmark_group("layer/nothing behind it");
    calls(&mut group, "bare", Trivial, template);
    calls(&mut group, "guarded", layer.layer(Trivial), template);
    group.finish();
    let mut group = criterion.benchmark_group("layer/tonic behind it");
    calls(&mut group, "bare", Tonic, template);
    calls(&mut group, "guarded", layer.layer(Tonic), template);
    group.finish();
}

fn new(criterion: &mut Criterion, issuer: &Issuer, body: &Bytes) {
    let bearers: Vec<String> = (0..NEW_TOKENS).map(|number| issuer.bearer(number)).collect();
    let key = issuer.parsed_key();
    let signed: Vec<_> = bearers.iter().map(|bearer| signed_part(bearer)).collect();
    let mut group = criterion.benchmark_group("layer/tonic behind it, new RS256 token");
    group.bench_function("aws-lc-rs alone", |bencher| {
        let mut turn = (0..NEW_TOKENS).cycle();
        bencher.iter(|| {
            let (message, signature) = &signed[turn.next().unwrap()];
            key.verify_sig(black_box(message), signature).unwrap();
        });
    });
    group.bench_function("bare", |bencher| bencher.iter_custom(|calls| new_tokens(calls, &bearers, body, || Tonic)));
    group.bench_function("guarded", |bencher| {
        let guarded = || AuthorizationLayer::builder(issuer.guard()).build().layer(Tonic);
        bencher.iter_custom(|calls| new_tokens(calls, &bearers, body, guarded));
    });
    group.finish();
}

/// The time of so many calls, each with a token that its service has not seen.
fn new_tokens<S>(calls: u64, bearers: &[String], body: &Bytes, make: impl Fn() -> S) -> Duration
where
    S: Service<Request<Full<Bytes>>>,
{
    let mut left = usize::try_from(calls).unwrap();
    let mut taken = Duration::ZERO;
    while left > 0 {
        let now = left.min(bearers.len());
        let requests: Vec<_> = bearers.iter().take(now).map(|bearer| request(bearer, body)).collect();
        let mut service = make();
        let begin = Instant::now();
        for request in requests {
            black_box(send(&mut service, request));
        }
        taken = taken.saturating_add(begin.elapsed());
        left = left.saturating_sub(now);
    }
    taken
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _context = runtime.enter();
    let issuer = Issuer::new(&runtime);
    let layer = AuthorizationLayer::builder(issuer.guard()).build();
    let body = framed(&start(1_850));
    remembered(criterion, &layer, &request(&issuer.bearer(0), &body));
    new(criterion, &issuer, &body);
}
