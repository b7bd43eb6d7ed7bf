use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use temporal_claim_mapper::{BuildError, JwtClaimMapper, JwtClaimMapperBuilder, TrustedIssuer};
use temporal_key_provider::{Algorithm, KeyError, KeyQuery, Keys, TokenKeyProvider};

use crate::support::*;

/// Has keys for one algorithm only.
#[derive(Debug)]
struct OnlyEdDsa;

#[async_trait]
impl TokenKeyProvider for OnlyEdDsa {
    async fn keys(&self, _: &KeyQuery<'_>) -> Result<Keys, KeyError> {
        Err(KeyError::UnknownKey)
    }

    fn generation(&self) -> u64 {
        0
    }

    fn supported_algorithms(&self) -> &[Algorithm] {
        &[Algorithm::EdDsa]
    }
}

fn error(builder: JwtClaimMapperBuilder) -> BuildError {
    builder.build().expect_err("settings that cannot work")
}

#[test]
fn strict_asks_for_an_issuer_and_an_audience() {
    let keys = MemoryKeys::new();
    let bare = || JwtClaimMapper::builder(Arc::clone(&keys));
    assert_eq!(error(bare()), BuildError::NoIssuer);
    assert_eq!(error(bare().audience("a")), BuildError::NoIssuer);
    assert_eq!(error(bare().issuer(ISSUER)), BuildError::NoAudience);
    assert_eq!(error(bare().allow_any_issuer()), BuildError::NoAudience);
    let own = || TrustedIssuer::new(ISSUER).audiences(["a"]);
    assert_eq!(error(bare().trusted_issuer(own()).issuer("https://other.example")), BuildError::NoAudience);
    for good in [
        bare().trusted_issuer(own()),
        bare().trusted_issuer(own()).issuer("https://other.example").audience("b"),
        bare().issuer(ISSUER).allow_any_audience(),
        bare().audience("a").allow_any_issuer(),
        JwtClaimMapper::temporal(Arc::clone(&keys)),
    ] {
        assert!(good.build().is_ok());
    }
}

// 31, 37, 38
#[test]
fn settings_that_cannot_work_are_told_at_once() {
    let keys = MemoryKeys::new();
    for (builder, expected) in [
        (strict(&keys).issuer(ISSUER), BuildError::DuplicateIssuer(ISSUER.to_owned())),
        (strict(&keys).issuer(" "), BuildError::Blank("issuer")),
        (strict(&keys).audience(" "), BuildError::Blank("audience")),
        (temporal(&keys).trusted_issuer(TrustedIssuer::new("x").audiences([""])), BuildError::Blank("audience")),
        (strict(&keys).leeway(Duration::from_secs(301)), BuildError::Leeway(301)),
        (strict(&keys).leeway(Duration::MAX), BuildError::Leeway(u64::MAX)),
        (strict(&keys).max_lifetime(Duration::from_millis(1)), BuildError::Zero("max_lifetime")),
        (strict(&keys).max_token_bytes(0), BuildError::Zero("max_token_bytes")),
        (strict(&keys).max_permissions(0), BuildError::Zero("max_permissions")),
        (strict(&keys).algorithms([]), BuildError::NoAlgorithm),
        (strict(&keys).trusted_issuer(TrustedIssuer::new("x").algorithms([])), BuildError::NoAlgorithm),
        (JwtClaimMapper::temporal(OnlyEdDsa), BuildError::NoAlgorithm),
        (
            JwtClaimMapper::temporal(OnlyEdDsa).algorithms([Algorithm::EdDsa, Algorithm::Rs256]),
            BuildError::UnsupportedAlgorithm(Algorithm::Rs256),
        ),
    ] {
        assert_eq!(error(builder), expected);
    }
    for pattern in ["(?P<namespace", r"(?P<namespace>\w+):(\w+)", "(?P<namespace>a)(?P<role>(?:x{1000}){1000})"] {
        for builder in [strict(&keys), temporal(&keys)] {
            let error = error(builder.permissions_regex(pattern));
            assert!(matches!(error, BuildError::PermissionsRegex { .. }), "{error}");
            assert!(error.to_string().contains(pattern), "{error}");
        }
    }
    assert!(JwtClaimMapper::temporal(OnlyEdDsa).algorithms([Algorithm::EdDsa]).build().is_ok());
    let own = TrustedIssuer::new("x").algorithms([Algorithm::EdDsa]);
    assert!(JwtClaimMapper::temporal(OnlyEdDsa).trusted_issuer(own).build().is_ok());
    assert!(strict(&keys).leeway(Duration::from_secs(300)).build().is_ok());
}
