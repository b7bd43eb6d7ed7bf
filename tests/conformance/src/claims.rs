//! `claims.json`: a token header to claims, through [`JwtClaimMapper`] in the `temporal` profile.

use std::collections::BTreeMap;

use anyhow::Result;
use http::HeaderMap;
use serde::Deserialize;
use temporal_authz::{AuthInfo, ClaimMapper, Claims};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_key_provider::JwksKeyProvider;

use crate::Report;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    name: String,
    config: Config,
    auth_token: String,
    expect: Expect,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Config {
    permissions_claim_name: String,
    permissions_regex: String,
    audience: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Expect {
    error: bool,
    claims: Option<ExpectedClaims>,
}

#[derive(Deserialize, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedClaims {
    pub(crate) subject: String,
    pub(crate) system: u16,
    pub(crate) namespaces: BTreeMap<String, u16>,
    pub(crate) auth_type: String,
}

impl From<&Claims> for ExpectedClaims {
    fn from(claims: &Claims) -> Self {
        Self {
            subject: claims.subject().to_owned(),
            system: claims.system().bits(),
            namespaces: claims.namespaces().map(|(name, role)| (name.to_owned(), role.bits())).collect(),
            auth_type: claims.auth_type().to_owned(),
        }
    }
}

/// The reference warns about these and falls back to another grammar; here they do not start.
const REGEX_IS_A_START_UP_ERROR: [&str; 2] = ["(?P<namespace", r"(?P<namespace>\w+):(\w+)"];

pub(crate) async fn run(cases: Vec<Case>, keys: &JwksKeyProvider) -> Result<Report> {
    let mut report = Report::default();
    for case in cases {
        let mapper = mapper(&case.config, keys);
        if REGEX_IS_A_START_UP_ERROR.contains(&case.config.permissions_regex.as_str()) {
            report.compare(format!("{} (start-up)", case.name), &"a start-up error", &mapper, mapper.is_err());
            report.ran -= 1;
            report.skipped.push((case.name, "a regex that cannot be used is a start-up error here"));
            continue;
        }
        let headers = HeaderMap::new();
        let info = AuthInfo::new(&headers).with_auth_token(&case.auth_token).with_audience(&case.config.audience);
        let answer = mapper?.get_claims(&info).await;
        let came = answer.as_ref().map(|claims| claims.as_ref().map(ExpectedClaims::from));
        let equal = match &came {
            Ok(claims) => !case.expect.error && *claims == case.expect.claims,
            Err(_) => case.expect.error,
        };
        report.compare(case.name, &case.expect, &came, equal);
    }
    Ok(report)
}

fn mapper(config: &Config, keys: &JwksKeyProvider) -> Result<JwtClaimMapper> {
    let mut builder = JwtClaimMapper::temporal(keys.clone());
    if !config.permissions_claim_name.is_empty() {
        builder = builder.permissions_claim_name(&config.permissions_claim_name);
    }
    if !config.permissions_regex.is_empty() {
        builder = builder.permissions_regex(&config.permissions_regex);
    }
    Ok(builder.build()?)
}
