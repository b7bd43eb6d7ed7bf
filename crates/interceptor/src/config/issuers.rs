//! `gateway.authorization.issuers`: whose tokens are taken.

use temporal_key_provider::{Algorithm, Source};

use super::{
    authorization::{sources, text, texts},
    problems::Problems,
    raw,
};

/// An issuer that is trusted (`gateway.authorization.issuers`).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Issuer {
    /// What its tokens have as `iss`.
    pub issuer: String,
    /// Its own sources, bound to it: its discovery document (`discovery`, which is the default of an issuer without
    /// `keySourceURIs`) and its `keySourceURIs`. When empty, those of `global.authorization` serve it.
    pub sources: Vec<Source>,
    /// The audiences one of which its tokens must name (`audiences`); that of `global.authorization` when empty.
    pub audiences: Vec<String>,
    /// The algorithms its tokens may be signed with (`algorithms`); RS256 and ES256 when empty.
    pub algorithms: Vec<Algorithm>,
}

pub(super) fn read(problems: &mut Problems<'_>, raw: Vec<raw::Issuer>) -> Vec<Issuer> {
    let mut issuers: Vec<Issuer> = Vec::new();
    for (index, raw) in raw.into_iter().enumerate() {
        let at = format!("gateway.authorization.issuers[{index}]");
        let Some(issuer) = text(raw.issuer) else {
            problems.error(&format!("{at}.issuer"), "is missing");
            continue;
        };
        if issuers.iter().any(|other| other.issuer == issuer) {
            problems.error(&format!("{at}.issuer"), "stands in the list for the second time");
        }
        let named = sources(problems, &format!("{at}.keySourceURIs"), raw.key_source_uris);
        let mut sources: Vec<Source> = named.into_iter().map(|source| source.bound_to_issuer(&issuer)).collect();
        if raw.discovery.unwrap_or(sources.is_empty()) {
            let discovered = Source::discovery(&issuer).map_err(|error| format!("cannot be discovered: {error}"));
            sources.extend(problems.check(&format!("{at}.issuer"), discovered));
        }
        let algorithms = texts(raw.algorithms)
            .filter_map(|(index, name)| problems.check(&format!("{at}.algorithms[{index}]"), name.parse()))
            .collect();
        let audiences = texts(raw.audiences).map(|(_, audience)| audience).collect();
        issuers.push(Issuer { issuer, sources, audiences, algorithms });
    }
    issuers
}
