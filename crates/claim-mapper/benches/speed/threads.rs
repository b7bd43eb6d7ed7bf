//! One hot token on one thread and on two: the time of a call on each of them.

use std::{
    hint::black_box,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use crate::support::{Issuer, remember, runtime};
use criterion::Criterion;
use http::HeaderMap;
use temporal_authz::{AuthInfo, ClaimMapper as _};
use temporal_claim_mapper::{CacheLimits, JwtClaimMapper};
use temporal_key_provider::Algorithm;

/// The longest time that a thread needs for so many look-ups while the others do the same.
fn look_ups(threads: usize, calls: u64, mapper: &JwtClaimMapper, bearer: &str) -> Duration {
    let start = Barrier::new(threads);
    let work = || {
        let headers = HeaderMap::new();
        start.wait();
        let begin = Instant::now();
        for _ in 0..calls {
            let info = AuthInfo::new(&headers).with_auth_token(black_box(bearer));
            black_box(mapper.claims_at_hand(&info).unwrap().unwrap());
        }
        begin.elapsed()
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).max().unwrap()
    })
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let runtime = runtime();
    let issuer = Issuer::new(&runtime, &[Algorithm::EdDsa]);
    let bearer = issuer.bearer(0);
    let mapper = issuer.mapper(CacheLimits::default());
    remember(&runtime, &mapper, [&bearer]);
    let mut group = criterion.benchmark_group("one hot token");
    for (name, threads) in [("1 thread", 1), ("2 threads", 2)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|calls| look_ups(threads, calls, &mapper, &bearer));
        });
    }
    group.finish();
}
