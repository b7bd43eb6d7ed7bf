//! Signatures: what is accepted, and by which key.

use temporal_key_provider::{Algorithm, VerificationKey, VerifyError};

use crate::support::signer::{Signer, base64url};

const MESSAGE: &[u8] = b"eyJhbGciOiJSUzI1NiJ9.e30";

fn key(signer: &Signer) -> VerificationKey {
    VerificationKey::from_jwk(&signer.jwk("k")).unwrap()
}

#[test]
fn every_algorithm_verifies_with_its_own_family_and_is_a_mismatch_for_the_others() {
    use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    let families: [(Signer, &[Algorithm]); 4] = [
        (Signer::rsa(), &[Rs256, Rs384, Rs512, Ps256, Ps384, Ps512]),
        (Signer::p256(), &[Es256]),
        (Signer::p384(), &[Es384]),
        (Signer::ed25519(), &[EdDsa]),
    ];
    for (signer, algorithms) in &families {
        let key = key(signer);
        for algorithm in Algorithm::ALL {
            if !algorithms.contains(&algorithm) {
                assert!(!key.accepts(algorithm));
                assert_eq!(
                    key.verify(algorithm, MESSAGE, &[0; 64]),
                    Err(VerifyError::AlgorithmMismatch),
                    "{algorithm} {key:?}"
                );
                continue;
            }
            assert!(key.accepts(algorithm));
            let signature = signer.sign(algorithm, MESSAGE);
            assert_eq!(key.verify(algorithm, MESSAGE, &signature), Ok(()), "{algorithm}");
            assert_eq!(key.verify(algorithm, b"other", &signature), Err(VerifyError::BadSignature), "{algorithm}");
            for other in algorithms.iter().filter(|other| **other != algorithm) {
                assert_eq!(
                    key.verify(*other, MESSAGE, &signature),
                    Err(VerifyError::BadSignature),
                    "{algorithm} as {other}"
                );
            }
        }
    }
}

#[test]
fn a_key_with_an_alg_of_its_own_verifies_nothing_else() {
    let signer = Signer::rsa();
    let mut jwk = signer.jwk("k");
    jwk["alg"] = "PS256".into();
    let key = VerificationKey::from_jwk(&jwk).unwrap();
    assert!(key.accepts(Algorithm::Ps256));
    assert_eq!(key.verify(Algorithm::Ps256, MESSAGE, &signer.sign(Algorithm::Ps256, MESSAGE)), Ok(()));
    let signature = signer.sign(Algorithm::Rs256, MESSAGE);
    assert_eq!(key.verify(Algorithm::Rs256, MESSAGE, &signature), Err(VerifyError::AlgorithmMismatch));
}

#[test]
fn malformed_ecdsa_signatures_are_bad() {
    let signer = Signer::p256();
    let key = key(&signer);
    let good = signer.sign(Algorithm::Es256, MESSAGE);
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let (r, s) = good.split_at(32);
    let cases = [
        ("64 zero bytes", vec![0; 64]),
        ("r = 0", [&[0; 32], s].concat()),
        ("s = 0", [r, &[0; 32]].concat()),
        ("r = n", [&order, s].concat()),
        ("s = n", [r, &order].concat()),
        ("DER", vec![0x30, 6, 2, 1, 0, 2, 1, 0]),
        ("63 bytes", good[..63].to_vec()),
        ("65 bytes", [&good[..], &[0]].concat()),
        ("empty", Vec::new()),
    ];
    for (name, signature) in cases {
        assert_eq!(key.verify(Algorithm::Es256, MESSAGE, &signature), Err(VerifyError::BadSignature), "{name}");
    }
    assert_eq!(key.verify(Algorithm::Es256, MESSAGE, &good), Ok(()));
}

#[test]
fn an_ed25519_signature_with_s_beyond_the_order_is_bad() {
    let signer = Signer::ed25519();
    let key = key(&signer);
    let good = signer.sign(Algorithm::EdDsa, MESSAGE);
    assert_eq!(key.verify(Algorithm::EdDsa, MESSAGE, &good), Ok(()));
    // S + L is the same number modulo the order of the base point.
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut forged = good;
    let mut carry = 0_u16;
    for (byte, add) in forged[32..].iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    assert_eq!(key.verify(Algorithm::EdDsa, MESSAGE, &forged), Err(VerifyError::BadSignature));
}

#[test]
fn small_order_keys_are_refused_because_signatures_for_them_can_be_made_by_anybody() {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    let points = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ];
    // R = the neutral element, S = 0: good whenever the hash, times the key, is the neutral element too.
    let mut forged = [0; 64];
    forged[0] = 1;
    for point in points {
        let mut point = hex(point);
        let anybody =
            (0..1000_u32).any(|n| UnparsedPublicKey::new(&ED25519, &point).verify(&n.to_le_bytes(), &forged).is_ok());
        assert!(anybody, "not a point of small order: {point:x?}");
        for sign in [0, 0x80] {
            point[31] |= sign;
            let jwk = serde_json::json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": base64url(&point)});
            assert!(VerificationKey::from_jwk(&jwk).is_err(), "{point:x?}");
        }
    }
}

#[test]
fn an_rsa_modulus_with_a_leading_zero_byte_works_and_is_the_same_key() {
    use base64::Engine as _;
    let signer = Signer::rsa();
    let mut jwk = signer.jwk("k");
    let plain = VerificationKey::from_jwk(&jwk).unwrap();
    let n = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    jwk["n"] = base64url(&[&[0], &n[..]].concat()).into();
    let padded = VerificationKey::from_jwk(&jwk).unwrap();
    assert!(plain.same_material(&padded));
    assert_eq!(padded.verify(Algorithm::Rs256, MESSAGE, &signer.sign(Algorithm::Rs256, MESSAGE)), Ok(()));
}

#[test]
fn material_is_the_same_for_equal_numbers_with_equal_binding_whatever_the_kid() {
    let (one, two) = (Signer::p256(), Signer::p256());
    let key = |signer: &Signer, kid: &str, alg: Option<&str>| {
        let mut jwk = signer.jwk(kid);
        if let Some(alg) = alg {
            jwk["alg"] = alg.into();
        }
        VerificationKey::from_jwk(&jwk).unwrap()
    };
    assert!(key(&one, "a", None).same_material(&key(&one, "b", None)));
    assert!(!key(&one, "a", None).same_material(&key(&two, "a", None)));
    assert!(!key(&one, "a", None).same_material(&key(&one, "a", Some("ES256"))));
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
