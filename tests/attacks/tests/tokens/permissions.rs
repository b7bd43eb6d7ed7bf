//! From the permissions of a token to roles, and to what a call may do.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use attacks::{
    log::Log,
    token::{claims_with, token},
};
use serde_json::{Value, json};
use temporal_authz::{AuthInfo, ClaimError, ClaimMapper, Claims, Reason, Role};
use temporal_claim_mapper::JwtClaimMapperBuilder;

use crate::support::{Served, Stand, claims_of, profile, reason};

fn permitted(permissions: &Value) -> String {
    let mut claims = claims_with(json!({}));
    claims["permissions"] = permissions.clone();
    token(&claims)
}

/// Permissions, the namespaces that they name and how many of them are ignored: in strict, and in temporal.
type Row = (&'static str, Value, [&'static [&'static str]; 2], [usize; 2]);

#[tokio::test]
async fn case_035_what_is_no_permission_grants_nothing() {
    let rows: [Row; 19] = [
        ("case_035 a text", json!("default:write"), [&[], &[]], [0, 0]),
        ("case_035 an object", json!({"default": "write"}), [&[], &[]], [0, 0]),
        ("case_035 null", json!(null), [&[], &[]], [0, 0]),
        ("case_035 a number", json!(8), [&[], &[]], [0, 0]),
        ("case_035 an empty list", json!([]), [&[], &[]], [0, 0]),
        ("case_035 numbers", json!([1, 8, 15]), [&[], &[]], [3, 3]),
        ("case_035 lists and null", json!([["default:write"], null, {}]), [&[], &[]], [3, 3]),
        ("case_035 two colons", json!(["default:write:x"]), [&["default"], &["default"]], [0, 0]),
        ("case_035 a:b:c", json!(["a:b:c"]), [&["a"], &["a"]], [0, 0]),
        ("case_035 no colon", json!(["a"]), [&[], &[]], [1, 1]),
        ("case_035 an empty text", json!([""]), [&[], &[]], [1, 1]),
        ("case_035 :admin", json!([":admin"]), [&[], &[""]], [1, 0]),
        ("case_035 only a colon", json!([":"]), [&[], &[""]], [1, 0]),
        ("case_035 temporal-system:", json!(["temporal-system:"]), [&[], &[]], [0, 0]),
        ("case_035 TEMPORAL-SYSTEM:admin", json!(["TEMPORAL-SYSTEM:admin"]), [&["TEMPORAL-SYSTEM"]; 2], [0, 0]),
        ("case_035 temporal-system :admin", json!(["temporal-system :admin"]), [&["temporal-system "]; 2], [0, 0]),
        ("case_035 system:admin", json!(["system:admin"]), [&["system"]; 2], [0, 0]),
        ("case_035 an unknown role", json!(["default:owner"]), [&["default"]; 2], [0, 0]),
        ("case_035 a Kelvin sign", json!(["default:wor\u{212a}er"]), [&["default"]; 2], [0, 0]),
    ];
    for stand in Stand::both().await {
        let column = usize::from(!stand.strict);
        for (number, (case, permissions, namespaces, ignored)) in rows.iter().enumerate() {
            let mut claims = claims_with(json!({"sub": format!("c035-{number}-{column}")}));
            claims["permissions"] = permissions.clone();
            let (log, value) = (Log::open(), token(&claims));
            let claims = claims_of(&stand.mapper, &value).await.unwrap().unwrap();
            assert_eq!(claims.system(), Role::empty(), "{case}");
            let mut named: Vec<&str> = claims.namespaces().map(|(name, _)| name).collect();
            named.sort_unstable();
            assert_eq!(named, namespaces[column], "{case}");
            let counted = format!("ignored_permissions={}", ignored[column]);
            let said = log.containing(&format!("subject=c035-{number}-{column} "));
            assert!(said.iter().any(|entry| entry.contains(&counted)), "{case}: {counted} is not in {said:?}");
            for namespace in ["default", "", "a", "temporal-system", "system "] {
                let case = format!("{case} in {namespace:?}");
                // As in the reference, where the empty text is a namespace like any other.
                if namespace.is_empty() && claims.namespace("") == Role::ADMIN {
                    stand.accepts(&case, &value, namespace).await;
                } else {
                    stand.denies(&case, &value, namespace).await;
                }
            }
        }
        let nameless = claims_of(&stand.mapper, &permitted(&json!([":admin"]))).await.unwrap().unwrap();
        assert_eq!(nameless.namespace(""), if stand.strict { Role::empty() } else { Role::ADMIN }, "case_035 :admin");
        let system = permitted(&json!(["temporal-system:write"]));
        stand.accepts("case_035 temporal-system:write", &system, "").await;
        let mixed = permitted(&json!([1, "x", "default:read", "default:write", null]));
        let claims = stand.accepts("case_035 good ones between", &mixed, "default").await;
        assert_eq!(claims.namespace("default"), Role::READER | Role::WRITER, "case_035 entries add up");
    }
}

#[tokio::test]
async fn case_035_a_million_permissions_are_refused() {
    let raised = |mapper: JwtClaimMapperBuilder| mapper.max_token_bytes(usize::MAX);
    let million = permitted(&json!(vec!["a:read"; 1_000_000]));
    let edge = permitted(&json!(vec!["default:write"; 10_000]));
    let beyond = permitted(&json!(vec!["default:write"; 10_001]));
    for (stand, large) in Stand::both().await.into_iter().zip(Stand::both_with(raised).await) {
        stand.refuses_without_io("case_035 1e6 entries", &million, Reason::MalformedCredentials).await;
        for (case, value) in [("1e6 entries", &million), ("10,001 entries", &beyond)] {
            let refused = reason(&large.mapper, value).await;
            assert_eq!(refused, Some(Reason::InvalidClaims), "case_035 {case} in a long token");
        }
        assert_eq!(reason(&large.mapper, &edge).await, None, "case_035 10,000 entries");
    }
}

#[tokio::test]
async fn case_036_a_regex_matches_the_whole_permission_in_strict_and_is_found_in_it_in_temporal() {
    let pattern = r"(?P<namespace>\w+):(?P<role>\w+)";
    let with = |mapper: JwtClaimMapperBuilder| mapper.permissions_regex(pattern);
    for stand in Stand::both_with(with).await {
        for (permission, namespace, role) in [
            ("xprod:admin-but-not-really", "xprod", Role::ADMIN),
            ("not-prod:admin", "prod", Role::ADMIN),
            ("prod:admin\n", "prod", Role::ADMIN),
            ("\nprod:admin", "prod", Role::ADMIN),
            ("x y prod:admin z", "prod", Role::ADMIN),
            ("prod:admin:prod", "prod", Role::ADMIN),
        ] {
            let case = format!("case_036 {permission:?}");
            let value = permitted(&json!([permission]));
            if stand.strict {
                let claims = claims_of(&stand.mapper, &value).await.unwrap().unwrap();
                assert_eq!(claims.namespaces().count(), 0, "{case}: {claims:?}");
                stand.denies(&case, &value, namespace).await;
            } else {
                let claims = stand.accepts(&case, &value, namespace).await;
                assert_eq!(claims.namespace(namespace), role, "{case}");
            }
        }
        stand.accepts("case_036 the whole", &permitted(&json!(["prod:write"])), "prod").await;
    }
}

#[tokio::test]
async fn case_037_a_regex_that_cannot_be_used_fails_the_build() {
    let keys = Stand::both().await.into_iter().next().unwrap().keys;
    for (case, pattern) in [
        ("case_037 unbalanced", "(?P<namespace>a)(?P<role>b"),
        ("case_037 no namespace", r"(?P<role>\w+)"),
        ("case_037 no role", r"(?P<namespace>\w+):(\w+)"),
        ("case_037 groups of other names", r"(?P<ns>\w+):(?P<Role>\w+)"),
        ("case_037 looks behind", r"(?<=x)(?P<namespace>a):(?P<role>b)"),
        ("case_037 refers back", r"(?P<namespace>a)\1:(?P<role>b)"),
        ("case_037 breaks out of its anchors", "(?P<namespace>a))|((?P<role>b)"),
        ("case_037 a comment swallows the anchor", "(?x)(?P<namespace>a)(?P<role>b) # c"),
        ("case_038 too large", "(?P<namespace>(?:x{1000}){1000}):(?P<role>a)"),
        ("case_038 too large, by classes", r"(?P<namespace>[\p{L}\p{N}]{1000}):(?P<role>[\p{L}\p{N}]{1000})"),
    ] {
        for strict in [true, false] {
            let built = profile(strict, keys.clone()).permissions_regex(pattern).build();
            let error = built.err().unwrap_or_else(|| panic!("{case} was built"));
            assert!(error.to_string().contains("permissionsRegex"), "{case}: {error}");
        }
    }
}

#[tokio::test]
async fn case_038_no_regex_backtracks() {
    let text = "a".repeat(8000);
    for pattern in [
        r"(?P<namespace>(a+)+b):(?P<role>(a|aa)+c)",
        r"(?P<namespace>(a*)*$):(?P<role>(.*)*x)",
        r"(?P<namespace>(a|a?)+b)(?P<role>.*)",
    ] {
        for stand in Stand::both_with(|mapper| mapper.permissions_regex(pattern)).await {
            let value = permitted(&json!([text, format!("{text}!")[7000..]]));
            let begun = Instant::now();
            stand.denies(&format!("case_038 {pattern}"), &value, "default").await;
            assert!(begun.elapsed() < Duration::from_secs(3), "case_038 {pattern}: {:?}", begun.elapsed());
        }
    }
}

/// A mapper that grants bits that nobody defined.
#[derive(Debug)]
struct Undefined {
    bits: u16,
    everywhere: bool,
}

#[async_trait]
impl ClaimMapper for Undefined {
    async fn get_claims(&self, _: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        let role = Role::from_bits_retain(self.bits);
        let claims = Claims::builder("custom", "root");
        let claims = if self.everywhere { claims.system(role) } else { claims.namespace("default", role) };
        claims.build().map(Some).map_err(ClaimError::failed)
    }
}

#[tokio::test]
async fn case_039_roles_with_undefined_bits_are_no_roles() {
    for bits in [16, 24, 31, 0x7fff, 0x8000, u16::MAX] {
        let (role, case) = (Role::from_bits_retain(bits), format!("case_039 {bits:#x}"));
        assert!(!role.is_valid() && !role.covers(Role::READER) && !role.covers(Role::ADMIN), "{case}");
        assert!(Claims::new("custom", "root", role, []).is_err(), "{case}");
        assert!(Claims::new("custom", "root", Role::ADMIN, [("default".to_owned(), role)]).is_err(), "{case}");
        for strict in [true, false] {
            for everywhere in [true, false] {
                let served = Served::new(strict, Undefined { bits, everywhere });
                served.refuses(&case, "Bearer c039.c039.c039", Reason::MapperError).await;
            }
        }
    }
    for (bits, code) in [(4, 0), (15, 0), (3, 7), (0, 7)] {
        let served = Served::new(true, Undefined { bits, everywhere: false });
        assert_eq!(served.call("Bearer x", "default").await.code, code, "case_039 {bits:#x}");
    }
}

#[tokio::test]
async fn case_040_namespaces_are_compared_byte_for_byte() {
    let alike = [
        "Default",
        "DEFAULT",
        "default ",
        " default",
        "default\t",
        "default\n",
        "default\0",
        "default\u{200b}",
        "\u{feff}default",
        "defaul\u{165}",
        "d\u{435}fault",
        "default\u{ad}",
        "ｄefault",
        "default\u{301}",
        "default%20",
        "default/",
        "defaul",
        "default1",
    ];
    for stand in Stand::both().await {
        for other in alike {
            let exact = permitted(&json!([format!("{other}:write")]));
            let case = format!("case_040 {other:?}");
            stand.denies(&case, &permitted(&json!(["default:write"])), other).await;
            stand.denies(&case, &exact, "default").await;
            stand.accepts(&case, &exact, other).await;
        }
        let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}");
        for (granted, asked) in [(composed, decomposed), (decomposed, composed)] {
            stand.denies("case_040 normal forms", &permitted(&json!([format!("{granted}:write")])), asked).await;
        }
    }
}
