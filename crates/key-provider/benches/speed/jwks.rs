//! Loading a set of 1, 100 and 10,000 keys, each of which is checked and parsed, over a plain parse of the same JSON.

use std::hint::black_box;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use criterion::Criterion;
use serde_json::{Value, json};
use temporal_key_provider::{JwksKeyProvider, Source};
use tokio::runtime::Runtime;

/// A set of so many P-256 keys.
fn jwks(keys: usize) -> String {
    let key = |number| {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
        json!({"kty": "EC", "kid": format!("2026-11-{number:05}"), "use": "sig", "alg": "ES256", "crv": "P-256", "x": x, "y": y})
    };
    json!({ "keys": (0..keys).map(key).collect::<Vec<_>>() }).to_string()
}

fn load(runtime: &Runtime, text: &str) -> JwksKeyProvider {
    runtime.block_on(JwksKeyProvider::builder().source(Source::inline_jwks(text)).build()).unwrap()
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for keys in [1, 100, 10_000] {
        let text = jwks(keys);
        let mut group = criterion.benchmark_group(format!("jwks/{keys} keys, {} B", text.len()));
        group.bench_function("serde_json alone", |bencher| {
            bencher.iter(|| serde_json::from_str::<Value>(black_box(&text)).unwrap());
        });
        group.bench_function("load", |bencher| bencher.iter(|| load(&runtime, black_box(&text))));
        group.finish();
    }
}
