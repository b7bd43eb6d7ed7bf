//! A JSON Web Key (RFC 7517), one at a time: a key that cannot be used spoils itself and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use serde::Deserialize as _;
use serde_json::Value;

use super::material::{Curve, Material};
use super::skip::SkipReason;
use super::verification_key::VerificationKey;
use crate::Algorithm;
use crate::escape::escaped;

/// Members that only a private or a symmetric key has (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, RFC 8037 section 2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The `kid` of what may be a JWK, for a report about it.
pub(crate) fn id_of(jwk: &Value) -> &str {
    text(jwk, "kid").unwrap_or_default()
}

/// The key, if it is one that verifies signatures.
pub(crate) fn read(value: &Value) -> Result<VerificationKey, SkipReason> {
    if text(value, "kty") == Some("oct") {
        return Err(SkipReason::SymmetricKey);
    }
    if PRIVATE_MEMBERS.iter().any(|member| value.get(member).is_some()) {
        return Err(SkipReason::PrivateKey);
    }
    let jwk = Jwk::deserialize(value).map_err(|_| SkipReason::Malformed)?;
    check_purpose(&jwk.common)?;
    let bound_to = bound_algorithm(value)?;
    let material = material(&jwk.algorithm, value)?;
    VerificationKey::new(jwk.common.key_id, material, bound_to)
}

fn check_purpose(common: &CommonParameters) -> Result<(), SkipReason> {
    if common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return Err(SkipReason::NotForSignatures);
    }
    if common.key_operations.as_ref().is_some_and(|operations| !operations.contains(&KeyOperations::Verify)) {
        return Err(SkipReason::NotForVerification);
    }
    Ok(())
}

/// Read from the text: the parsed form keeps nothing of a name that it does not know.
fn bound_algorithm(value: &Value) -> Result<Option<Algorithm>, SkipReason> {
    match text(value, "alg") {
        None => Ok(None),
        Some(name) => match name.parse() {
            Ok(algorithm) => Ok(Some(algorithm)),
            Err(_) => Err(SkipReason::UnsupportedAlgorithm(escaped(name))),
        },
    }
}

fn material(parameters: &AlgorithmParameters, value: &Value) -> Result<Material, SkipReason> {
    match parameters {
        AlgorithmParameters::RSA(rsa) => Material::rsa(&decode("n", &rsa.n)?, &decode("e", &rsa.e)?),
        AlgorithmParameters::EllipticCurve(ec) => {
            let curve = match ec.curve {
                EllipticCurve::P256 => Curve::P256,
                EllipticCurve::P384 => Curve::P384,
                _ => return Err(unsupported(value)),
            };
            Material::ec(curve, &decode("x", &ec.x)?, &decode("y", &ec.y)?)
        }
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => {
            Material::ed25519(&decode("x", &okp.x)?)
        }
        AlgorithmParameters::OctetKey(_) => Err(SkipReason::SymmetricKey),
        _ => Err(missing(value).unwrap_or_else(|| unsupported(value))),
    }
}

/// jsonwebtoken reads a key of a supported type that lacks a parameter as one of an unknown type: tell the two apart.
fn missing(value: &Value) -> Option<SkipReason> {
    let needed: &[&'static str] = match (text(value, "kty"), text(value, "crv")) {
        (Some("RSA"), _) => &["n", "e"],
        (Some("EC"), Some("P-256" | "P-384")) => &["x", "y"],
        (Some("OKP"), Some("Ed25519")) => &["x"],
        _ => return None,
    };
    needed.iter().find(|name| text(value, name).is_none()).map(|name| SkipReason::InvalidParameter(name))
}

fn unsupported(value: &Value) -> SkipReason {
    let name = text(value, "crv").or_else(|| text(value, "kty")).unwrap_or_default();
    SkipReason::UnsupportedKeyType(escaped(name))
}

fn decode(name: &'static str, text: &str) -> Result<Vec<u8>, SkipReason> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| SkipReason::InvalidParameter(name))
}

fn text<'v>(value: &'v Value, member: &str) -> Option<&'v str> {
    value.get(member).and_then(Value::as_str)
}
