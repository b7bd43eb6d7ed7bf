//! Deciding one call with a remembered token, without HTTP: credentials, body, verdict; over what nobody can leave out,
//! which is to read the clock, to hash and compare the token, and to find the namespace in the body.

use std::{
    collections::HashMap,
    hint::black_box,
    time::{Duration, SystemTime},
};

use crate::support::{
    caller::decide,
    issuer::Issuer,
    requests::{START, framed, start},
};
use bytes::Bytes;
use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use foldhash::fast::RandomState;
use futures_util::FutureExt as _;
use http::HeaderMap;
use temporal_authz::{AuthInfo, Guard, MethodTable};
use temporal_claim_mapper::{Clock as _, SystemClock};
use temporal_interceptor::{Limits, request::scan};

/// Cycles through the tokens in an order that no prefetcher knows.
struct Turn(usize);

impl Turn {
    fn next(&mut self, of: usize) -> usize {
        self.0 = (self.0 + 7_919) % of;
        self.0
    }
}

fn remembering(guard: &Guard, bearers: &[String]) {
    let headers = HeaderMap::new();
    for bearer in bearers {
        let info = AuthInfo::new(&headers).with_auth_token(bearer);
        guard.authenticate(START, &info).now_or_never().unwrap().unwrap();
    }
}

fn floor(group: &mut BenchmarkGroup<'_, WallTime>, bearers: &[String], body: &Bytes) {
    let (table, limits) = (MethodTable::temporal(), Limits::default());
    let method = table.find(START);
    let message = body.slice(5..);
    let tokens = bearers.iter().map(|bearer| (bearer.as_str(), SystemTime::now() + Duration::from_secs(3_600)));
    let known: HashMap<&str, SystemTime, RandomState> = tokens.collect();
    let mut turn = Turn(0);
    group.bench_function("floor: clock, hash, compare, scan", |bencher| {
        bencher.iter(|| {
            let bearer = black_box(bearers[turn.next(bearers.len())].as_str());
            let good = known[bearer] > SystemClock.about_now();
            (good, scan(method, black_box(&message), &limits).unwrap())
        });
    });
}

fn guarded(group: &mut BenchmarkGroup<'_, WallTime>, guard: &Guard, bearers: &[String], body: &Bytes) {
    let (headers, limits) = (HeaderMap::new(), Limits::default());
    let (mut turn, mut body) = (Turn(0), body.clone());
    group.bench_function("guard", |bencher| {
        bencher.iter(|| {
            let bearer = black_box(bearers[turn.next(bearers.len())].as_str());
            let (permit, same) = decide(guard, &headers, &limits, bearer, black_box(std::mem::take(&mut body)));
            body = same;
            permit
        });
    });
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let issuer = Issuer::new(&runtime);
    let bearers: Vec<String> = (0..1_000).map(|number| issuer.bearer(number)).collect();
    let guard = issuer.guard().build();
    remembering(&guard, &bearers);
    for (name, tokens, input) in
        [("1 token, 2 KB", 1, 1_850), ("1 token, 4 KB", 1, 3_900), ("1,000 tokens in turn, 2 KB", 1_000, 1_850)]
    {
        let body = framed(&start(input));
        let mut group = criterion.benchmark_group(format!("call/{name}"));
        floor(&mut group, &bearers[..tokens], &body);
        guarded(&mut group, &guard, &bearers[..tokens], &body);
        group.finish();
    }
}
