//! The claim mapper for tokens, as the file wants it.

use async_trait::async_trait;
use temporal_claim_mapper::{BuildError, JwtClaimMapper, TrustedIssuer};
use temporal_key_provider::{Algorithm, KeyError, KeyQuery, Keys, TokenKeyProvider};

use super::{AllLimits, Authorization, Policy, Profile, problems::Problems, profile::uses_tokens};

/// The mapper over these keys.
pub(super) fn build(
    authorization: &Authorization,
    profile: &Profile,
    limits: &AllLimits,
    keys: impl TokenKeyProvider,
) -> Result<JwtClaimMapper, BuildError> {
    let builder = match profile.policy {
        Policy::Temporal => JwtClaimMapper::temporal(keys),
        Policy::Strict => JwtClaimMapper::builder(keys),
    };
    let mut builder = builder
        .permissions_claim_name(authorization.permissions_claim_name.as_str())
        .max_token_bytes(limits.call.max_token_bytes)
        .max_permissions(limits.max_permissions);
    if let Some(regex) = &authorization.permissions_regex {
        builder = builder.permissions_regex(regex);
    }
    if let Some(audience) = &authorization.audience {
        builder = builder.audience(audience);
    }
    for issuer in &profile.issuers {
        let mut trusted = TrustedIssuer::new(&issuer.issuer).audiences(&issuer.audiences);
        if !issuer.algorithms.is_empty() {
            trusted = trusted.algorithms(issuer.algorithms.iter().copied());
        }
        builder = builder.trusted_issuer(trusted);
    }
    builder.build()
}

/// The algorithms that keys are needed for.
pub(super) fn algorithms(profile: &Profile) -> Vec<Algorithm> {
    let mut algorithms = vec![Algorithm::Rs256, Algorithm::Es256];
    for algorithm in profile.issuers.iter().flat_map(|issuer| &issuer.algorithms) {
        if !algorithms.contains(algorithm) {
            algorithms.push(*algorithm);
        }
    }
    algorithms
}

/// Builds the mapper without its keys, to learn what it will say of the settings.
pub(super) fn check(problems: &mut Problems<'_>, authorization: &Authorization, profile: &Profile, limits: &AllLimits) {
    match build(authorization, profile, limits, NoKeys(algorithms(profile))) {
        Err(BuildError::PermissionsRegex { reason, .. }) => {
            // The compiler's message draws the expression first.
            let reason = reason.lines().last().unwrap_or_default();
            problems.error("global.authorization.permissionsRegex", reason.trim_start_matches("error: "));
        }
        // Other problems were found where the keys were read, unless the checks there have a gap.
        Err(error) if problems.errors.is_empty() && uses_tokens(profile.mode) => {
            problems.error("gateway.authorization", error.to_string());
        }
        _ => {}
    }
}

#[derive(Debug)]
struct NoKeys(Vec<Algorithm>);

#[async_trait]
impl TokenKeyProvider for NoKeys {
    async fn keys(&self, _: &KeyQuery<'_>) -> Result<Keys, KeyError> {
        Err(KeyError::UnknownKey)
    }

    fn generation(&self) -> u64 {
        0
    }

    fn supported_algorithms(&self) -> &[Algorithm] {
        &self.0
    }
}
