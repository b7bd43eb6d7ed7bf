//! Paths that two readers could read in two ways, methods that nobody listed, and what is not gRPC.

use temporal_authz::MethodTable;

use crate::support::*;

const SERVICE: &str = "/temporal.api.workflowservice.v1.WorkflowService";
const ADMIN: &str = "/temporal.server.api.adminservice.v1.AdminService";

#[tokio::test]
async fn a_path_is_a_service_and_a_method_and_nothing_else() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        // Who may do everything is not let through by a path that nobody knows.
        let root = world.token(&["temporal-system:admin"]);
        let (malformed, unknown) = (denied("malformed_path"), denied("unknown_method"));
        let service = &SERVICE[1..];
        let rows = [
            ("case_064 two slashes before", format!("/{SERVICE}/ListNamespaces"), malformed),
            ("case_064 two slashes between", format!("{SERVICE}//ListNamespaces"), malformed),
            ("case_064 a slash behind", format!("{SERVICE}/ListNamespaces/"), malformed),
            ("case_064 the service in capitals", format!("/{}/ListNamespaces", service.to_uppercase()), unknown),
            ("case_064 the method in small letters", format!("{SERVICE}/listnamespaces"), unknown),
            ("case_064 an encoded space", format!("{SERVICE}/ListNamespaces%20"), malformed),
            ("case_064 an encoded letter", format!("{SERVICE}/%4cistNamespaces"), malformed),
            ("case_064 an encoded slash", format!("{SERVICE}%2fListNamespaces"), malformed),
            ("case_064 an encoded NUL", format!("{SERVICE}/ListNamespaces%00"), malformed),
            ("case_064 a semicolon", format!("{SERVICE}/ListNamespaces;x"), malformed),
            ("case_064 a dot", format!("{SERVICE}/./ListNamespaces"), malformed),
            ("case_064 two dots", format!("/x/..{SERVICE}/ListNamespaces"), malformed),
            ("case_064 three parts", format!("{SERVICE}/x/ListNamespaces"), malformed),
            ("case_064 a part before", format!("/x{SERVICE}/ListNamespaces"), malformed),
            ("case_064 the service alone", SERVICE.to_owned(), malformed),
            ("case_064 no method", format!("{SERVICE}/"), malformed),
            ("case_064 no service", "//ListNamespaces".to_owned(), malformed),
            ("case_064 a backslash", format!("{SERVICE}\\ListNamespaces"), malformed),
            ("case_064 a dot behind the service", format!("{SERVICE}./ListNamespaces"), unknown),
            ("case_064 a dot behind the method", format!("{SERVICE}/ListNamespaces."), unknown),
            ("case_064 letters outside of ASCII", format!("{SERVICE}/ListN\u{430}mespaces"), malformed),
            ("case_064 Admin with three parts", format!("{ADMIN}/x/DescribeCluster"), malformed),
            ("case_064 Admin and more", format!("{ADMIN}X/DescribeCluster"), unknown),
            ("case_066 up from Health", format!("{HEALTH}/../..{SERVICE}/TerminateWorkflowExecution"), malformed),
            ("case_066 Health behind a part", format!("/x{HEALTH}"), malformed),
            ("case_066 up from Admin", format!("{ADMIN}/..{SERVICE}/ListNamespaces"), malformed),
        ];
        for (row, path, expected) in rows {
            world.refused(row, &Call::to(&path).token(&root), expected).await;
            // Nor is it an open method for nobody at all.
            world.refused(row, &Call::to(&path), nobody(expected)).await;
        }
        for (row, path) in [
            ("case_064 no slash before", format!("{service}/ListNamespaces")),
            ("case_064 nothing", String::new()),
            ("case_064 a space", format!("{SERVICE}/List Namespaces")),
            ("case_064 a NUL", format!("{SERVICE}/ListNamespaces\0")),
        ] {
            turned_away_or_denied(&world, row, &Call::to(path).token(&root)).await;
        }
    }
}

/// Nobody learns of a path that is malformed that it is; of one that is unknown, that credentials are missing.
fn nobody(expected: Refusal) -> Refusal {
    if expected.reason == "malformed_path" { expected } else { unauthenticated("missing_credentials") }
}

/// HTTP/2 may refuse such a path before anybody else sees it.
async fn turned_away_or_denied(world: &World, row: &str, call: &Call) {
    let before = world.before();
    let answer = world.call(call).await;
    assert!(
        answer.status() == "7" || answer.end != Some(End::Whole) || answer.http().starts_with('4'),
        "{row}: {}",
        answer.shown()
    );
    assert_eq!((world.upstream.count(), world.issuer.fetches()), (before.0, before.1), "{row}");
    world.discreet(row, &answer.shown());
}

#[tokio::test]
async fn what_is_judged_is_what_is_forwarded() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let token = world.token(&["shop:write"]);
        for (row, path) in [
            ("case_065 a query", format!("{START}?x=1")),
            ("case_065 a query that is a path", format!("{START}?{LIST_NAMESPACES}")),
            ("case_065 two queries", format!("{START}?x?y#z")),
            ("case_065 an empty query", format!("{START}?")),
        ] {
            let arrived = world.served(row, &Call::start("shop").with(":path", &path).token(&token)).await;
            assert_eq!(arrived.target, START, "{row}");
        }
        // By another authority, scheme or host it is the same method.
        let odd = Call::start("shop").with(":authority", "grpc.health.v1.Health").field("x-original-path", HEALTH);
        let arrived = world.served("case_065 an odd authority", &odd.token(&token)).await;
        assert_eq!(arrived.target, START);
        for (row, path) in [
            ("case_065 a whole URI", format!("http://gateway.example{START}")),
            ("case_065 a whole URI of another host", format!("http://other.example{HEALTH}")),
            ("case_065 a host", format!("//gateway.example{START}")),
            ("case_065 everything", "*".to_owned()),
        ] {
            turned_away_or_denied(&world, row, &Call::start("shop").with(":path", &path).token(&token)).await;
        }
        // Health is open by its whole path, not by a part of it.
        assert_eq!(world.served("case_065 Health", &Call::to(format!("{HEALTH}?x=1"))).await.target, HEALTH);
        for (row, path, reason) in [
            ("case_065 more behind Health", format!("{HEALTH}X"), "missing_credentials"),
            ("case_065 less of Health", HEALTH[..HEALTH.len() - 1].to_owned(), "missing_credentials"),
            ("case_065 a part before Health", "/x.grpc.health.v1.Health/Check".to_owned(), "missing_credentials"),
            ("case_065 Watch", "/grpc.health.v1.Health/Watch".to_owned(), "missing_credentials"),
            ("case_065 SystemInfo of another service", format!("{ADMIN}/GetSystemInfo"), "missing_credentials"),
        ] {
            world.refused(row, &Call::to(path), unauthenticated(reason)).await;
        }
    }
}

#[tokio::test]
async fn a_method_that_nobody_listed_is_nobodys() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let unknown = denied("unknown_method");
        let root = world.token(&["temporal-system:admin", "shop:admin"]);
        for (row, path) in [
            ("case_067 an unknown service", "/acme.v1.Orders/Create".to_owned()),
            ("case_067 an unknown method", format!("{SERVICE}/DropEverything")),
            ("case_067 reflection", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo".to_owned()),
            ("case_067 old reflection", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo".to_owned()),
            ("case_067 history", "/temporal.server.api.historyservice.v1.HistoryService/CloseShard".to_owned()),
            ("case_067 matching", "/temporal.server.api.matchingservice.v1.MatchingService/AddWorkflowTask".to_owned()),
            ("case_067 Watch", "/grpc.health.v1.Health/Watch".to_owned()),
            ("case_067 channelz", "/grpc.channelz.v1.Channelz/GetServers".to_owned()),
        ] {
            world.refused(row, &Call::to(&path).token(&root), unknown).await;
        }
        let low = denied("insufficient_role");
        for (row, permission) in [
            ("case_067 a namespace's admin", "shop:admin"),
            ("case_067 a system's writer", "temporal-system:write"),
            ("case_067 a system's worker", "temporal-system:worker"),
        ] {
            let token = world.token(&[permission]);
            for method in ["DescribeCluster", "AddedByANewerServer"] {
                world.refused(row, &Call::to(format!("{ADMIN}/{method}")).token(&token), low).await;
            }
        }
        let newer = format!("{ADMIN}/AddedByANewerServer");
        assert_eq!(world.served("case_067 the system's admin", &Call::to(&newer).token(&root)).await.target, newer);
    }
}

#[tokio::test]
async fn what_is_not_grpc_is_not_passed_on() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let good = Call::start("shop").token(&world.token(&["shop:write"]));
        let kind = |kind: &str| good.clone().with("content-type", kind);
        let method = |method: &str| good.clone().with(":method", method);
        for (row, call) in [
            ("case_068 JSON", kind("application/json")),
            ("case_068 JSON that names gRPC", kind("application/json; application/grpc")),
            ("case_068 gRPC-Web", kind("application/grpc-web")),
            ("case_068 gRPC-Web with protobuf", kind("application/grpc-web+proto")),
            ("case_068 gRPC-Web in text", kind("application/grpc-web-text")),
            ("case_068 almost gRPC", kind("application/grpcx")),
            ("case_068 protobuf", kind("application/x-protobuf")),
            ("case_068 Connect", kind("application/connect+proto")),
            ("case_068 a space before", kind(" application/grpc")),
            ("case_068 empty", kind("")),
            ("case_068 none", good.clone().without("content-type")),
            ("case_068 GET", method("GET").body("")),
            ("case_068 PUT", method("PUT")),
            ("case_068 post", method("post")),
            ("case_068 OPTIONS", method("OPTIONS")),
            ("case_068 CONNECT", method("CONNECT")),
            ("case_068 no te", good.clone().without("te")),
            ("case_068 another te", good.clone().with("te", "gzip")),
            ("case_068 JSON, then gRPC", kind("application/json").field("content-type", "application/grpc")),
            ("case_068 gRPC, then JSON", good.clone().field("content-type", "application/json")),
        ] {
            world.turned_away(row, &call).await;
        }
        for kind in ["application/grpc+proto", "application/grpc;charset=utf-8"] {
            let call = good.clone().with("content-type", kind);
            world.served(&format!("case_068 {kind}"), &call).await;
        }
    }
}

#[tokio::test]
async fn case_069_no_listed_method_is_open_but_two() {
    for profile in Profile::BOTH {
        let world = World::with(&Setup { log: "off,temporal_authz=trace", ..Setup::new(profile) }).await;
        let mut raw = Raw::connect(world.addr).await;
        let table = MethodTable::temporal();
        let paths: Vec<&str> = table.iter().map(|method| method.path()).collect();
        assert!(paths.len() > 180);
        for path in paths.iter().filter(|path| ![HEALTH, SYSTEM_INFO].contains(path)) {
            let row = format!("case_069 {path}");
            world.refused_on(&mut raw, &row, &Call::to(path), unauthenticated("missing_credentials")).await;
        }
        for path in [HEALTH, SYSTEM_INFO] {
            world.served(&format!("case_069 {path}"), &Call::to(path)).await;
        }
    }
}
