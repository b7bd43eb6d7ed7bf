//! The public numbers of a key, checked when they are loaded.
//!
//! The cryptographic library checks some of this when a signature is verified and some of it never; a key that cannot be right is better
//! refused once, by name, than discovered as "every token is bad".

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaPublicKeyComponents};

use super::skip::SkipReason;
use crate::Algorithm;

/// Public key material in one canonical form: equal keys compare equal.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Material {
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// Uncompressed point (SEC 1 section 2.3.3).
    Ec { curve: Curve, point: Vec<u8> },
    /// Compressed point (RFC 8032 section 5.1.2).
    Ed25519([u8; 32]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
}

impl Curve {
    /// Length of a coordinate in bytes (RFC 7518 section 6.2.1.2: always full length, leading zeros included).
    const fn coordinate(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }
}

impl Material {
    /// An RSA key. Leading zero bytes are stripped: some issuers send the sign byte of an ASN.1 integer along.
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Result<Self, SkipReason> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        let bits = bit_length(n);
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
        if !(2048..=8192).contains(&bits) || !odd(n) {
            return Err(SkipReason::RsaModulus(bits));
        }
        if e.len() > 4 || !odd(e) || e == [1] {
            return Err(SkipReason::RsaExponent);
        }
        Ok(Self::Rsa { n: n.to_vec(), e: e.to_vec() })
    }

    pub(super) fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, SkipReason> {
        for (name, coordinate) in [("x", x), ("y", y)] {
            if coordinate.len() != curve.coordinate() {
                return Err(SkipReason::InvalidParameter(name));
            }
        }
        let point = [&[4], x, y].concat();
        Ok(Self::Ec { curve, point })
    }

    pub(super) fn ed25519(point: &[u8]) -> Result<Self, SkipReason> {
        let point = <[u8; 32]>::try_from(point).map_err(|_| SkipReason::InvalidParameter("x"))?;
        if is_small_order_or_not_canonical(point) {
            return Err(SkipReason::InvalidPoint);
        }
        Ok(Self::Ed25519(point))
    }

    /// The algorithms that keys of this type and curve are for. Never empty.
    pub(super) const fn algorithms(&self) -> &'static [Algorithm] {
        use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        match self {
            Self::Rsa { .. } => &[Rs256, Rs384, Rs512, Ps256, Ps384, Ps512],
            Self::Ec { curve: Curve::P256, .. } => &[Es256],
            Self::Ec { curve: Curve::P384, .. } => &[Es384],
            Self::Ed25519(_) => &[EdDsa],
        }
    }

    /// The key, ready to verify signatures of `algorithm`; `None` when the algorithm is for other keys, or the point is on no curve.
    pub(super) fn parse(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        match self {
            Self::Rsa { n, e } => {
                let parameters = match algorithm {
                    Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
                    Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                    Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
                    Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
                    Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
                    Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
                    Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa => return None,
                };
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).ok()
            }
            Self::Ec { curve, point } => match (curve, algorithm) {
                (Curve::P256, Algorithm::Es256) => {
                    ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).ok()
                }
                (Curve::P384, Algorithm::Es384) => {
                    ParsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point).ok()
                }
                _ => None,
            },
            Self::Ed25519(point) if algorithm == Algorithm::EdDsa => {
                ParsedPublicKey::new(&signature::ED25519, point).ok()
            }
            Self::Ed25519(_) => None,
        }
    }
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// Length in bits of a number without leading zero bytes.
fn bit_length(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |byte| byte.leading_zeros() as usize);
    number.len().saturating_mul(8).saturating_sub(unused)
}

/// The y coordinates of the points of order 1, 2, 4 and 8, little-endian. With such a key, signatures can be made that fit many messages.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    with_ends(1, 0, 0),
    with_ends(0xec, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// The prime 2^255 - 19, little-endian. An encoded y that is not below it has a second, shorter encoding.
const PRIME: [u8; 32] = with_ends(0xed, 0xff, 0x7f);

const fn with_ends(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    let [low, .., high] = &mut bytes;
    *low = first;
    *high = last;
    bytes
}

fn is_small_order_or_not_canonical(mut point: [u8; 32]) -> bool {
    // The top bit is the sign of x; the order does not depend on it.
    if let Some(last) = point.last_mut() {
        *last &= 0x7f;
    }
    SMALL_ORDER.contains(&point) || point.iter().rev().ge(PRIME.iter().rev())
}
