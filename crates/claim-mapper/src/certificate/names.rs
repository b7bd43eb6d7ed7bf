//! The names that a rule may ask for.

use std::net::IpAddr;

use super::error::CertificateRuleError;

/// Refuses a name that is empty or not printable.
pub(super) fn printable(field: &'static str, value: &str) -> Result<(), CertificateRuleError> {
    if value.is_empty() {
        return Err(refused(field, value, "is empty"));
    }
    if value.chars().any(char::is_control) {
        return Err(refused(field, value, "has control characters"));
    }
    Ok(())
}

/// Refuses an alternative name that no certificate can hold, because there it is ASCII.
pub(super) fn ascii(field: &'static str, value: &str) -> Result<(), CertificateRuleError> {
    printable(field, value)?;
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(refused(field, value, "is not ASCII without spaces"))
    }
}

/// A DNS name in its normal form, lower case. No wildcards, which would match the letter and nothing else.
pub(super) fn dns(value: &str) -> Result<String, CertificateRuleError> {
    const FIELD: &str = "dns";
    printable(FIELD, value)?;
    if value.contains('*') {
        return Err(refused(FIELD, value, "wildcards are not supported"));
    }
    if value.parse::<IpAddr>().is_ok() {
        return Err(refused(FIELD, value, "is an address"));
    }
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if value.split('.').all(label) {
        Ok(value.to_ascii_lowercase())
    } else {
        Err(refused(FIELD, value, "is not a DNS name in ASCII"))
    }
}

/// A URI, which is compared byte for byte. SPIFFE IDs have a field of their own, with checks of their own.
pub(super) fn uri(value: &str) -> Result<(), CertificateRuleError> {
    ascii("uri", value)?;
    if super::spiffe::is_spiffe(value) {
        return Err(refused("uri", value, "is a SPIFFE ID: use the field spiffe"));
    }
    Ok(())
}

pub(super) fn refused(field: &'static str, value: &str, problem: &'static str) -> CertificateRuleError {
    CertificateRuleError::Name { field, value: value.to_owned(), problem }
}
