//! Requests that name a namespace in a token, by its id, twice, or deep inside.

use temporal_authz::MethodTable;

use crate::support::*;

const OPERATOR: &str = "/temporal.api.operatorservice.v1.OperatorService";
const LOW: Refusal = denied("insufficient_role");

#[tokio::test]
async fn a_task_token_alone_names_no_namespace() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let mine = world.token(&["shop:admin"]);
        let anywhere = world.token(&[":admin"]);
        let system = world.token(&["temporal-system:write"]);
        let table = MethodTable::temporal();
        let mut methods = 0;
        for method in table.iter() {
            let (Some(token), Some(at)) = (method.task_token_field(), method.namespace_field()) else { continue };
            methods += 1;
            // What a task token of Temporal's holds: the id of a namespace first. Only the server can read it.
            let task = field(token, &field(1, b"an-id-of-bank"));
            let named = |namespace: &str| [task.clone(), field(at, namespace.as_bytes())].concat();
            let call = |token: &str, message: &[u8]| Call::to(method.path()).token(token).message(message);
            let row = |text: &str| format!("{text} {}", method.path());

            world.refused(&row("case_082 somebody of a namespace"), &call(&mine, &task), LOW).await;
            // Strict reads no grant out of ":admin", temporal does: it stands for no namespace of a token.
            let expected = match profile {
                Profile::Temporal => denied("unresolved_namespace"),
                Profile::Strict => LOW,
            };
            world.refused(&row("case_082 a grant on no namespace"), &call(&anywhere, &task), expected).await;
            world.served(&row("case_082 the system's"), &call(&system, &task)).await;

            // The request's own namespace is judged, the token is not looked at, and arrives as it is: the upstream sees that
            // they differ.
            let arrived = world.served(&row("case_083 mine, with their token"), &call(&mine, &named("shop"))).await;
            assert_eq!(arrived.body, framed(0, &named("shop")));
            world.refused(&row("case_083 theirs, with a token"), &call(&mine, &named("bank")), LOW).await;
        }
        assert_eq!(methods, 9);
    }
}

#[tokio::test]
async fn an_id_is_no_namespace() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let describe = workflow("DescribeNamespace");
        let delete = format!("{OPERATOR}/DeleteNamespace");
        let (mine, system) = (world.token(&["shop:admin"]), world.token(&["temporal-system:admin"]));
        for path in [&describe, &delete] {
            let call = |token: &str, message: &[u8]| Call::to(path).token(token).message(message);
            let (name, id) = (field(1, b"shop"), field(2, b"0d3f9c1e-id-of-bank"));
            world.refused(&format!("case_084 the id alone, {path}"), &call(&mine, &id), LOW).await;
            world.served(&format!("case_084 the id alone, by the system, {path}"), &call(&system, &id)).await;
            world.served(&format!("case_084 the name alone, {path}"), &call(&mine, &name)).await;
        }
    }
}

#[tokio::test]
async fn case_084_a_name_and_an_id_are_not_judged_by_the_name() {
    let both = [field(1, b"shop"), field(2, b"0d3f9c1e-id-of-bank")].concat();
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let mine = world.token(&["shop:admin"]);
        for path in [workflow("DescribeNamespace"), format!("{OPERATOR}/DeleteNamespace")] {
            let before = world.before();
            let answer = world.call(&Call::to(&path).token(&mine).message(&both)).await;
            assert_eq!(answer.status(), "7", "case_084 {path}: {}", answer.shown());
            assert_eq!(world.upstream.count(), before.0, "case_084 {path}");
        }
    }
}

#[tokio::test]
async fn an_embedded_operation_is_of_the_same_namespace() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let everything = world.token(&["shop:admin", "bank:admin", "temporal-system:admin"]);
        let path = workflow("ExecuteMultiOperation");
        let operation = |member: u32, namespace: &str| field(2, &field(member, &field(1, namespace.as_bytes())));
        let start = |namespace: &str| operation(1, namespace);
        let update = |namespace: &str| operation(2, namespace);
        let outer = field(1, b"shop");
        let call = |parts: &[Vec<u8>]| Call::to(&path).token(&everything).message(&parts.concat());
        for (row, call) in [
            ("case_085 the same", call(&[outer.clone(), start("shop"), update("shop")])),
            ("case_085 none", call(&[outer.clone(), start(""), update("")])),
            ("case_085 none at all", call(std::slice::from_ref(&outer))),
        ] {
            world.served(row, &call).await;
        }
        let differs = denied("namespace_mismatch");
        let replaced = field(2, &[field(1, &field(1, b"shop")), field(2, &field(1, b"bank"))].concat());
        let merged = field(2, &[field(1, &field(1, b"shop")), field(1, &field(1, b"bank"))].concat());
        for (row, call) in [
            ("case_085 start elsewhere", call(&[outer.clone(), start("bank"), update("shop")])),
            ("case_085 update elsewhere", call(&[outer.clone(), start("shop"), update("bank")])),
            ("case_085 both elsewhere", call(&[outer.clone(), start("bank"), update("bank")])),
            ("case_085 elsewhere before the outer", call(&[start("bank"), outer.clone()])),
            ("case_085 elsewhere, no outer", call(&[start("bank")])),
            ("case_085 another case", call(&[outer.clone(), start("Shop")])),
            ("case_085 a start replaced by an update", call(&[outer.clone(), replaced])),
            ("case_085 a start merged with another", call(&[outer.clone(), merged])),
            ("case_085 the outer last", call(&[field(1, b"bank"), start("bank"), outer.clone()])),
        ] {
            world.refused(row, &call, differs).await;
        }
        let mine = world.token(&["shop:write"]);
        let elsewhere = Call::to(&path).token(&mine).message(&[outer.clone(), start("bank")].concat());
        world.refused("case_085 elsewhere, without roles there", &elsewhere, differs).await;
    }
}

/// A command of a workflow task: its type, the member that holds its attributes, and the namespace in them.
fn command((kind, member): (u64, u32), namespace: &str) -> Vec<u8> {
    field(2, &[number(1, kind), field(member, &field(1, namespace.as_bytes()))].concat())
}

const CANCEL: (u64, u32) = (8, 9);
const CHILD: (u64, u32) = (11, 12);
const SIGNAL: (u64, u32) = (12, 13);

#[tokio::test]
async fn each_namespace_that_a_command_names_is_judged() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let two = world.token(&["a:write", "b:write", "d:read"]);
        let path = workflow("RespondWorkflowTaskCompleted");
        let call = |commands: &[Vec<u8>]| {
            let message = [field(9, b"a"), commands.concat()].concat();
            Call::to(&path).token(&two).message(&message)
        };
        for (kind, command_of) in [("cancel", CANCEL), ("child", CHILD), ("signal", SIGNAL)] {
            let to = |namespace| command(command_of, namespace);
            world.served(&format!("case_086 {kind} to a and b"), &call(&[to("a"), to("b"), to("")])).await;
            for (row, commands) in [
                ("to a, b and c", vec![to("a"), to("b"), to("c")]),
                ("to c first", vec![to("c"), to("a")]),
                ("to c among many", [vec![to("b"); 500], vec![to("c")], vec![to("b"); 500]].concat()),
                ("to d, where it may only read", vec![to("d")]),
            ] {
                world.refused(&format!("case_086 {kind} {row}"), &call(&commands), LOW).await;
            }
        }
        // The same target is judged once, however many commands have it.
        let before = world.log.len();
        world.served("case_086 10,000 to b", &call(&[command(SIGNAL, "b").repeat(10_000)])).await;
        let judged = world.log.since(before).iter().filter(|entry| entry.contains(": allowed method=")).count();
        assert_eq!(judged, 2, "case_086 the call and one target");

        let everything = world.token(&["temporal-system:admin"]);
        let distinct =
            |count: usize| (0..count).flat_map(|index| command(SIGNAL, &format!("n-{index}"))).collect::<Vec<_>>();
        let many = |count| Call::to(&path).token(&everything).message(&[field(9, b"a"), distinct(count)].concat());
        world.served("case_086 1,000 namespaces", &many(1_000)).await;
        world.refused("case_086 10,000 namespaces", &many(10_000), TOO_LARGE).await;
    }
}

// The walk over all descriptors, which fails on a namespace that is not decided about, is a test of the method table.
#[tokio::test]
async fn a_namespace_deep_inside_is_decided_about() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let mine = world.token(&["shop:admin"]);
        let outer = field(1, b"shop");
        // temporal.api.common.v1.Link, whose members name where something came from.
        let link = |member: u32| field(member, &field(1, b"bank"));
        let start = |rest: Vec<u8>| ("StartWorkflowExecution", [outer.clone(), rest].concat());
        // Callbacks are field 21 of a start, and hold links in field 100; links are field 24.
        for (row, (method, message)) in [
            ("case_087 a link to an event", start(field(24, &link(1)))),
            ("case_087 a link to a workflow", start(field(24, &link(4)))),
            ("case_087 a link in a callback", start(field(21, &field(100, &link(1))))),
            (
                "case_087 a schedule's action",
                ("CreateSchedule", [outer.clone(), field(3, &field(2, &field(1, &field(1, b"bank"))))].concat()),
            ),
            ("case_087 a batch", ("StartBatchOperation", [outer.clone(), field(2, b"Namespace = 'bank'")].concat())),
        ] {
            let arrived = world.served(row, &Call::to(workflow(method)).token(&mine).message(&message)).await;
            assert_eq!(arrived.body, framed(0, &message), "{row}");
        }
        // An endpoint of Nexus has a target in a namespace: only an admin of the system makes one.
        for (method, spec) in [("CreateNexusEndpoint", 1), ("UpdateNexusEndpoint", 3)] {
            let target = field(spec, &field(3, &field(1, &field(1, b"shop"))));
            let call = |token: &str| Call::to(format!("{OPERATOR}/{method}")).token(token).message(&target);
            world.refused(&format!("case_087 {method}"), &call(&mine), LOW).await;
            let system = world.token(&["temporal-system:admin"]);
            world.served(&format!("case_087 {method} by the system"), &call(&system)).await;
        }
    }
}
