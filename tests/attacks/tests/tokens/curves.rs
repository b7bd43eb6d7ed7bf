//! Signatures on curves: numbers out of range, forms that are none, weak keys.

use attacks::{
    signer::{ED25519, P256, base64url, jwks},
    token::{claims, issuer_keys, parts},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use temporal_authz::Reason::{BadSignature, UnknownKey};
use temporal_key_provider::Algorithm;

use crate::support::Stand;

/// The sum of two numbers, lowest byte first.
fn sum(low_first: impl Iterator<Item = (u8, u8)>) -> Vec<u8> {
    let mut carry = 0;
    low_first
        .map(|(a, b)| {
            let digit = u16::from(a) + u16::from(b) + carry;
            carry = digit >> 8;
            digit as u8
        })
        .collect()
}

#[tokio::test]
async fn case_011_an_ecdsa_signature_is_two_numbers_in_their_range() {
    let order = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
        0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let header = json!({"alg": "ES256", "kid": "ec-1"}).to_string();
    let message = format!("{}.{}", base64url(&header), base64url(claims().to_string()));
    let good = P256.sign(Algorithm::Es256, message.as_bytes());
    let (r, s) = good.split_at(32);
    let der = |r: &[u8], s: &[u8]| {
        let number = |n: &[u8]| [&[2, n.len() as u8 + 1, 0], n].concat();
        let both = [number(r), number(s)].concat();
        [&[0x30, both.len() as u8], both.as_slice()].concat()
    };
    let one = [[0; 31].as_slice(), &[1]].concat();
    let rows: [(&str, Vec<u8>); 16] = [
        ("64 zero bytes", vec![0; 64]),
        ("r=0", [&[0; 32], s].concat()),
        ("s=0", [r, &[0; 32]].concat()),
        ("r=n", [&order, s].concat()),
        ("s=n", [r, &order].concat()),
        ("r=n and s=n", [order, order].concat()),
        ("r=1 and s=1", [one.clone(), one].concat()),
        ("all ones", vec![0xff; 64]),
        ("MAYCAQACAQA", STANDARD.decode("MAYCAQACAQA=").unwrap()),
        ("a good one in DER", der(r, s)),
        ("63 bytes", good[..63].to_vec()),
        ("65 bytes", [&good, [0].as_slice()].concat()),
        ("65 bytes, zero in front", [[0].as_slice(), &good].concat()),
        ("one byte", vec![0]),
        ("swapped", [s, r].concat()),
        ("twice", [good.as_slice(), &good].concat()),
    ];
    for stand in Stand::both().await {
        let value = |signature: &[u8]| format!("Bearer {message}.{}", base64url(signature));
        stand.accepts("case_011 the good signature", &value(&good), "default").await;
        for (case, signature) in &rows {
            stand.refuses_without_io(&format!("case_011 {case}"), &value(signature), BadSignature).await;
        }
    }
}

#[tokio::test]
async fn case_014_ed25519_is_verified_strictly() {
    // The order of the base point, little-endian (RFC 8032 section 5.1).
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let header = json!({"alg": "EdDSA", "kid": "ed-1"}).to_string();
    let message = format!("{}.{}", base64url(&header), base64url(claims().to_string()));
    let good = ED25519.sign(Algorithm::EdDsa, message.as_bytes());
    let (r, s) = good.split_at(32);
    let beyond = sum(s.iter().copied().zip(order));
    for stand in Stand::both().await {
        let value = |signature: &[u8]| format!("Bearer {message}.{}", base64url(signature));
        stand.accepts("case_014 the good signature", &value(&good), "default").await;
        for (case, signature) in [
            ("case_014 S + L", [r, &beyond].concat()),
            ("case_014 zeros", vec![0; 64]),
            ("case_014 63 bytes", good[..63].to_vec()),
            ("case_014 65 bytes", [&good, [0].as_slice()].concat()),
        ] {
            stand.refuses_without_io(case, &value(&signature), BadSignature).await;
        }
    }

    // Points of small order, in every encoding: R = the neutral element and S = 0 is their signature over anything.
    let ends = |first: u8, middle: u8, last: u8| {
        let mut point = [middle; 32];
        (point[0], point[31]) = (first, last);
        point
    };
    let order_8 = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ];
    let other_order_8 = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ];
    let points = [
        ends(1, 0, 0),
        ends(0xec, 0xff, 0x7f),
        ends(0, 0, 0),
        order_8,
        other_order_8,
        // Not below the prime: 0 and 1 again.
        ends(0xed, 0xff, 0x7f),
        ends(0xee, 0xff, 0x7f),
    ];
    let signed_too = points.map(|mut point| {
        point[31] |= 0x80;
        point
    });
    let weak: Vec<[u8; 32]> = points.into_iter().chain(signed_too).collect();
    let mut document = issuer_keys();
    for (number, point) in weak.iter().enumerate() {
        document.push(json!({"kty": "OKP", "crv": "Ed25519", "kid": format!("weak-{number}"), "x": base64url(point)}));
    }
    let neutral = [ends(1, 0, 0), [0; 32]].concat();
    for stand in Stand::both_over(&jwks(&document)).await {
        for number in 0..weak.len() {
            let header = json!({"alg": "EdDSA", "kid": format!("weak-{number}")}).to_string();
            let forged = parts(header, claims().to_string(), &neutral);
            stand.refuses(&format!("case_014 weak key {number}"), &forged, UnknownKey).await;
        }
        let status = &stand.keys.status()[0];
        assert_eq!((status.keys, status.skipped.len()), (4, weak.len()), "case_014: {:?}", status.skipped);
    }
}
