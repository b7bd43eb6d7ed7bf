//! The checks of a token, in the order in which they run.
//!
//! Cheap ones first: everything that the token itself can tell is asked before a key is looked up, because a look-up may
//! fetch, and a signature is the dearest of all.

use std::sync::Arc;

use temporal_authz::{ClaimError, Claims, Escaped};
use temporal_key_provider::{
    Algorithm, JoseHeader, KeyQuery,
    strict_json::{Json, Members},
};

use super::{
    explain::Trace,
    issuer::{IssuerRules, Issuers, not_allowed},
    token_claims::TokenClaims,
};
use crate::{
    clock, observe, permissions,
    token::{
        audience::{self, TokenAudience},
        compact::{self, Compact, Texts},
        header::{self, KeyIdRules},
        subject,
        times::{self, TimeRules, Window},
    },
};

/// What `auth_type` is in claims from a token, as in the reference.
const AUTH_TYPE: &str = "jwt";

/// Everything that is asked of a token. The two profiles are two sets of values.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) strict: bool,
    pub(super) max_token_bytes: usize,
    pub(super) key_id: KeyIdRules,
    pub(super) accepted_typ: Vec<String>,
    pub(super) times: TimeRules,
    pub(super) issuers: Issuers,
    pub(super) permissions: permissions::Rules,
    pub(super) keep_token_claims: bool,
}

/// A token that has passed every check but that of its signature: nothing in it is trusted yet.
pub(super) struct Candidate<'t> {
    pub(super) message: &'t [u8],
    pub(super) signature: Vec<u8>,
    pub(super) header: JoseHeader,
    pub(super) payload: Members<'t>,
    pub(super) window: Window,
    pub(super) rules: Arc<IssuerRules>,
    pub(super) audience: TokenAudience,
}

impl Candidate<'_> {
    pub(super) fn issuer(&self) -> Option<&str> {
        self.payload.get("iss").and_then(Json::as_str)
    }

    pub(super) fn key_query(&self) -> KeyQuery<'_> {
        let query = KeyQuery::new(&self.header);
        match self.issuer() {
            Some(issuer) => query.with_issuer(issuer),
            None => query,
        }
    }
}

impl Policy {
    /// All checks that need no key, at `now`, for a call with this audience (blank: none). What is read lies in `texts`.
    pub(super) fn inspect<'t>(
        &self,
        token: &'t [u8],
        texts: &'t mut Texts,
        call_audience: &str,
        now: i64,
        trace: &mut Trace<'_>,
    ) -> Result<Candidate<'t>, ClaimError> {
        let parts = trace.step("shape", compact::split(token), |_| format!("three parts, {} bytes", token.len()))?;
        let Texts { header, payload } = texts;
        let header = self.header(parts, header, trace)?;
        let payload = trace.step("payload", compact::object("payload", parts.payload, payload), |claims| {
            format!("{} claims", claims.len())
        })?;
        let window = trace.step("times", times::check(&payload, self.times, now), |window| match window.end() {
            Some(until) => format!("good for {} seconds", until.saturating_sub(now)),
            None => "good for ever: no exp".to_owned(),
        })?;
        let rules = trace.step("issuer", self.issuers.rules(payload.get("iss")), |_| {
            shown(payload.get("iss").and_then(Json::as_str))
        })?;
        trace.step("algorithm", rules.check_algorithm(header.alg()), |()| "one of its issuer's".to_owned())?;
        let audience = TokenAudience::read(&payload);
        trace.step("audience", audience::check(&audience, call_audience, &rules.audiences), |()| {
            let any = rules.audiences.is_empty() && audience::is_blank(call_audience);
            if any { "not looked at".to_owned() } else { "names this service".to_owned() }
        })?;
        trace.step("subject", subject::check(&payload, self.strict), |sub| shown(Some(sub)))?;
        // Last of all: it is long, and only a token that is good so far needs it.
        let signature = trace.step("shape", compact::decode("signature", parts.signature), |bytes| {
            format!("a signature of {} bytes", bytes.len())
        })?;
        let rules = Arc::clone(rules);
        Ok(Candidate { message: parts.message, signature, header, payload, window, rules, audience })
    }

    fn header(&self, parts: Compact<'_>, text: &mut Vec<u8>, trace: &mut Trace<'_>) -> Result<JoseHeader, ClaimError> {
        let members =
            compact::object("header", parts.header, text).and_then(|members| header::plain(&members).map(|()| members));
        let members = trace.step("header", members, |members| format!("{} members", members.len()))?;
        let algorithm = header::algorithm(&members).and_then(|algorithm| self.allowed(algorithm));
        let algorithm = trace.step("algorithm", algorithm, Algorithm::to_string)?;
        let kid = trace.step("kid", header::key_id(&members, self.key_id), |kid| shown(*kid))?;
        let typ = header::typ(&members);
        trace.step("typ", header::check_typ(typ, &self.accepted_typ), |()| shown(typ))?;
        Ok(JoseHeader::new(algorithm, kid.map(str::to_owned), typ.map(str::to_owned)))
    }

    fn allowed(&self, algorithm: Algorithm) -> Result<Algorithm, ClaimError> {
        if self.issuers.allow(algorithm) { Ok(algorithm) } else { Err(not_allowed(algorithm)) }
    }

    /// The claims of a token whose signature is good, by this issuer.
    pub(super) fn claims(
        &self,
        candidate: &Candidate<'_>,
        issuer: Option<&Arc<str>>,
        trace: &mut Trace<'_>,
    ) -> Result<Claims, ClaimError> {
        let sub = subject::check(&candidate.payload, self.strict)?;
        let mut claims = Claims::builder(AUTH_TYPE, sub);
        if let Some(issuer) = issuer {
            claims = claims.issuer(Arc::clone(issuer));
        }
        if let Some(until) = candidate.window.end().and_then(clock::system_time) {
            claims = claims.expires_at(until);
        }
        if self.keep_token_claims {
            claims = claims.extension(TokenClaims::new(candidate.payload.to_map()));
        }
        let granted = permissions::grant(&candidate.payload, &self.permissions, claims, |hint| {
            trace.hint("permissions", hint);
        })
        .and_then(|(claims, ignored)| Ok((claims.build().map_err(ClaimError::failed)?, ignored)));
        let (claims, ignored) = trace.step("permissions", granted, |(claims, ignored)| {
            format!("roles in {} namespaces, {ignored} entries ignored", claims.namespaces().count())
        })?;
        observe::verified(&candidate.header, &claims, ignored);
        Ok(claims)
    }

    /// What an empty token gives: in the reference claims without a name or roles, else nobody.
    pub(super) fn without_token(&self) -> Result<Option<Claims>, ClaimError> {
        if self.strict {
            return Ok(None);
        }
        Claims::builder(AUTH_TYPE, "").build().map(Some).map_err(ClaimError::failed)
    }
}

fn shown(text: Option<&str>) -> String {
    text.map_or_else(|| "absent".to_owned(), |text| format!("\"{}\"", Escaped(text)))
}
