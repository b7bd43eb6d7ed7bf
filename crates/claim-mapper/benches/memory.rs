//! What a remembered token takes, counted by the allocator: everything that the claim mapper allocates while it comes to
//! know so many tokens, and still holds when it does. Also what a call with a remembered token allocates.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "bench code")]

mod support;

use std::{alloc::System, hint::black_box};

use http::HeaderMap;
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use support::{Issuer, payload, remember, runtime};
use temporal_authz::{AuthInfo, ClaimMapper as _};
use temporal_claim_mapper::CacheLimits;
use temporal_key_provider::Algorithm;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const CALLS: usize = 1_000;

/// The payload of a token with so many permissions.
fn with_permissions(number: usize, permissions: usize) -> Value {
    let mut payload = payload(number);
    let entries: Vec<_> = (0..permissions).map(|entry| format!("payments-region-{entry}:write")).collect();
    payload.as_object_mut().unwrap().insert("permissions".into(), json!(entries));
    payload
}

fn row(runtime: &Runtime, issuer: &Issuer, tokens: usize, permissions: usize) {
    let header = issuer.signer().header();
    let bearers: Vec<_> =
        (0..tokens).map(|number| issuer.signed(&header, &with_permissions(number, permissions))).collect();
    let token_bytes = bearers.iter().map(|bearer| bearer.len() - "Bearer ".len()).sum::<usize>();
    let empty = Region::new(ALLOCATOR);
    let mapper = issuer.mapper(CacheLimits::new(4_000_000, 16 << 30));
    let fixed = empty.change();
    let filling = Region::new(ALLOCATOR);
    remember(runtime, &mapper, &bearers);
    let filled = filling.change();
    let held = filled.bytes_allocated - filled.bytes_deallocated;
    let headers = HeaderMap::new();
    let calling = Region::new(ALLOCATOR);
    for bearer in bearers.iter().cycle().take(CALLS) {
        let info = AuthInfo::new(&headers).with_auth_token(bearer);
        black_box(mapper.claims_at_hand(&info).unwrap().unwrap());
    }
    let calls = calling.change();
    println!(
        "{tokens:>7} {permissions:>12} {:>12} {:>12} {:>12} {:>14} {:>16.3}",
        token_bytes / tokens,
        held / tokens,
        held.saturating_sub(token_bytes) / tokens,
        fixed.bytes_allocated - fixed.bytes_deallocated,
        calls.allocations as f64 / CALLS as f64,
    );
}

fn main() {
    let runtime = runtime();
    let issuer = Issuer::new(&runtime, &[Algorithm::EdDsa]);
    println!(
        "{:>7} {:>12} {:>12} {:>12} {:>12} {:>14} {:>16}",
        "tokens", "permissions", "token B", "heap B", "beyond it B", "empty mapper B", "allocations/call"
    );
    for (tokens, permissions) in [(1_000, 3), (10_000, 1), (10_000, 3), (10_000, 30)] {
        row(&runtime, &issuer, tokens, permissions);
    }
}
