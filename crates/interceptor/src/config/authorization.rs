//! `global.authorization`: what Temporal itself would do.

use std::time::Duration;

use http::HeaderName;
use temporal_key_provider::Source;

use super::{headers, problems::Problems, raw};

const SECTION: &str = "global.authorization";

/// What `global.authorization` says, with Temporal's defaults filled in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Authorization {
    /// Where keys come from (`jwtKeyProvider.keySourceURIs`). Blank entries are left out.
    pub key_sources: Vec<Source>,
    /// How often keys are loaded again (`jwtKeyProvider.refreshInterval`); absent or zero is never.
    pub refresh_interval: Option<Duration>,
    /// The claim that lists permissions (`permissionsClaimName`, `permissions`).
    pub permissions_claim_name: String,
    /// How one permission is taken apart, with groups `namespace` and `role` (`permissionsRegex`); at the first colon
    /// when absent.
    pub permissions_regex: Option<String>,
    /// Who decides (`authorizer`).
    pub authorizer: Plugin,
    /// Who says who is calling (`claimMapper`).
    pub claim_mapper: Plugin,
    /// The header of the token (`authHeaderName`, `authorization`).
    pub auth_header: HeaderName,
    /// The header of the extra data (`authExtraHeaderName`, `authorization-extras`).
    pub extra_header: HeaderName,
    /// The audience that a token must name (`audience`); absent when blank. Not trimmed otherwise, as by Temporal.
    pub audience: Option<String>,
}

/// What stands at `authorizer` or `claimMapper`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plugin {
    /// `default`, in any case: the plug-in that checks.
    Default,
    /// Nothing: Temporal's no-op, that lets everybody in. Only with `gateway.authorization.allowEveryone: true`.
    AllowEveryone,
}

pub(super) fn read(
    problems: &mut Problems<'_>,
    raw: Option<raw::Authorization>,
    allow_everyone: bool,
) -> Authorization {
    let raw = raw.unwrap_or_default();
    let provider = raw.jwt_key_provider.unwrap_or_default();
    let authorizer = "empty, which to Temporal means that everybody may do everything";
    let authorizer = plugin(problems, "authorizer", raw.authorizer.as_deref(), allow_everyone, authorizer);
    let claim_mapper = "empty, which to Temporal means that everybody is a system admin";
    let claim_mapper = plugin(problems, "claimMapper", raw.claim_mapper.as_deref(), allow_everyone, claim_mapper);
    if allow_everyone {
        let effect = match (authorizer, claim_mapper) {
            (Plugin::Default, Plugin::Default) => "has no effect: `authorizer` and `claimMapper` are both `default`",
            _ => "EVERYBODY IS ALLOWED EVERYTHING",
        };
        problems.warn("gateway.authorization.allowEveryone", effect);
    }
    let auth = HeaderName::from_static("authorization");
    let extra = HeaderName::from_static("authorization-extras");
    let auth_header = headers::read(problems, &key("authHeaderName"), raw.auth_header_name.as_deref(), auth);
    let extra_key = key("authExtraHeaderName");
    let extra_header = headers::read(problems, &extra_key, raw.auth_extra_header_name.as_deref(), extra);
    if auth_header == extra_header {
        problems.error(&extra_key, "the same header as `authHeaderName`");
    }
    if raw.remote_cluster_auth.and_then(|auth| auth.require).unwrap_or_default() {
        let reason = "has no effect here: it concerns what Temporal's own clusters send to each other";
        problems.warn(&key("remoteClusterAuth.require"), reason);
    }
    Authorization {
        key_sources: sources(problems, &key("jwtKeyProvider.keySourceURIs"), provider.key_source_uris),
        refresh_interval: provider.refresh_interval.map(|interval| interval.0).filter(|interval| !interval.is_zero()),
        permissions_claim_name: text(raw.permissions_claim_name).unwrap_or_else(|| "permissions".to_owned()),
        permissions_regex: text(raw.permissions_regex),
        authorizer,
        claim_mapper,
        auth_header,
        extra_header,
        // As Temporal, which trims for the test only.
        audience: raw.audience.filter(|audience| !audience.trim().is_empty()),
    }
}

/// Key sources by their URIs, blank ones skipped as by Temporal.
pub(super) fn sources(problems: &mut Problems<'_>, key: &str, uris: Option<raw::Texts>) -> Vec<Source> {
    let parse = |(index, uri): (usize, String)| problems.check(&format!("{key}[{index}]"), uri.parse());
    texts(uris).filter_map(parse).collect()
}

/// A text that is there: Go does not tell an empty one from none.
pub(super) fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The entries of a list that are not blank, with their places.
pub(super) fn texts(raw: Option<raw::Texts>) -> impl Iterator<Item = (usize, String)> {
    let entries = raw.unwrap_or_default().into_iter().enumerate();
    entries.filter_map(|(index, entry)| Some((index, entry.filter(|entry| !entry.trim().is_empty())?)))
}

fn plugin(problems: &mut Problems<'_>, name: &str, value: Option<&str>, allow_everyone: bool, empty: &str) -> Plugin {
    match value.unwrap_or_default() {
        "" if allow_everyone => return Plugin::AllowEveryone,
        "" => problems.error(
            &key(name),
            format!("{empty}: write `default`, or say so with `gateway.authorization.allowEveryone: true`"),
        ),
        // As Temporal's GetAuthorizerFromConfig and GetClaimMapperFromConfig: in any case, and no other.
        other if other.eq_ignore_ascii_case("default") => {}
        _ => problems.error(&key(name), "expected `default`: no other is known"),
    }
    Plugin::Default
}

fn key(name: &str) -> String {
    format!("{SECTION}.{name}")
}
