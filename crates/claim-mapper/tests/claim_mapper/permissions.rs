use serde_json::{Value, json};
use temporal_authz::{Claims, Reason, Role};

use crate::support::*;

async fn granted(mapper: &temporal_claim_mapper::JwtClaimMapper, permissions: Value) -> Claims {
    claims_of(mapper, &token(&payload(json!({ "permissions": permissions })))).await.unwrap().unwrap()
}

// 35
#[tokio::test]
async fn the_grammar_is_namespace_and_role() {
    let keys = MemoryKeys::new();
    let (strict, temporal) = (strict(&keys).build().unwrap(), temporal(&keys).build().unwrap());
    let odd = json!([
        "a:read",
        "a:WORKER",
        "b:b:write",
        "c:owner",
        "d:",
        "nocolon",
        1,
        {},
        null,
        [],
        "system:admin",
        " e:read",
        "TEMPORAL-SYSTEM:admin",
        "temporal-system:",
        "temporal-system:Write",
        ":admin"
    ]);
    for (mapper, empty) in [(&strict, Role::empty()), (&temporal, Role::ADMIN)] {
        let claims = granted(mapper, odd.clone()).await;
        assert_eq!(claims.system(), Role::WRITER);
        for (namespace, role) in [
            ("a", Role::READER | Role::WORKER),
            ("b", Role::empty()),
            ("c", Role::empty()),
            ("system", Role::ADMIN),
            ("TEMPORAL-SYSTEM", Role::ADMIN),
            ("temporal-system", Role::empty()),
            (" e", Role::READER),
            ("", empty),
        ] {
            assert_eq!(claims.namespace(namespace), role, "{namespace:?}");
        }
        // 40
        for other in ["A", "a ", "a\u{200b}", "e"] {
            assert_eq!(claims.namespace(other), Role::empty(), "{other:?}");
        }
        for no_list in [json!("a:admin"), json!({"a": "admin"}), Value::Null, json!([1, 2])] {
            let claims = granted(mapper, no_list.clone()).await;
            assert_eq!((claims.system(), claims.namespaces().count()), (Role::empty(), 0), "{no_list}");
        }
    }
}

// 36
#[tokio::test]
async fn an_expression_searches_in_the_reference_and_matches_whole_in_strict() {
    let keys = MemoryKeys::new();
    let pattern = r"(?P<namespace>\w+):(?P<role>admin|read)";
    let temporal = temporal(&keys).permissions_regex(pattern).build().unwrap();
    let strict = strict(&keys).permissions_regex(pattern).build().unwrap();
    for (permission, of_temporal, of_strict) in [
        ("prod:admin", Role::ADMIN, Role::ADMIN),
        ("x-prod:admin-but-not-really", Role::ADMIN, Role::empty()),
        ("prod:write", Role::empty(), Role::empty()),
    ] {
        assert_eq!(granted(&temporal, json!([permission])).await.namespace("prod"), of_temporal, "{permission}");
        assert_eq!(granted(&strict, json!([permission])).await.namespace("prod"), of_strict, "{permission}");
    }
}

#[tokio::test]
async fn permissions_stand_in_the_claim_that_is_named() {
    let keys = MemoryKeys::new();
    let token = token(&payload(json!({"https://example.com/roles": ["billing:read"]})));
    for (name, namespace) in [("https://example.com/roles", "billing"), ("", "default"), ("permissions", "default")] {
        let mapper = strict(&keys).permissions_claim_name(name).build().unwrap();
        let claims = claims_of(&mapper, &token).await.unwrap().unwrap();
        assert_eq!(claims.namespaces().map(|(name, _)| name).collect::<Vec<_>>(), [namespace], "{name}");
    }
}

// 35
#[tokio::test]
async fn the_number_of_permissions_is_bounded() {
    let keys = MemoryKeys::new();
    let many = |count: usize| token(&payload(json!({ "permissions": vec!["a:read"; count] })));
    for mapper in [strict(&keys), temporal(&keys)] {
        let mapper = mapper.max_token_bytes(1 << 20).build().unwrap();
        assert_eq!(reason(&mapper, &many(10_000)).await, None);
        assert_eq!(reason(&mapper, &many(10_001)).await, Some(Reason::InvalidClaims));
    }
}
