//! A remembered token: one, a thousand in turn, and with `BENCH_MILLION=1` a million (about two minutes and 3 GB), over a
//! plain map from tokens to numbers: what the machine's memory asks for as many.
//!
//! A token that comes off the network is in the processor's cache; so is the one that is looked up here, whichever it is.

use std::{
    collections::HashMap,
    hint::black_box,
    time::{Duration, Instant},
};

use crate::support::{Issuer, remember, runtime};
use criterion::Criterion;
use foldhash::fast::RandomState;
use http::HeaderMap;
use temporal_authz::{AuthInfo, ClaimMapper as _};
use temporal_claim_mapper::CacheLimits;
use temporal_key_provider::Algorithm;

/// Tokens that are copied, and then looked up.
const BATCH: usize = 32;
const NO_LIMITS: CacheLimits = CacheLimits::new(4_000_000, 16 << 30);

/// The time of so many look-ups among these tokens, in an order that no prefetcher knows.
fn look_ups(calls: u64, bearers: &[String], turn: &mut usize, look: impl Fn(&str)) -> Duration {
    let mut batch = vec![String::new(); BATCH];
    let mut taken = Duration::ZERO;
    for _ in 0..calls.div_ceil(BATCH as u64) {
        for copy in &mut batch {
            *turn = (*turn + 7_368_787) % bearers.len();
            copy.clone_from(&bearers[*turn]);
        }
        let begin = Instant::now();
        for bearer in &batch {
            look(black_box(bearer));
        }
        taken += begin.elapsed();
    }
    taken.mul_f64(calls as f64 / (calls.div_ceil(BATCH as u64) * BATCH as u64) as f64)
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let runtime = runtime();
    // Ed25519, because a million of its signatures can be made.
    let issuer = Issuer::new(&runtime, &[Algorithm::EdDsa]);
    let million = std::env::var_os("BENCH_MILLION").is_some_and(|value| value == "1");
    let mut group = criterion.benchmark_group("cached");
    for (name, tokens) in [("1 token", 1), ("1,000 tokens", 1_000), ("1,000,000 tokens", 1_000_000)] {
        if tokens > 1_000 && !million {
            continue;
        }
        let mut bearers: Vec<String> = (0..tokens).map(|number| issuer.bearer(number)).collect();
        let mapper = issuer.mapper(NO_LIMITS);
        remember(&runtime, &mapper, &bearers);
        // Of a million a few find their set full.
        let headers = HeaderMap::new();
        bearers.retain(|bearer| mapper.claims_at_hand(&AuthInfo::new(&headers).with_auth_token(bearer)).is_some());
        assert!(bearers.len() >= tokens - tokens / 10_000, "{} of {tokens} are remembered", bearers.len());
        let look = |bearer: &str| {
            let info = AuthInfo::new(&headers).with_auth_token(bearer);
            black_box(mapper.claims_at_hand(&info).unwrap().unwrap());
        };
        let mut turn = 0;
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|calls| look_ups(calls, &bearers, &mut turn, look));
        });
        let floor: HashMap<Box<str>, u64, RandomState> =
            bearers.iter().map(|bearer| (bearer.as_str().into(), 1)).collect();
        group.bench_function(format!("{name}, a map of them and nothing else"), |bencher| {
            let look = |bearer: &str| assert_eq!(floor[bearer], 1);
            bencher.iter_custom(|calls| look_ups(calls, &bearers, &mut turn, look));
        });
    }
    group.finish();
}
