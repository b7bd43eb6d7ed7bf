//! `explain` with tokens.

use temporal_gateway::explain::Verdict::{Allow, Deny};

use super::scratch::Scratch;

const START: &str = "StartWorkflowExecution";

#[tokio::test]
async fn a_call_is_explained_as_the_gateway_would_judge_it() {
    let scratch = Scratch::new("explain");
    let writer = scratch.token(&["payments:write", "orders:read"], 0);
    let admin = scratch.token(&["temporal-system:admin"], 0);
    let mistaken = scratch.token(&["system:read"], 0);
    let spaced = scratch.token(&["payments : write"], 0);
    let expired = scratch.token(&["payments:write"], 7200);
    let early = format!("{}x", scratch.token(&["payments:write"], 0));
    let cases: [(&str, &str, &str, _, &[&str]); 20] = [
        (
            &writer,
            START,
            "payments",
            Allow,
            &[
                "method       ok      /temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution: scope namespace, access write",
                "jwks.json: 1 key",
                "signature    ok      good",
                "caller       ok      jwt \"alice\": none in the system, read in \"orders\", write in \"payments\"",
                "role         ok      write is required in namespace \"payments\"",
                "verdict: allow as jwt \"alice\"",
            ],
        ),
        (
            &writer,
            START,
            "orders",
            Deny,
            &[
                "role         FAIL    write is required in namespace \"orders\" or in the system; held are read in \"orders\" and none in the system",
                "verdict: deny (insufficient_role): write is required",
            ],
        ),
        (&writer, START, "billing", Deny, &["held are none in \"billing\"", "deny (insufficient_role)"]),
        (
            &writer,
            START,
            "Payments",
            Deny,
            &["note    namespaces are compared exactly: a role is held in \"payments\""],
        ),
        (
            &writer,
            START,
            "",
            Deny,
            &["note    no namespace is named: only a role in the system counts", "insufficient_role"],
        ),
        (
            &writer,
            "ListNamespaces",
            "payments",
            Deny,
            &["scope cluster", "read is required in the system; held is none in the system"],
        ),
        (&admin, "ListNamespaces", "", Allow, &["admin in the system", "verdict: allow as jwt \"alice\""]),
        (&admin, "RespondWorkflowTaskCompleted", "any", Allow, &["commands     note    those to other namespaces"]),
        (&mistaken, "GetSystemInfo", "", Allow, &["open to everybody", "verdict: allow: no role is asked for"]),
        (
            &mistaken,
            "ListNamespaces",
            "",
            Deny,
            &[
                "permissions  note    \"system:read\" grants in a namespace of that name: the scope of the whole system is temporal-system",
                "deny (insufficient_role)",
            ],
        ),
        (&spaced, START, "payments", Deny, &["permissions  note    \"payments : write\": spaces round the colon"]),
        (&expired, START, "payments", Deny, &["times        FAIL", "verdict: deny (expired)"]),
        (&expired, "GetSystemInfo", "", Deny, &["verdict: deny (expired)"]),
        (
            &early,
            START,
            "payments",
            Deny,
            &["shape        FAIL", "verdict: deny (malformed_credentials): credentials refused"],
        ),
        ("garbage", START, "payments", Deny, &["shape        FAIL", "verdict: deny (malformed_credentials)"]),
        ("Basic YTpi", START, "payments", Deny, &["scheme       FAIL", "verdict: deny (malformed_credentials)"]),
        (
            "",
            START,
            "payments",
            Deny,
            &["credentials  note    none", "verdict: deny (missing_credentials): nobody has shown who it is"],
        ),
        ("", "GetSystemInfo", "", Allow, &["verdict: allow: no role is asked for"]),
        (
            &admin,
            "/acme.Orders/Create",
            "payments",
            Deny,
            &["no table says who may call it", "verdict: deny (unknown_method)"],
        ),
        (&admin, "/temporal.server.api.adminservice.v1.AdminService/AddedLater", "", Allow, &["verdict: allow as"]),
    ];
    for (token, method, namespace, expected, parts) in cases {
        let args = ["--token", token, "--method", method, "--namespace", namespace];
        let (out, verdict) = scratch.explain(&args).await.unwrap();
        assert_eq!(verdict, expected, "{method} in {namespace:?}:\n{out}");
        for part in parts {
            assert!(out.contains(part), "{method} in {namespace:?}: no {part:?} in\n{out}");
        }
        let last = out.lines().last().unwrap();
        assert!(last.starts_with(if verdict == Allow { "verdict: allow" } else { "verdict: deny (" }), "{last}");
        assert_eq!(out.matches("verdict:").count(), 1);
    }
}

#[tokio::test]
async fn a_token_comes_with_its_scheme_or_from_a_file_too() {
    let scratch = Scratch::new("file");
    let token = scratch.token(&["payments:write"], 0);
    let file = scratch.write("token.txt", &format!("{token}\n"));
    let file = file.to_str().unwrap();
    let header = format!("bearer {token}");
    for credentials in [["--token-file", file], ["--token", &header]] {
        let args = [&credentials[..], &["--method", START, "-n", "payments"]].concat();
        let (out, verdict) = scratch.explain(&args).await.unwrap();
        assert_eq!(verdict, Allow, "{out}");
        assert!(!out.contains(&token));
    }
}

#[tokio::test]
async fn what_gives_no_verdict_is_an_error_that_says_why() {
    let scratch = Scratch::new("errors");
    let long = "n".repeat(10_000);
    let cases: [(&[&str], &[&str]); 9] = [
        (&["--token", "x", "--method", "ListClusters"], &["several methods", "OperatorService/ListClusters"]),
        (&["--token", "x", "--method", "startworkflowexecution"], &["unknown: did you mean", START]),
        (&["--token", "x", "--method", "Nothing"], &["`temporal-gateway methods`"]),
        (&["--token", "x", "--method", "/a"], &["no method path"]),
        (&["--method", START], &["required"]),
        (&["--token", "hunter2", "--token-file", "f", "--method", START], &["cannot be used with"]),
        (&["--token-file", "/nonexistent", "--method", START], &["reading /nonexistent"]),
        (&["--token", "hunter2\n.x", "--method", START], &["no header can carry"]),
        (&["--token", "x", "--method", START, "--namespace", &long], &["maxNamespaceBytes"]),
    ];
    for (args, parts) in cases {
        let error = scratch.explain(args).await.unwrap_err();
        assert!(parts.iter().all(|part| error.contains(part)), "{args:?}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    scratch.write("gateway.yaml", "global:\n  authorization:\n    authoriser: default\n");
    let error = scratch.explain(&["--token", "x", "--method", START]).await.unwrap_err();
    assert!(error.contains(":3: key `global.authorization.authoriser`"), "{error}");
}

#[tokio::test]
async fn keys_that_cannot_be_had_deny_and_are_named() {
    let scratch = Scratch::new("keys");
    let token = scratch.token(&["payments:write"], 0);
    std::fs::remove_file(scratch.0.join("keys/jwks.json")).unwrap();
    let (out, verdict) =
        scratch.explain(&["--token", &token, "--method", START, "--namespace", "payments"]).await.unwrap();
    assert_eq!(verdict, Deny);
    assert!(out.contains("jwks.json: 0 keys; the last attempt failed: "), "{out}");
    assert!(out.contains("verdict: deny (keys_unavailable)"), "{out}");
}

#[tokio::test]
async fn a_configuration_that_checks_nobody_is_told_as_such() {
    let scratch = Scratch::new("everyone");
    let text = "global: { authorization: { authorizer: '', claimMapper: '' } }
gateway: { authorization: { allowEveryone: true } }";
    scratch.write("gateway.yaml", text);
    let (out, verdict) = scratch.explain(&["--token", "", "--method", "/a.B/C"]).await.unwrap();
    assert_eq!(verdict, Allow, "{out}");
    assert!(out.contains("everybody is a system admin"), "{out}");
}

#[tokio::test]
async fn streams_that_pass_unjudged_are_told_as_such() {
    let scratch = Scratch::new("streams");
    let stream = "/temporal.server.api.adminservice.v1.AdminService/StreamWorkflowReplicationMessages";
    let args = ["--token", "garbage", "--method", stream];
    assert_eq!(scratch.explain(&args).await.unwrap().1, Deny);
    let file = scratch.write("dynamic.yaml", "system.disableStreamingAuthorizer: [{ value: true }]");
    scratch.configure(&format!("dynamicConfigClient: {{ filepath: '{}', pollInterval: 10s }}", file.display()));
    let (out, verdict) = scratch.explain(&args).await.unwrap();
    assert_eq!(verdict, Allow);
    assert!(out.contains("verdict: allow unjudged"), "{out}");
    // One that is listed by its service alone is judged.
    let later = "/temporal.server.api.adminservice.v1.AdminService/AddedLater";
    assert_eq!(scratch.explain(&["--token", "garbage", "--method", later]).await.unwrap().1, Deny);
}
