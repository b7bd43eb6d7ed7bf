//! A JOSE header and a payload, signed as they are: the mapper finds what a slow reader of JSON and a slow model of the
//! rules find, in both profiles, and the strict reader that it uses finds the same document.
//!
//! The first byte chooses profile and audience of the call; a zero byte, which stands nowhere in JSON, parts header and
//! payload.

#![no_main]

use std::sync::LazyLock;

use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use temporal_authz::{AuthInfo, ClaimMapper as _};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_fuzz::{
    block_on, json,
    keys::{Still, TRUSTED, provider, sign},
    token::{AUDIENCE, ISSUER, Profile, judge},
};
use temporal_key_provider::{Algorithm, strict_json};

static TEMPORAL: LazyLock<JwtClaimMapper> = LazyLock::new(|| {
    JwtClaimMapper::temporal(provider()).algorithms([Algorithm::EdDsa]).clock(Still).build().expect("good settings")
});
static STRICT: LazyLock<JwtClaimMapper> = LazyLock::new(|| {
    let builder = JwtClaimMapper::builder(provider()).issuer(ISSUER).audience(AUDIENCE);
    builder.algorithms([Algorithm::EdDsa]).clock(Still).build().expect("good settings")
});

fn same_document(bytes: &[u8]) {
    for depth in [2, 64] {
        let slow = json::read(bytes, depth);
        let strict = strict_json::from_slice(bytes, bytes.len(), depth as u8);
        match (&slow, &strict) {
            (None, Err(_)) => {}
            (Some(slow), Ok(strict)) => assert!(slow.is(strict), "{slow:?}, strict {strict:?}"),
            _ => panic!("{slow:?}, strict {strict:?}"),
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, texts)) = data.split_first() else { return };
    let (header, payload) = match texts.iter().position(|byte| *byte == 0) {
        Some(at) => (&texts[..at], &texts[at + 1..]),
        None => (&br#"{"alg":"EdDSA","kid":"ed"}"#[..], texts),
    };
    same_document(header);
    same_document(payload);
    let token = sign(&TRUSTED, header, payload);
    let value = format!("Bearer {token}");
    let (profile, mapper) = if choice & 1 == 0 { (Profile::Temporal, &*TEMPORAL) } else { (Profile::Strict, &*STRICT) };
    let audience = ["", " ", "temporal", "other"][usize::from(choice >> 1) % 4];
    let wanted = judge(&value, profile, audience, &[&token]);
    let headers = HeaderMap::new();
    let info = AuthInfo::new(&headers).with_auth_token(&value).with_audience(audience);
    let found = block_on(mapper.get_claims(&info));
    match (&wanted, &found) {
        (None, Err(_)) => {}
        (Some(wanted), Ok(Some(claims))) => {
            assert!(wanted.is(claims), "{claims:?}, wanted {wanted:?}");
            // Remembered, it is the same.
            let again = mapper.claims_at_hand(&info).expect("at hand").expect("good").expect("claims");
            assert!(wanted.is(&again));
        }
        _ => panic!("{profile:?}: {found:?}, wanted {wanted:?}"),
    }
    let explained = block_on(mapper.explain(&info));
    assert_eq!(explained.result().is_ok(), wanted.is_some());
});
