//! Tokens that are refused before any signature is computed, by reason, over the signature that is not computed.

use std::{hint::black_box, time::Duration};

use crate::support::{
    Issuer, claims, payload, runtime,
    signer::{base64, signed_part},
};
use criterion::Criterion;
use futures_util::FutureExt as _;
use http::HeaderMap;
use serde_json::json;
use temporal_authz::Reason;
use temporal_claim_mapper::CacheLimits;
use temporal_key_provider::Algorithm;

pub(crate) fn benches(criterion: &mut Criterion) {
    let runtime = runtime();
    let issuer = Issuer::new(&runtime, &[Algorithm::Rs256]);
    let (headers, mapper) = (HeaderMap::new(), issuer.mapper(CacheLimits::default()));
    let good = issuer.bearer(0);
    let mut expired = payload(0);
    expired.as_object_mut().unwrap().insert("exp".into(), json!(1_700_000_600));
    let none = json!({"alg": "none", "typ": "JWT"}).to_string();
    let unknown = json!({"alg": "RS256", "typ": "JWT", "kid": "never-published"});
    let tokens = [
        ("too long", Reason::MalformedCredentials, format!("Bearer {}", "x".repeat(17 << 10))),
        ("not three parts", Reason::MalformedCredentials, good.replace('.', "_")),
        (
            "alg none",
            Reason::UnsupportedAlgorithm,
            format!("Bearer {}.{}.c2ln", base64(none), base64(payload(0).to_string())),
        ),
        ("expired", Reason::Expired, issuer.signed(&issuer.signer().header(), &expired)),
        ("unknown kid", Reason::UnknownKey, issuer.signed(&unknown, &payload(0))),
    ];
    let mut group = criterion.benchmark_group("refused");
    group.measurement_time(Duration::from_secs(1));
    let (key, (message, signature)) = (issuer.signer().parsed_key(), signed_part(&good));
    group.bench_function("aws-lc-rs alone", |bencher| bencher.iter(|| key.verify_sig(message, &signature).unwrap()));
    for (name, reason, bearer) in tokens {
        let refusal = runtime.block_on(claims(&mapper, &headers, &bearer)).unwrap_err();
        assert_eq!(refusal.reason(), reason, "{name}");
        group.bench_function(name, |bencher| {
            // No such token waits for anything.
            bencher.iter(|| claims(&mapper, &headers, black_box(&bearer)).now_or_never().unwrap());
        });
    }
    group.finish();
}
