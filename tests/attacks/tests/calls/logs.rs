//! What outsiders write stands in the log as one line, escaped and bounded; what is secret does not stand there.

use crate::support::*;

/// No entry holds what moves a cursor, ends a line or turns the writing round.
fn assert_escaped(row: &str, log: &[String]) {
    let odd = |c: char| {
        c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}')
    };
    let entry = log.iter().find(|entry| entry.contains(odd));
    assert_eq!(entry, None, "{row}");
}

const LINE: &str = "x\r\n2026-01-01T00:00:00.000000Z  INFO temporal_authz::observe: allowed subject=root\x1b[2J\u{202e}\u{2028}\u{9b}31m";

#[tokio::test]
async fn what_outsiders_write_stands_on_one_line() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let good = world.token(&["shop:write"]);
        let before = world.log.len();

        let kid = world.kept(issuer::sign_as(LINE, &issuer::claims(&["shop:write"])));
        let answer = world.call(&Call::start("shop").token(&kid)).await;
        assert_ne!(answer.status(), "0", "case_105 kid");

        let mut claims = issuer::claims(&["shop:write", LINE, &format!("{LINE}:write")]);
        claims.insert("sub".to_owned(), LINE.into());
        let sub = world.kept(issuer::sign(&claims));
        let call = Call::start("shop").token(&sub);
        match profile {
            Profile::Temporal => drop(world.served("case_105 sub", &call).await),
            Profile::Strict => drop(world.refused("case_105 sub", &call, unauthenticated("invalid_subject")).await),
        }
        let low = denied("insufficient_role");
        world.refused("case_105 namespace", &Call::start(LINE).token(&good), low).await;
        for claim in ["iss", "aud", "sub", "exp", "nbf", "permissions", "jti"] {
            let mut claims = issuer::claims(&["shop:write"]);
            claims.insert(claim.to_owned(), LINE.into());
            let token = world.kept(issuer::sign(&claims));
            world.call(&Call::start("shop").token(&token)).await;
        }
        for path in ["/a\u{85}b/c", "/a\u{202e}.B/C", "/temporal.api%0d%0aINFO/x", "/a.B/C%1b[2J"] {
            let answer = world.call(&Call::to(path).token(&good)).await;
            assert_ne!(answer.status(), "0", "case_105 {path}");
        }
        let odd = Call::start("shop").field("authorization", "Bearer \x1b[2J").field("user-agent", "\u{9b}31m");
        world.call(&odd).await;
        let call = Call::start("shop").token(&good).field("x-\u{e9}", "x");
        world.call(&call).await;

        let log = world.log.since(before);
        assert_escaped("case_105", &log);
        let shown = log.iter().filter(|entry| entry.contains(r"x\r\n2026-01-01T00:00:00.000000Z")).count();
        assert!(shown >= 2, "case_105: the namespace and the subject or key id are shown, escaped");
        world.discreet("case_105", "");
    }
}

#[tokio::test]
async fn what_outsiders_write_is_bounded() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let long = "y".repeat(900);
        let good = world.token(&["shop:write"]);
        let mut claims = issuer::claims(&["shop:write"]);
        claims.insert("sub".to_owned(), long.clone().into());
        for (row, call) in [
            ("case_105 a long namespace", Call::start(&long).token(&good)),
            ("case_105 a long kid", Call::start("shop").token(&world.kept(issuer::sign_as(&long, &claims)))),
            ("case_105 a long subject", Call::start("bank").token(&world.kept(issuer::sign(&claims)))),
            ("case_105 a long path", Call::to(format!("/a.B/{long}")).token(&good)),
        ] {
            let before = world.log.len();
            let answer = world.call(&call).await;
            assert_ne!(answer.status(), "0", "{row}");
            let log = world.log.since(before);
            assert!(log.iter().any(|entry| entry.contains("denied reason")), "{row}");
            assert_eq!(log.iter().find(|entry| entry.contains(&"y".repeat(200))), None, "{row}");
        }
    }
}

#[tokio::test]
async fn no_refusal_shows_a_credential_or_what_went_on_inside() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let claims = issuer::claims(&["shop:write"]);
        let mut expired = claims.clone();
        expired.insert("exp".to_owned(), 1_000_000_000.into());
        let mut elsewhere = claims.clone();
        elsewhere.insert("aud".to_owned(), "some-other-audience".into());
        let kid = world.secret("../../../var/keys/of-the-gateway.pem");
        let unknown = world.kept(issuer::sign_as(&kid[..0], &claims));
        let start = |token: &str| Call::start("shop").token(token);
        let mac = world.secret("eyJhbGciOiJIUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiJhIn0.c2VjcmV0LW9mLXRoZS1tYWM");
        let password = world.secret("YWxpY2U6aHVudGVyMg==");
        let rows = [
            ("case_104 expired", start(&world.kept(issuer::sign(&expired))), "expired"),
            ("case_104 another audience", start(&world.kept(issuer::sign(&elsewhere))), "wrong_audience"),
            ("case_104 a bad signature", start(&world.bad_token(&["shop:write"])), "bad_signature"),
            ("case_104 a MAC", start(&mac), "unsupported_algorithm"),
            (
                "case_104 a password",
                Call::start("shop").field("authorization", format!("Basic {password}")),
                "malformed_credentials",
            ),
            ("case_104 a secret alone", Call::start("shop").field("authorization", &password), "malformed_credentials"),
        ];
        for (row, call, reason) in rows {
            let call = call.field("authorization-extras", world.secret("extras-of-alice"));
            let answer = world.refused(row, &call.trailer("authorization", &password), unauthenticated(reason)).await;
            for inside in ["audience", "signature", "expired", "kid", "key", "JWT", "panick", ".rs"] {
                assert!(!answer.shown().contains(inside), "{row}: {inside} in {}", answer.shown());
            }
        }
        let answer = world.call(&start(&unknown)).await;
        assert_ne!(answer.status(), "0", "case_104 an empty key id");
        world.discreet("case_104", &answer.shown());
        // A good one is served, and shown no more than the bad ones.
        world.served("case_104 good", &start(&world.token(&["shop:write"]))).await;
        assert!(world.log.find("TRACE h2").is_some(), "everything is logged");
    }
}
