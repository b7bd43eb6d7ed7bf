//! What a verdict tells, and what it must not tell.

use crate::support::*;

#[tokio::test]
async fn the_name_of_the_system_is_reserved() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let low = denied("insufficient_role");
        // A namespace of that name is covered by the system's roles alone, and they cover it as any other.
        let rows = [
            ("case_102 the system's reader lists", &["temporal-system:read"][..], LIST_NAMESPACES, "", true),
            ("case_102 the system's reader writes there", &["temporal-system:read"], START, "temporal-system", false),
            ("case_102 the system's writer writes there", &["temporal-system:write"], START, "temporal-system", true),
            ("case_102 and anywhere else", &["temporal-system:write"], START, "shop", true),
            ("case_102 somebody's writer writes there", &["shop:write"], START, "temporal-system", false),
            ("case_102 the old name lists", &["system:admin"], LIST_NAMESPACES, "", false),
            ("case_102 the old name is a namespace", &["system:write"], START, "system", true),
            ("case_102 the old name is no other", &["system:admin"], START, "shop", false),
            ("case_102 another case lists", &["Temporal-System:admin"], LIST_NAMESPACES, "", false),
            ("case_102 a space lists", &["temporal-system :admin"], LIST_NAMESPACES, "", false),
            ("case_102 a longer name lists", &["temporal-system2:admin"], LIST_NAMESPACES, "", false),
        ];
        for (row, permissions, path, namespace, allowed) in rows {
            let call = Call::to(path).message(&field(1, namespace.as_bytes())).token(&world.token(permissions));
            if allowed {
                world.served(row, &call).await;
            } else {
                world.refused(row, &call, low).await;
            }
        }
    }
}

// There are no static tokens, whose comparison would have to be in constant time.
#[tokio::test]
async fn case_103_a_refusal_does_not_tell_what_exists() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let mine = world.token(&["shop:write"]);
        let bad = world.bad_token(&["bank:write"]);
        let unknown_key = world.kept(issuer::sign_as("no-such-key", &issuer::claims(&["bank:write"])));
        // The first unknown key id may cost a fetch, the others of these seconds may not.
        world.call(&Call::start("bank").token(&unknown_key)).await;

        let low = denied("insufficient_role");
        let groups = [
            vec![
                ("case_103 a namespace of others", Call::start("bank").token(&mine), low),
                ("case_103 a namespace that there is not", Call::start("nowhere").token(&mine), low),
                ("case_103 no namespace", Call::start("").token(&mine), low),
                ("case_103 a method of admins", Call::to(workflow("ListNamespaces")).token(&mine), low),
                ("case_103 no such method", Call::to(workflow("NoSuchMethod")).token(&mine), denied("unknown_method")),
                ("case_103 no such service", Call::to("/acme.v1.Orders/Create").token(&mine), denied("unknown_method")),
            ],
            vec![
                ("case_103 no such key", Call::start("bank").token(&unknown_key), unauthenticated("unknown_key")),
                ("case_103 a bad signature", Call::start("bank").token(&bad), unauthenticated("bad_signature")),
                ("case_103 garbage", Call::start("bank").token("garbage"), unauthenticated("malformed_credentials")),
                ("case_103 nothing", Call::start("bank"), unauthenticated("missing_credentials")),
                ("case_103 nothing, nowhere", Call::start("nowhere"), unauthenticated("missing_credentials")),
                ("case_103 nothing, no method", Call::to(workflow("NoSuch")), unauthenticated("missing_credentials")),
            ],
        ];
        for group in groups {
            let mut answers = Vec::new();
            for (row, call, expected) in group {
                answers.push((row, world.refused(row, &call, expected).await.shown()));
            }
            let (first, rest) = answers.split_first().unwrap();
            for (row, answer) in rest {
                assert_eq!(*answer, first.1, "{row} and {}", first.0);
            }
        }
    }
}

// There are no metrics, and so no labels. What else is written for each refusal is the log.
#[tokio::test]
async fn case_107_made_up_names_do_not_fill_the_log() {
    let world = World::with(&Setup { log: "info", ..Setup::new(Profile::Temporal) }).await;
    let token = world.token(&["shop:write"]);
    let mut raw = Raw::connect(world.addr).await;
    let begun = std::time::Instant::now();
    let before = world.log.len();
    for index in 0..1_500 {
        let call = match index % 3 {
            0 => Call::start(&format!("made-up-{index}")).token(&token),
            1 => Call::to(format!("/made.up.Service{index}/Method{index}")).token(&token),
            _ => Call::start("shop").token(&format!("made.up.{index}")),
        };
        assert_eq!(raw.call(&call).await.status(), "7");
    }
    let lines = world.log.since(before).len();
    let most = 100 * (begun.elapsed().as_secs() as usize + 2);
    assert!(lines > 0 && lines <= most, "{lines} entries of at most {most}");
}

#[tokio::test]
async fn the_open_methods_are_open_to_nobody_and_not_to_a_bad_token() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let bad = world.bad_token(&["temporal-system:admin"]);
        let mut claims = issuer::claims(&[]);
        claims.insert("exp".to_owned(), 1_000_000_000.into());
        let expired = world.kept(issuer::sign(&claims));
        for path in [HEALTH, SYSTEM_INFO] {
            let row = |text: &str| format!("case_110 {text}, {path}");
            world.served(&row("none"), &Call::to(path)).await;
            world.served(&row("an empty header"), &Call::to(path).field("authorization", "")).await;
            world.served(&row("a token without roles"), &Call::to(path).token(&world.token(&[]))).await;
            for (text, token, reason) in [
                ("garbage", "garbage", "malformed_credentials"),
                ("a bad signature", &bad, "bad_signature"),
                ("expired", &expired, "expired"),
            ] {
                world.refused(&row(text), &Call::to(path).token(token), unauthenticated(reason)).await;
            }
        }
    }
}
