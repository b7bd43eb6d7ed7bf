//! One key at a time: what is checked when it is loaded.

use serde_json::{Value, json};
use temporal_key_provider::{Algorithm, SkipReason, VerificationKey};

use crate::support::signer::{Signer, base64url};

/// The key with some members replaced; `null` stands for "absent".
fn changed(jwk: &Value, changes: Value) -> Value {
    let mut jwk = jwk.clone();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(jwk.as_object_mut().unwrap().remove(name)),
            value => jwk[name] = value.clone(),
        }
    }
    jwk
}

fn number(bits: usize, last: u8) -> String {
    let mut bytes = vec![0xff; bits / 8];
    *bytes.last_mut().unwrap() = last;
    base64url(&bytes)
}

#[test]
fn keys_that_must_not_verify_are_skipped_with_the_reason() {
    use SkipReason::{
        AlgorithmMismatch, InvalidParameter, InvalidPoint, KidTooLong, Malformed, NotForSignatures, NotForVerification,
        PrivateKey, RsaExponent, RsaModulus, SymmetricKey,
    };
    let (rsa, ec, p384, ed) =
        (Signer::rsa().jwk("k"), Signer::p256().jwk("k"), Signer::p384().jwk("k"), Signer::ed25519().jwk("k"));
    let unsupported = |name: &str| SkipReason::UnsupportedKeyType(name.to_owned());
    let algorithm = |name: &str| SkipReason::UnsupportedAlgorithm(name.to_owned());
    let short_x = base64url(&[7; 31]);
    let cases = [
        ("no object", json!("key"), Malformed),
        ("use: enc", changed(&ec, json!({"use": "enc"})), NotForSignatures),
        ("key_ops without verify", changed(&ec, json!({"key_ops": ["sign", "encrypt"]})), NotForVerification),
        ("empty key_ops", changed(&ec, json!({"key_ops": []})), NotForVerification),
        ("key_ops no list", changed(&ec, json!({"key_ops": "verify"})), Malformed),
        ("symmetric", json!({"kty": "oct", "kid": "k", "k": "c2VjcmV0"}), SymmetricKey),
        ("private RSA", changed(&rsa, json!({"d": "AQAB"})), PrivateKey),
        ("private RSA, prime only", changed(&rsa, json!({"p": "AQAB"})), PrivateKey),
        ("private EC", changed(&ec, json!({"d": "AQAB"})), PrivateKey),
        ("private Ed25519", changed(&ed, json!({"d": "AQAB"})), PrivateKey),
        ("a symmetric secret beside", changed(&rsa, json!({"k": "c2VjcmV0"})), PrivateKey),
        ("no kty", changed(&ec, json!({"kty": null})), unsupported("P-256")),
        ("unknown kty", json!({"kty": "AKP", "kid": "k", "pub": "AA"}), unsupported("AKP")),
        ("P-521", changed(&ec, json!({"crv": "P-521"})), unsupported("P-521")),
        ("secp256k1", changed(&ec, json!({"crv": "secp256k1"})), unsupported("secp256k1")),
        ("X25519", changed(&ed, json!({"crv": "X25519"})), unsupported("X25519")),
        ("Ed448", changed(&ed, json!({"crv": "Ed448"})), unsupported("Ed448")),
        ("kty with control characters", json!({"kty": "\u{1b}[2J\n"}), unsupported(r"\u{1b}[2J\n")),
        ("HS256 on an RSA key", changed(&rsa, json!({"alg": "HS256"})), algorithm("HS256")),
        ("none", changed(&rsa, json!({"alg": "none"})), algorithm("none")),
        ("ES512", changed(&ec, json!({"alg": "ES512"})), algorithm("ES512")),
        ("encryption algorithm", changed(&rsa, json!({"alg": "RSA-OAEP"})), algorithm("RSA-OAEP")),
        ("alg no string", changed(&rsa, json!({"alg": 7})), Malformed),
        ("RS256 on an EC key", changed(&ec, json!({"alg": "RS256"})), AlgorithmMismatch(Algorithm::Rs256)),
        ("ES256 on P-384", changed(&p384, json!({"alg": "ES256"})), AlgorithmMismatch(Algorithm::Es256)),
        ("kid no string", changed(&ec, json!({"kid": 1})), Malformed),
        ("kid too long", changed(&ec, json!({"kid": "k".repeat(1025)})), KidTooLong),
        ("no n", changed(&rsa, json!({"n": null})), InvalidParameter("n")),
        ("no y", changed(&ec, json!({"y": null})), InvalidParameter("y")),
        ("no x", changed(&ed, json!({"x": null})), InvalidParameter("x")),
        ("n with padding", changed(&rsa, json!({"n": "AQ=="})), InvalidParameter("n")),
        ("n with white space", changed(&rsa, json!({"n": "AQ AB"})), InvalidParameter("n")),
        ("empty n", changed(&rsa, json!({"n": ""})), RsaModulus(0)),
        ("512 bits", changed(&rsa, json!({"n": number(512, 0xff)})), RsaModulus(512)),
        ("1024 bits", changed(&rsa, json!({"n": number(1024, 0xff)})), RsaModulus(1024)),
        ("16384 bits", changed(&rsa, json!({"n": number(16384, 0xff)})), RsaModulus(16384)),
        ("even modulus", changed(&rsa, json!({"n": number(2048, 0xfe)})), RsaModulus(2048)),
        ("e = 0", changed(&rsa, json!({"e": "AA"})), RsaExponent),
        ("e = 1", changed(&rsa, json!({"e": "AQ"})), RsaExponent),
        ("e = 1, padded", changed(&rsa, json!({"e": "AAAB"})), RsaExponent),
        ("e = 2", changed(&rsa, json!({"e": "Ag"})), RsaExponent),
        ("e too long", changed(&rsa, json!({"e": base64url(&[1, 0, 0, 0, 1])})), RsaExponent),
        ("stripped x", changed(&ec, json!({"x": short_x})), InvalidParameter("x")),
        ("P-256 bytes labelled P-384", changed(&ec, json!({"crv": "P-384"})), InvalidParameter("x")),
        ("not on the curve", changed(&ec, json!({"x": base64url(&[7; 32])})), InvalidPoint),
        ("origin", changed(&ec, json!({"x": base64url(&[0; 32]), "y": base64url(&[0; 32])})), InvalidPoint),
        ("31 bytes of Ed25519", changed(&ed, json!({"x": short_x})), InvalidParameter("x")),
        ("Ed25519, y beyond the prime", changed(&ed, json!({"x": base64url(&[0xff; 32])})), InvalidPoint),
    ];
    for (name, jwk, reason) in cases {
        assert_eq!(VerificationKey::from_jwk(&jwk).unwrap_err(), reason, "{name}");
    }
}

#[test]
fn what_issuers_really_publish_is_accepted() {
    let (rsa, ec) = (Signer::rsa().jwk("k"), Signer::p256().jwk("k"));
    let longest = "k".repeat(1024);
    let cases = [
        ("use: sig", changed(&rsa, json!({"use": "sig", "alg": "RS256"})), Some("k")),
        ("key_ops", changed(&rsa, json!({"key_ops": ["verify"]})), Some("k")),
        ("certificates", changed(&rsa, json!({"x5c": ["MIIC"], "x5t": "abc", "x5t#S256": "abc"})), Some("k")),
        ("unknown members", changed(&ec, json!({"ext": true, "nbf": 1, "issuer": {"a": []}})), Some("k")),
        ("no kid", changed(&ec, json!({"kid": null})), None),
        ("e = 3", changed(&rsa, json!({"e": "Aw"})), Some("k")),
        ("the largest modulus", changed(&rsa, json!({"n": number(8192, 0xff)})), Some("k")),
        ("the longest kid", changed(&ec, json!({"kid": longest})), Some(&*longest)),
    ];
    for (name, jwk, kid) in cases {
        let key = VerificationKey::from_jwk(&jwk).unwrap_or_else(|reason| panic!("{name}: {reason}"));
        assert_eq!(key.kid(), kid, "{name}");
    }
}

#[test]
fn a_pem_key_is_the_same_key_as_its_jwk() {
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::signature::KeyPair as _;
    for signer in [Signer::rsa(), Signer::p256(), Signer::p384(), Signer::ed25519()] {
        let der = match &signer {
            Signer::Rsa(pair) => pair.public_key().as_der().unwrap(),
            Signer::Ec(pair, ..) => pair.public_key().as_der().unwrap(),
            Signer::Ed25519(pair) => pair.public_key().as_der().unwrap(),
        };
        let key = VerificationKey::from_pem(Some("p"), &pem("PUBLIC KEY", der.as_ref())).unwrap();
        assert_eq!(key.kid(), Some("p"));
        assert!(key.same_material(&VerificationKey::from_jwk(&signer.jwk("k")).unwrap()), "{key:?}");
        let longer = [der.as_ref(), &[0]].concat();
        assert!(VerificationKey::from_pem(None, &pem("PUBLIC KEY", &longer)).is_err(), "a byte behind {key:?}");
        assert!(VerificationKey::from_pem(None, &pem("PUBLIC KEY", &der.as_ref()[..20])).is_err(), "half of {key:?}");
        let twice = pem("PUBLIC KEY", der.as_ref()).repeat(2);
        assert_eq!(VerificationKey::from_pem(None, &twice).unwrap_err(), SkipReason::InvalidPem);
        for other in ["PRIVATE KEY", "RSA PRIVATE KEY"] {
            assert_eq!(VerificationKey::from_pem(None, &pem(other, der.as_ref())).unwrap_err(), SkipReason::PrivateKey);
        }
    }
    for text in ["", "no key", "-----BEGIN PUBLIC KEY-----\n%%%\n-----END PUBLIC KEY-----\n"] {
        assert_eq!(VerificationKey::from_pem(None, text).unwrap_err(), SkipReason::InvalidPem);
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[test]
fn debug_shows_no_numbers_and_escapes_the_kid() {
    let jwk = Signer::p256().jwk("a\n\u{1b}[2J");
    let shown = format!("{:?}", VerificationKey::from_jwk(&jwk).unwrap());
    assert!(!shown.contains(jwk["x"].as_str().unwrap()));
    assert!(!shown.contains(['\n', '\u{1b}']), "{shown}");
}
