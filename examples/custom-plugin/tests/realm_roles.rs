//! The claim mapper, through the layer, with real tokens.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "test code; not every file uses all of the support"
)]

mod support;

use serde_json::json;
use temporalio_protos::temporal::api::workflowservice::v1::{
    CountWorkflowExecutionsRequest, ListNamespacesRequest, StartWorkflowExecutionRequest,
};
use tonic::Code;

use support::{World, code};

#[tokio::test]
async fn realm_roles_are_what_a_caller_may_do() {
    let world = World::start().await;
    for (roles, namespace, may_read, may_write, may_list) in [
        (&["temporal:shop:writer"][..], "shop", Code::Ok, Code::Ok, Code::PermissionDenied),
        (&["temporal:shop:reader"], "shop", Code::Ok, Code::PermissionDenied, Code::PermissionDenied),
        (&["temporal:shop:worker"], "shop", Code::PermissionDenied, Code::PermissionDenied, Code::PermissionDenied),
        (&["temporal:shop:writer"], "bank", Code::PermissionDenied, Code::PermissionDenied, Code::PermissionDenied),
        (
            &["temporal:bank:reader", "temporal:shop:admin"],
            "bank",
            Code::Ok,
            Code::PermissionDenied,
            Code::PermissionDenied,
        ),
        (&["temporal:temporal-system:reader"], "shop", Code::Ok, Code::PermissionDenied, Code::Ok),
        (
            &["offline_access", "shop:writer"],
            "shop",
            Code::PermissionDenied,
            Code::PermissionDenied,
            Code::PermissionDenied,
        ),
        (&[], "shop", Code::PermissionDenied, Code::PermissionDenied, Code::PermissionDenied),
    ] {
        let token = world.token(roles);
        let namespace = namespace.to_owned();
        let count = CountWorkflowExecutionsRequest { namespace: namespace.clone(), ..Default::default() };
        let start = StartWorkflowExecutionRequest { namespace, ..Default::default() };
        let answers = [
            code(&world.call(Some(&token), "CountWorkflowExecutions", count).await),
            code(&world.call(Some(&token), "StartWorkflowExecution", start).await),
            code(&world.call(Some(&token), "ListNamespaces", ListNamespacesRequest::default()).await),
        ];
        assert_eq!(answers, [may_read, may_write, may_list], "{roles:?}");
    }
}

#[tokio::test]
async fn the_handler_sees_the_name_in_the_token() {
    let world = World::start().await;
    let token = world.token(&["temporal:shop:reader"]);
    let count = CountWorkflowExecutionsRequest { namespace: "shop".to_owned(), ..Default::default() };
    let answer = world.call(Some(&token), "CountWorkflowExecutions", count).await.unwrap();
    assert_eq!(answer.metadata().get("served-for").unwrap(), "alice");
}

#[tokio::test]
async fn only_the_realms_own_claim_grants_and_only_in_a_good_token() {
    let world = World::start().await;
    let writer = json!({ "roles": ["temporal:shop:writer"] });
    let permissions = json!(["shop:admin", "temporal-system:admin"]);
    for (what, token, expected) in [
        ("a good token", Some(world.token(&["temporal:shop:writer"])), Code::Ok),
        ("no token", None, Code::Unauthenticated),
        ("another key", Some(world.forged(&["temporal:shop:writer"])), Code::Unauthenticated),
        ("expired", Some(world.token_with(json!({ "realm_access": writer, "exp": 1 }))), Code::Unauthenticated),
        (
            "another audience",
            Some(world.token_with(json!({ "realm_access": writer, "aud": "x" }))),
            Code::Unauthenticated,
        ),
        ("permissions", Some(world.token_with(json!({ "permissions": permissions }))), Code::PermissionDenied),
        ("no realm access", Some(world.token_with(json!({}))), Code::PermissionDenied),
        ("no roles", Some(world.token_with(json!({ "realm_access": {} }))), Code::PermissionDenied),
        (
            "roles at the top",
            Some(world.token_with(json!({ "roles": ["temporal:shop:writer"] }))),
            Code::PermissionDenied,
        ),
        (
            "no list",
            Some(world.token_with(json!({ "realm_access": { "roles": "temporal:shop:writer" } }))),
            Code::Unauthenticated,
        ),
        (
            "no texts",
            Some(world.token_with(json!({ "realm_access": { "roles": ["temporal:shop:writer", 1] } }))),
            Code::Unauthenticated,
        ),
        (
            "no object",
            Some(world.token_with(json!({ "realm_access": ["temporal:shop:writer"] }))),
            Code::Unauthenticated,
        ),
    ] {
        let start = StartWorkflowExecutionRequest { namespace: "shop".to_owned(), ..Default::default() };
        // Twice: the second time the inner mapper remembers the token.
        for _ in 0..2 {
            let answer = world.call(token.as_deref(), "StartWorkflowExecution", start.clone()).await;
            assert_eq!(code(&answer), expected, "{what}");
        }
    }
}
