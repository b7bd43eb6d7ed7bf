//! What a token header is worth: section 4 of Temporal's behaviour with the differences that ARCHITECTURE.md names, for a
//! mapper that knows the keys of [`keys`](crate::keys) and trusts EdDSA alone.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use temporal_authz::Claims;

use crate::{
    json::{self, Json},
    keys::NOW,
};

pub const ISSUER: &str = "issuer";
pub const AUDIENCE: &str = "temporal";

/// What the mapper was built with: the strict profile has [`ISSUER`] and [`AUDIENCE`], the other has neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Temporal,
    Strict,
}

/// Who a good token says is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub subject: String,
    pub issuer: Option<String>,
    pub until: Option<i64>,
    pub system: u16,
    pub namespaces: BTreeMap<String, u16>,
}

impl Caller {
    /// Nobody in particular, as an empty token beside a certificate.
    pub fn unnamed() -> Self {
        Self { subject: String::new(), issuer: None, until: None, system: 0, namespaces: BTreeMap::new() }
    }

    /// Whether the mapper found the same caller.
    pub fn is(&self, claims: &Claims) -> bool {
        let until = self.until.map(|until| SystemTime::UNIX_EPOCH + Duration::from_secs(until.unsigned_abs()));
        let namespaces: BTreeMap<_, _> =
            claims.namespaces().map(|(name, role)| (name.to_owned(), role.bits())).collect();
        claims.auth_type() == "jwt"
            && claims.subject() == self.subject
            && claims.issuer() == self.issuer.as_deref()
            && claims.expires_at() == until
            && claims.system().bits() == self.system
            && namespaces == self.namespaces
    }
}

/// The caller that `value` names; `None` when it is refused. `signed` are the compact tokens that the trusted signer made.
pub fn judge(value: &str, profile: Profile, call_audience: &str, signed: &[&str]) -> Option<Caller> {
    let strict = profile == Profile::Strict;
    let token = bearer(value)?;
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, _] = parts[..] else { return None };
    let header = json::read(&base64url(header)?, 64)?;
    let payload = json::read(&base64url(payload)?, 64)?;
    if !is_header(&header, strict) || !matches!(payload, Json::Object(_)) || !signed.contains(&token) {
        return None;
    }
    let until = times(&payload, strict)?;
    if strict && payload.get("iss")?.text()? != ISSUER {
        return None;
    }
    let wanted = match call_audience.trim() {
        "" if strict => AUDIENCE,
        "" => "",
        _ => call_audience,
    };
    if !wanted.is_empty() && !audiences(&payload)?.contains(&wanted) {
        return None;
    }
    let subject = payload.get("sub")?.text()?;
    if strict && !is_name(subject) {
        return None;
    }
    let mut caller = Caller { subject: subject.to_owned(), until, ..Caller::unnamed() };
    caller.issuer = payload.get("iss").and_then(Json::text).map(str::to_owned);
    let permissions = payload.get("permissions").and_then(Json::list).unwrap_or_default();
    for permission in permissions.iter().filter_map(Json::text) {
        grant(&mut caller, permission, strict);
    }
    (permissions.len() <= 10_000).then_some(caller)
}

/// What follows `bearer`, in any case, and one space.
pub fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    (value.len() <= 16 << 10 && scheme.to_ascii_lowercase() == "bearer").then_some(token)
}

fn is_header(header: &Json, strict: bool) -> bool {
    let Json::Object(_) = header else { return false };
    let nested = match header.get("cty") {
        None => false,
        Some(Json::Text(cty)) => matches!(cty.to_ascii_lowercase().as_str(), "jwt" | "application/jwt"),
        Some(_) => true,
    };
    let kid = header.get("kid").and_then(Json::text);
    header.get("alg").and_then(Json::text) == Some("EdDSA")
        && (kid == Some("ed") || (kid == Some("") && !strict))
        && !nested
        && ["crit", "enc", "zip"].iter().all(|name| header.get(name).is_none())
}

/// When the token ends: `Some(None)` is never, `None` refuses it.
fn times(payload: &Json, strict: bool) -> Option<Option<i64>> {
    let number = |name: &str| match payload.get(name) {
        None => Some(None),
        Some(Json::Number(number)) => Some(Some(*number)),
        Some(_) => None,
    };
    let exp = number("exp")?;
    for name in ["nbf", "iat"] {
        if number(name)?.is_some_and(|at| at.trunc() > NOW as f64) {
            return None;
        }
    }
    match exp {
        None => (!strict).then_some(None),
        Some(exp) if exp == 0.0 || exp >= 9_007_199_254_740_992.0 || exp.trunc() <= NOW as f64 => None,
        Some(exp) => Some(Some(exp as i64)),
    }
}

fn audiences(payload: &Json) -> Option<Vec<&str>> {
    match payload.get("aud")? {
        Json::Text(one) => Some(vec![one]),
        Json::List(list) => list.iter().map(Json::text).collect(),
        _ => None,
    }
}

fn is_name(subject: &str) -> bool {
    let printable = |c: char| !matches!(c, '\0'..='\x1f' | '\x7f'..='\u{9f}');
    (1..=1024).contains(&subject.len())
        && subject.chars().all(printable)
        && !["temporal", "internal"].contains(&subject)
}

fn grant(caller: &mut Caller, permission: &str, strict: bool) {
    let Some(colon) = permission.find(':') else { return };
    let (namespace, role) = (&permission[..colon], role(&permission[colon + 1..]));
    if namespace == "temporal-system" {
        caller.system |= role;
    } else if !namespace.is_empty() || !strict {
        *caller.namespaces.entry(namespace.to_owned()).or_default() |= role;
    }
}

pub fn role(name: &str) -> u16 {
    match name.to_ascii_lowercase().as_str() {
        "worker" => 1,
        "read" => 2,
        "write" => 4,
        "admin" => 8,
        _ => 0,
    }
}

/// Canonical base64url (RFC 4648 section 5): no padding, no bits left over. Not empty.
pub fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bits = String::new();
    for c in text.chars() {
        let number = match c {
            'A'..='Z' => c as u32 - 'A' as u32,
            'a'..='z' => c as u32 - 'a' as u32 + 26,
            '0'..='9' => c as u32 - '0' as u32 + 52,
            '-' => 62,
            '_' => 63,
            _ => return None,
        };
        bits.push_str(&format!("{number:06b}"));
    }
    let whole = bits.len() / 8 * 8;
    let rest = &bits[whole..];
    if text.is_empty() || rest.len() == 6 || rest.contains('1') {
        return None;
    }
    (0..whole).step_by(8).map(|at| u8::from_str_radix(&bits[at..at + 8], 2).ok()).collect()
}
