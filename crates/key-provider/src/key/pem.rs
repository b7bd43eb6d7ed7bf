//! A public key in PEM: RFC 7468 around an X.509 SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
//!
//! There is exactly one DER encoding of each kind of key that is supported here, so its head is compared instead of parsed.

use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;

use super::material::{Curve, Material};
use super::skip::SkipReason;

/// Longest text that is looked at, in bytes: an RSA key of 8,192 bits takes 1,500.
const MAX_BYTES: usize = 16 * 1024;

const P256: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04";
const P384: &[u8] = b"\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\x00\x04";
const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
/// The AlgorithmIdentifier of rsaEncryption with its NULL parameters (RFC 3279 section 2.3.1).
const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

pub(super) fn read(text: &str) -> Result<Material, SkipReason> {
    if text.len() > MAX_BYTES {
        return Err(SkipReason::InvalidPem);
    }
    if text.contains("PRIVATE KEY-----") {
        return Err(SkipReason::PrivateKey);
    }
    let mut keys = SubjectPublicKeyInfoDer::pem_slice_iter(text.as_bytes());
    let (Some(Ok(key)), None) = (keys.next(), keys.next()) else {
        return Err(SkipReason::InvalidPem);
    };
    let der = key.as_ref();
    if let Some(point) = der.strip_prefix(ED25519) {
        return Material::ed25519(point);
    }
    for (curve, head) in [(Curve::P256, P256), (Curve::P384, P384)] {
        if let Some(point) = der.strip_prefix(head) {
            let (x, y) = point.split_at_checked(point.len() / 2).ok_or(SkipReason::InvalidPem)?;
            return Material::ec(curve, x, y);
        }
    }
    let (n, e) = rsa_numbers(der).ok_or_else(|| SkipReason::UnsupportedKeyType("PUBLIC KEY".to_owned()))?;
    Material::rsa(n, e)
}

/// Modulus and exponent of an RSA SubjectPublicKeyInfo; `None` when it is something else or goes on after its end.
fn rsa_numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (info, []) = element(der, 0x30)? else { return None };
    let (bits, []) = element(info.strip_prefix(RSA)?, 0x03)? else { return None };
    let (numbers, []) = element(bits.strip_prefix(&[0])?, 0x30)? else { return None };
    let (n, rest) = element(numbers, 0x02)?;
    let (e, []) = element(rest, 0x02)? else { return None };
    let negative = |number: &[u8]| number.first().is_none_or(|byte| byte & 0x80 != 0);
    (!negative(n) && !negative(e)).then_some((n, e))
}

/// The contents of the DER element with this tag at the start of `der`, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match der {
        [first, length @ 0..=0x7f, rest @ ..] if *first == tag => (usize::from(*length), rest),
        [first, 0x81, length @ 0x80..=0xff, rest @ ..] if *first == tag => (usize::from(*length), rest),
        [first, 0x82, high @ 1..=0xff, low, rest @ ..] if *first == tag => {
            (usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}
