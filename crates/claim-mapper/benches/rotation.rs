//! Key rotation under load: how long the longest look-up takes while the keys of 10,000 remembered tokens change.
//!
//! The keys stand in a file that is read ten times a second. A key that signed nothing goes and comes again, which changes
//! the generation, so that each token is looked up anew among the keys at its next use; then the key of all tokens goes.
//! What a look-up takes at the worst while nothing happens is the machine's.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "bench code")]

mod support;

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use http::HeaderMap;
use support::{Issuer, document, remember};
use temporal_authz::{AuthInfo, ClaimMapper as _};
use temporal_claim_mapper::{CacheLimits, JwtClaimMapper};
use temporal_key_provider::{Algorithm, JwksKeyProvider, Source};

const TOKENS: usize = 10_000;
const PHASE: Duration = Duration::from_secs(2);
/// More look-ups than a phase has time for.
const MOST: usize = 1 << 24;

/// Looks the tokens up in turn for a while, says how many are good, and how long it took in the middle and at the worst.
fn look_up(phase: &str, mapper: &JwtClaimMapper, bearers: &[String]) {
    let headers = HeaderMap::new();
    // Written to before, so that no page of it is new while it is filled.
    let mut times = vec![u32::MAX; MOST];
    let (mut calls, mut good) = (0_usize, 0_usize);
    let begin = Instant::now();
    let mut last = begin;
    for (time, bearer) in times.iter_mut().zip(bearers.iter().cycle()) {
        let info = AuthInfo::new(&headers).with_auth_token(bearer);
        good += usize::from(mapper.claims_at_hand(&info).is_some());
        let now = Instant::now();
        *time = u32::try_from((now - last).as_nanos()).unwrap_or(u32::MAX);
        calls += 1;
        last = now;
        if now - begin > PHASE {
            break;
        }
    }
    times.truncate(calls);
    times.sort_unstable();
    let at = |part: f64| f64::from(times[((calls - 1) as f64 * part) as usize]) / 1e3;
    println!(
        "{phase:<24} {:>10} {:>9.1}% {:>10.2} {:>10.2} {:>10.2}",
        calls,
        good as f64 / calls as f64 * 100.0,
        at(0.5),
        at(0.999),
        at(1.0)
    );
}

/// As issuers of files do it: whole or not at all.
fn publish(path: &Path, document: String) {
    let new = path.with_extension("new");
    fs::write(&new, document).unwrap();
    fs::rename(new, path).unwrap();
}

fn main() {
    // Two threads: keys are read beside the look-ups, as in a server.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let path: PathBuf = env::temp_dir().join(format!("rotation-{}.json", std::process::id()));
    let issuer = Issuer::publishing(&runtime, &[Algorithm::EdDsa, Algorithm::Es256], |both| {
        publish(&path, both);
        JwksKeyProvider::builder().source(Source::file(&path)).refresh_interval(Some(Duration::from_millis(100)))
    });
    let context = runtime.enter();
    let mapper = issuer.mapper(CacheLimits::default());
    drop(context);
    let bearers: Vec<_> = (0..TOKENS).map(|number| issuer.bearer(number)).collect();
    remember(&runtime, &mapper, &bearers);
    println!(
        "{:<24} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "microseconds", "look-ups", "good", "p50", "p99.9", "longest"
    );
    look_up("nothing happens", &mapper, &bearers);
    publish(&path, document(&issuer.signers()[..1]));
    look_up("another key goes", &mapper, &bearers);
    publish(&path, document(issuer.signers()));
    look_up("it comes again", &mapper, &bearers);
    publish(&path, document(&issuer.signers()[1..]));
    look_up("the key of all goes", &mapper, &bearers);
    fs::remove_file(&path).unwrap();
}
