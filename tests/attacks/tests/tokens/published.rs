//! Keys that are published and must not be used.

use attacks::{
    log::Log,
    signer::{FOREIGN_RSA, P256, P384, RSA, Signer, base64url, jwks},
    token::{claims, issuer_keys, signed},
};
use aws_lc_rs::{digest, hmac};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use temporal_authz::Reason::{AlgKeyMismatch, UnknownKey, UnsupportedAlgorithm};
use temporal_key_provider::{Algorithm, SkipReason, Source};

use crate::support::{Stand, eager};

/// Asserts that each of these keys is skipped for its reason, with a warning, and that the others are kept; and that a
/// token that names it, with what `forge` makes, is refused.
async fn skipped(case: &str, keys: &[(&str, Value, SkipReason)], forge: impl Fn(&str) -> String) {
    let mut document = issuer_keys();
    document.extend(keys.iter().map(|(_, key, _)| key.clone()));
    let log = Log::open();
    for stand in Stand::both_over(&jwks(&document)).await {
        let status = &stand.keys.status()[0];
        assert_eq!((status.keys, status.skipped.len()), (4, keys.len()), "{case}: {:?}", status.skipped);
        for (kid, _, reason) in keys {
            let case = format!("{case} {kid}");
            let found = status.skipped.iter().find(|skipped| skipped.kid == *kid).unwrap_or_else(|| panic!("{case}"));
            assert_eq!(found.reason, *reason, "{case}");
            let warned = log.containing(&format!("kid={kid} "));
            assert!(
                warned.iter().any(|entry| entry.starts_with("WARN") && entry.contains(&reason.to_string())),
                "{case}: {warned:?}"
            );
            stand.refuses(&case, &forge(kid), UnknownKey).await;
        }
        let honest = signed(&P256, Algorithm::Es256, r#"{"alg":"ES256","kid":"ec-1"}"#, claims().to_string());
        stand.accepts(case, &honest, "default").await;
    }
}

fn with(mut jwk: Value, members: Value) -> Value {
    jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    jwk
}

fn signed_naming(signer: &'static Signer, algorithm: Algorithm) -> impl Fn(&str) -> String {
    move |kid| {
        signed(signer, algorithm, json!({"alg": algorithm.as_str(), "kid": kid}).to_string(), claims().to_string())
    }
}

#[tokio::test]
async fn case_005_a_key_for_something_else_verifies_nothing() {
    use SkipReason::{NotForSignatures, NotForVerification, PrivateKey};
    let key = |kid: &str, members: Value| with(RSA.jwk(kid), members);
    let rows = [
        ("c005-enc", key("c005-enc", json!({"use": "enc"})), NotForSignatures),
        ("c005-tls", key("c005-tls", json!({"use": "tls"})), NotForSignatures),
        ("c005-SIG", key("c005-SIG", json!({"use": "SIG"})), NotForSignatures),
        ("c005-encrypt", key("c005-encrypt", json!({"key_ops": ["encrypt"]})), NotForVerification),
        ("c005-sign", key("c005-sign", json!({"key_ops": ["sign"]})), NotForVerification),
        ("c005-nothing", key("c005-nothing", json!({"key_ops": []})), NotForVerification),
        ("c005-enc-verify", key("c005-enc-verify", json!({"use": "enc", "key_ops": ["verify"]})), NotForSignatures),
        ("c005-private", key("c005-private", json!({"d": "AAAA"})), PrivateKey),
    ];
    skipped("case_005", &rows, signed_naming(&RSA, Algorithm::Rs256)).await;
    let fit = jwks(&[key("a", json!({"use": "sig"})), key("b", json!({"key_ops": ["verify"]}))]);
    for stand in Stand::both_over(&fit).await {
        for kid in ["a", "b"] {
            stand
                .accepts("case_005 a key for signatures", &signed_naming(&RSA, Algorithm::Rs256)(kid), "default")
                .await;
        }
    }
}

#[tokio::test]
async fn case_006_a_shared_secret_in_the_key_set_is_not_used() {
    let secret = [
        0x5a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
        29, 30, 31,
    ];
    let k = base64url(secret);
    let oct = json!({"kty": "oct", "kid": "c006-oct", "alg": "HS256", "k": k});
    let hidden = with(FOREIGN_RSA.jwk("c006-hidden"), json!({"k": k}));
    let log = Log::open();
    let rows = [("c006-oct", oct.clone(), SkipReason::SymmetricKey), ("c006-hidden", hidden, SkipReason::PrivateKey)];
    skipped("case_006 RS256 naming", &rows, signed_naming(&FOREIGN_RSA, Algorithm::Rs256)).await;
    for stand in Stand::both_over(&jwks(&[oct, RSA.jwk("rsa-1")])).await {
        for (name, algorithm) in [("HS256", hmac::HMAC_SHA256), ("HS512", hmac::HMAC_SHA512)] {
            let header = json!({"alg": name, "kid": "c006-oct"}).to_string();
            let message = format!("{}.{}", base64url(&header), base64url(claims().to_string()));
            let mac = hmac::sign(&hmac::Key::new(algorithm, &secret), message.as_bytes());
            let value = format!("Bearer {message}.{}", base64url(mac));
            stand.refuses_without_io(&format!("case_006 {name}"), &value, UnsupportedAlgorithm).await;
        }
    }
    assert_eq!(log.containing(&k), Vec::<String>::new(), "case_006: the log shows the secret");
}

#[tokio::test]
async fn case_012_a_point_is_on_its_curve_and_whole() {
    // A key whose x begins with a zero byte, as one in 256 does.
    let (short, jwk) = loop {
        let signer = Signer::p256();
        let jwk = signer.jwk("c012-whole");
        let x = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
        if x[0] == 0 {
            break (signer, with(jwk, json!({"stripped": base64url(&x[1..])})));
        }
    };
    let short: &'static Signer = Box::leak(Box::new(short));
    let stripped = with(jwk.clone(), json!({"kid": "c012-stripped", "x": jwk["stripped"]}));
    let padded = with(P256.jwk("c012-padded"), json!({"x": base64url([0; 33])}));
    let mut bent = P256.jwk("c012-off-curve");
    let mut y = URL_SAFE_NO_PAD.decode(bent["y"].as_str().unwrap()).unwrap();
    y[31] ^= 1;
    bent["y"] = json!(base64url(y));
    let zero =
        json!({"kty": "EC", "crv": "P-256", "kid": "c012-zero", "x": base64url([0; 32]), "y": base64url([0; 32])});
    let crossed = with(P256.jwk("c012-crossed"), json!({"crv": "P-384"}));
    let rows = [
        ("c012-stripped", stripped, SkipReason::InvalidParameter("x")),
        ("c012-padded", padded, SkipReason::InvalidParameter("x")),
        ("c012-off-curve", bent, SkipReason::InvalidPoint),
        ("c012-zero", zero, SkipReason::InvalidPoint),
        ("c012-crossed", crossed, SkipReason::InvalidParameter("x")),
        (
            "c012-P-521",
            with(P256.jwk("c012-P-521"), json!({"crv": "P-521"})),
            SkipReason::UnsupportedKeyType("P-521".to_owned()),
        ),
        (
            "c012-secp256k1",
            with(P256.jwk("c012-secp256k1"), json!({"crv": "secp256k1"})),
            SkipReason::UnsupportedKeyType("secp256k1".to_owned()),
        ),
    ];
    skipped("case_012", &rows, signed_naming(short, Algorithm::Es256)).await;
    for stand in Stand::both_over(&jwks(&[jwk, P384.jwk("ec-384"), P256.jwk("ec-1")])).await {
        stand
            .accepts("case_012 the same key, whole", &signed_naming(short, Algorithm::Es256)("c012-whole"), "default")
            .await;
        let crossed = signed_naming(&P256, Algorithm::Es256)("ec-384");
        stand.refuses_without_io("case_012 ES256 naming P-384", &crossed, AlgKeyMismatch).await;
        let header = json!({"alg": "ES512", "kid": "ec-1"}).to_string();
        let es512 = signed(&P256, Algorithm::Es256, header, claims().to_string());
        stand.refuses_without_io("case_012 ES512 naming P-256", &es512, UnsupportedAlgorithm).await;
    }
}

/// The padded digest that an RSA signature over `message` is a power of (RFC 8017 section 9.2).
fn padded(message: &[u8]) -> Vec<u8> {
    let prefix = [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
    let hash = digest::digest(&digest::SHA256, message);
    [[0, 1].as_slice(), &[0xff; 202], &[0], &prefix, hash.as_ref()].concat()
}

#[tokio::test]
async fn case_013_rsa_keys_have_a_sound_modulus_and_exponent() {
    use SkipReason::{RsaExponent, RsaModulus};
    let modulus = |bits: usize| {
        let mut n = vec![0xa5; bits.div_ceil(8)];
        n[0] = if bits.is_multiple_of(8) { 0x80 } else { 1 << (bits % 8 - 1) };
        base64url(n)
    };
    let mut even = URL_SAFE_NO_PAD.decode(RSA.jwk("")["n"].as_str().unwrap()).unwrap();
    even[255] &= 0xfe;
    let key = |kid: &str, members: Value| with(RSA.jwk(kid), members);
    let bits = |kid: &str, bits: usize| key(kid, json!({"n": modulus(bits)}));
    let rows = [
        ("c013-512", bits("c013-512", 512), RsaModulus(512)),
        ("c013-1024", bits("c013-1024", 1024), RsaModulus(1024)),
        ("c013-2047", bits("c013-2047", 2047), RsaModulus(2047)),
        ("c013-8193", bits("c013-8193", 8193), RsaModulus(8193)),
        ("c013-16384", bits("c013-16384", 16384), RsaModulus(16384)),
        ("c013-zero", key("c013-zero", json!({"n": base64url([0; 256])})), RsaModulus(0)),
        ("c013-even", key("c013-even", json!({"n": base64url(even)})), RsaModulus(2048)),
        // Everybody signs with this one: the first power of the padded digest is itself.
        ("c013-e-1", key("c013-e-1", json!({"e": "AQ"})), RsaExponent),
        ("c013-e-001", key("c013-e-001", json!({"e": "AAAB"})), RsaExponent),
        ("c013-e-0", key("c013-e-0", json!({"e": "AA"})), RsaExponent),
        ("c013-e-2", key("c013-e-2", json!({"e": "Ag"})), RsaExponent),
        ("c013-e-long", key("c013-e-long", json!({"e": base64url([1, 0, 0, 0, 1])})), RsaExponent),
    ];
    let forge = |kid: &str| {
        let message = format!(
            "{}.{}",
            base64url(json!({"alg": "RS256", "kid": kid}).to_string()),
            base64url(claims().to_string())
        );
        format!("Bearer {message}.{}", base64url(padded(message.as_bytes())))
    };
    skipped("case_013", &rows, forge).await;

    // The same from a PEM text.
    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x82, (content.len() >> 8) as u8, content.len() as u8], content].concat()
    }
    let spki = |n: &[u8], e: &[u8]| {
        let key = der(0x30, &[der(2, &[&[0], n].concat()), der(2, e)].concat());
        let algorithm = [0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
        der(0x30, &[algorithm.to_vec(), der(3, &[&[0], key.as_slice()].concat())].concat())
    };
    let n = URL_SAFE_NO_PAD.decode(RSA.jwk("")["n"].as_str().unwrap()).unwrap();
    for (case, n, e) in [
        ("case_013 PEM, e=1", n.clone(), vec![1]),
        ("case_013 PEM, 1024 bits", [&[0x80], [0xa5; 127].as_slice()].concat(), vec![1, 0, 1]),
        ("case_013 PEM, 16384 bits", [&[0x80], [0xa5; 2047].as_slice()].concat(), vec![1, 0, 1]),
    ] {
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(spki(&n, &e)));
        let error = eager().source(Source::pem("k", pem)).build().await.unwrap_err();
        assert!(error.to_string().contains("unusable key"), "{case}: {error}");
    }
}
