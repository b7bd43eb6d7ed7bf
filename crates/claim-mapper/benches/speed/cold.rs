//! A new token, from its text to a remembered entry, over the raw verification of its signature with a parsed key.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use crate::support::{Issuer, claims, runtime, signer::signed_part};
use criterion::Criterion;
use http::HeaderMap;
use temporal_claim_mapper::CacheLimits;
use temporal_key_provider::Algorithm;
use tokio::runtime::Runtime;

/// New tokens for one mapper, which then gives way to another.
const TOKENS: usize = 1_024;

fn cold(criterion: &mut Criterion, runtime: &Runtime, algorithm: Algorithm) {
    let issuer = Issuer::new(runtime, &[algorithm]);
    let bearers: Vec<String> = (0..TOKENS).map(|number| issuer.bearer(number)).collect();
    let key = issuer.signer().parsed_key();
    let signed: Vec<_> = bearers.iter().map(|bearer| signed_part(bearer)).collect();
    let mut group = criterion.benchmark_group(format!("cold/{algorithm}, {} B", bearers[0].len()));
    group.bench_function("aws-lc-rs alone", |bencher| {
        let mut turn = (0..TOKENS).cycle();
        bencher.iter(|| {
            let (message, signature) = &signed[turn.next().unwrap()];
            key.verify_sig(black_box(message), signature).unwrap();
        });
    });
    group.bench_function("claim mapper", |bencher| {
        bencher.iter_custom(|tokens| runtime.block_on(new_tokens(tokens, &issuer, &bearers)));
    });
    group.finish();
}

/// The time of so many tokens, each new to the mapper that it is shown to.
async fn new_tokens(tokens: u64, issuer: &Issuer, bearers: &[String]) -> Duration {
    let headers = HeaderMap::new();
    let mut left = usize::try_from(tokens).unwrap();
    let mut taken = Duration::ZERO;
    while left > 0 {
        let now = left.min(bearers.len());
        let mapper = issuer.mapper(CacheLimits::default());
        let begin = Instant::now();
        for bearer in bearers.iter().take(now) {
            black_box(claims(&mapper, &headers, black_box(bearer)).await.unwrap());
        }
        taken = taken.saturating_add(begin.elapsed());
        left = left.saturating_sub(now);
    }
    taken
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let runtime = runtime();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        cold(criterion, &runtime, algorithm);
    }
}
