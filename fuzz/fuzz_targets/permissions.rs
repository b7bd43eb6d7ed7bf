//! Permissions and the expression that takes them apart: a token's roles are those that a matcher finds which tries one way
//! after the other, in the profile that the input says.

#![no_main]

use std::{collections::BTreeMap, sync::LazyLock};

use http::HeaderMap;
use libfuzzer_sys::{
    arbitrary::{Arbitrary, Result, Unstructured},
    fuzz_target,
};
use temporal_authz::{AuthInfo, ClaimMapper as _, Claims};
use temporal_claim_mapper::{BuildError, CacheLimits, JwtClaimMapper, JwtClaimMapperBuilder};
use temporal_fuzz::{
    block_on,
    keys::{Still, TRUSTED, provider, sign},
    regexp::{Expression, text},
    token::{AUDIENCE, ISSUER, role},
};
use temporal_key_provider::{Algorithm, JwksKeyProvider};

static KEYS: LazyLock<JwksKeyProvider> = LazyLock::new(provider);

struct Case {
    strict: bool,
    expression: Option<Expression>,
    /// What stands in the list; one that is no text is a number.
    permissions: Vec<Option<String>>,
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let expression = if input.ratio(7, 8)? { Some(input.arbitrary()?) } else { None };
        let count = input.int_in_range(1..=6)?;
        let permission = |input: &mut Unstructured<'a>| {
            Ok(match input.int_in_range(0..=9)? {
                0 => None,
                1 => Some(input.arbitrary::<&str>()?.chars().take(40).collect()),
                2..=4 => {
                    let namespace = *input.choose(&["temporal-system", "a", "", "Temporal-System", "a b"])?;
                    let role = *input.choose(&["read", "WRITE", "worker", "Admin", "wor\u{212a}er", "", "x"])?;
                    Some(format!("{namespace}:{role}"))
                }
                _ => Some(text(input)?),
            })
        };
        let permissions = (0..count).map(|_| permission(input)).collect::<Result<_>>()?;
        Ok(Self { strict: input.arbitrary()?, expression, permissions })
    }
}

/// The roles that these permissions grant; `None` when the search takes too long.
fn wanted(case: &Case) -> Option<(u16, BTreeMap<String, u16>)> {
    let (mut system, mut namespaces) = (0, BTreeMap::new());
    for permission in case.permissions.iter().flatten() {
        let found = match &case.expression {
            Some(expression) => expression.find(permission, case.strict).ok()?,
            None => permission.split_once(':').map(|(namespace, role)| (namespace.to_owned(), role.to_owned())),
        };
        let Some((namespace, name)) = found else { continue };
        if namespace == "temporal-system" {
            system |= role(&name);
        } else if !(case.strict && namespace.is_empty()) {
            *namespaces.entry(namespace).or_default() |= role(&name);
        }
    }
    Some((system, namespaces))
}

fn builder(strict: bool) -> JwtClaimMapperBuilder {
    let builder = if strict {
        JwtClaimMapper::builder(KEYS.clone()).issuer(ISSUER).audience(AUDIENCE)
    } else {
        JwtClaimMapper::temporal(KEYS.clone())
    };
    builder.algorithms([Algorithm::EdDsa]).clock(Still).cache(CacheLimits::new(0, 0))
}

fn found(mapper: &JwtClaimMapper, case: &Case) -> Claims {
    let list: Vec<_> =
        case.permissions.iter().map(|text| text.clone().map_or(7.into(), serde_json::Value::from)).collect();
    let payload = serde_json::json!(
        {"iss": ISSUER, "aud": AUDIENCE, "sub": "caller", "exp": 1_900_000_000, "permissions": list}
    );
    let token = sign(&TRUSTED, r#"{"alg":"EdDSA","kid":"ed"}"#, payload.to_string());
    let value = format!("Bearer {token}");
    let headers = HeaderMap::new();
    let claims = block_on(mapper.get_claims(&AuthInfo::new(&headers).with_auth_token(&value)));
    claims.expect("a good token").expect("somebody")
}

fuzz_target!(|data: &[u8]| {
    let Ok(mut case) = Case::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let pattern = case.expression.as_ref().map(Expression::written).unwrap_or_default();
    // An empty expression is none.
    if pattern.is_empty() {
        case.expression = None;
    }
    let mapper = match (builder(case.strict).permissions_regex(pattern.as_str()).build(), &case.expression) {
        (Ok(mapper), Some(expression)) => {
            assert!(expression.is_complete(), "{pattern:?} lacks a group");
            mapper
        }
        (Ok(mapper), None) => mapper,
        (Err(error), expression) => {
            let complete = expression.as_ref().is_some_and(Expression::is_complete);
            let BuildError::PermissionsRegex { reason, .. } = &error else { panic!("{error}") };
            assert!(!complete || reason.contains("size limit"), "{error}");
            return;
        }
    };
    let Some((system, namespaces)) = wanted(&case) else { return };
    let claims = found(&mapper, &case);
    let granted: BTreeMap<_, _> = claims.namespaces().map(|(name, role)| (name.to_owned(), role.bits())).collect();
    let what = || format!("{pattern:?} on {:?}, strict {}", case.permissions, case.strict);
    assert_eq!(claims.system().bits(), system, "{}", what());
    assert_eq!(granted, namespaces, "{}", what());
});
