//! Credentials and identities in headers, and where else a caller may try to put them.

use crate::support::*;

fn start() -> Call {
    Call::start("shop")
}

#[tokio::test]
async fn credentials_that_stand_twice_are_refused() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let (good, bad) = (world.token(&["shop:write"]), world.bad_token(&["shop:write"]));
        let twice = unauthenticated("duplicate_credentials");
        let rows = [
            ("case_061 good, then bad", start().token(&good).token(&bad), twice),
            ("case_061 bad, then good", start().token(&bad).token(&good), twice),
            ("case_061 the same twice", start().token(&good).token(&good), twice),
            ("case_061 good, then empty", start().token(&good).field("authorization", ""), twice),
            ("case_061 empty, then good", start().field("authorization", "").token(&good), twice),
            ("case_061 good, then another scheme", start().token(&good).field("authorization", "Basic eDp5"), twice),
            (
                "case_061 two in one value",
                start().field("authorization", format!("Bearer {good}, Bearer {good}")),
                unauthenticated("malformed_credentials"),
            ),
            (
                "case_061 two in one value, without a space",
                start().field("authorization", format!("Bearer {good},Bearer {bad}")),
                unauthenticated("malformed_credentials"),
            ),
            (
                "case_061 extras twice",
                start().token(&good).field("authorization-extras", "a").field("authorization-extras", "a"),
                twice,
            ),
            ("case_061 good, then bad, on an open method", Call::to(HEALTH).token(&good).token(&bad), twice),
        ];
        for (row, call, expected) in rows {
            world.refused(row, &call, expected).await;
        }
        world.served("case_061 once", &start().token(&good)).await;
    }
}

#[tokio::test]
async fn a_token_stands_behind_bearer_and_one_space() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let good = world.token(&["shop:write"]);
        for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
            let call = start().field("authorization", format!("{scheme} {good}"));
            world.served(&format!("case_062 {scheme}"), &call).await;
        }
        let malformed = "malformed_credentials";
        let rows: [(&str, Vec<u8>, &str); 20] = [
            ("case_062 the scheme alone", b"Bearer".to_vec(), malformed),
            ("case_062 the scheme and a space", b"Bearer ".to_vec(), malformed),
            ("case_062 the token alone", good.clone().into(), malformed),
            ("case_062 no token", b"bearer x".to_vec(), malformed),
            ("case_062 no token, in capitals", b"BEARER x".to_vec(), malformed),
            ("case_062 two spaces", format!("Bearer  {good}").into(), malformed),
            ("case_062 a space before", format!(" Bearer {good}").into(), malformed),
            ("case_062 a space behind", format!("Bearer {good} ").into(), malformed),
            ("case_062 a tab", format!("Bearer\t{good}").into(), malformed),
            ("case_062 a space and a tab", format!("Bearer \t{good}").into(), malformed),
            ("case_062 a tab behind", format!("Bearer {good}\t").into(), malformed),
            ("case_062 a no-break space", format!("Bearer\u{a0}{good}").into(), malformed),
            ("case_062 a no-break space in Latin-1", [b"Bearer\xa0", good.as_bytes()].concat(), malformed),
            ("case_062 Basic", format!("Basic {good}").into(), malformed),
            ("case_062 Bearer with a colon", format!("Bearer: {good}").into(), malformed),
            ("case_062 Bearer twice", format!("Bearer Bearer {good}").into(), malformed),
            ("case_062 letters outside of ASCII", format!("Bearer {good}é").into(), malformed),
            ("case_062 a Kelvin-like scheme", format!("B\u{435}arer {good}").into(), malformed),
            ("case_062 a quoted token", format!("Bearer \"{good}\"").into(), malformed),
            ("case_062 nothing", Vec::new(), "missing_credentials"),
        ];
        for (row, value, reason) in rows {
            world.refused(row, &start().field("authorization", value), unauthenticated(reason)).await;
        }
        for byte in [0, b'\n', b'\r'] {
            let value = [b"Bearer ", good.as_bytes(), &[byte], b"x: y"].concat();
            world.turned_away(&format!("case_062 byte {byte}"), &start().field("authorization", value)).await;
        }
    }
}

#[tokio::test]
async fn case_071_a_callers_word_about_who_it_is_goes_nowhere() {
    let forged = [("temporal-principal-type", "internal"), ("temporal-principal-name", "temporal")];
    let files = Directory::new();
    let rows = [
        ("", LIST_NAMESPACES, "temporal-system:read"),
        ("frontend.enablePrincipalPropagation: [{ value: true }]", LIST_NAMESPACES, "temporal-system:read"),
        ("system.disableStreamingAuthorizer: [{ value: true }]", REPLICATION, "shop:read"),
        ("system.disableStreamingAuthorizer: [{ value: true }]", REPLICATION, ""),
    ];
    for profile in Profile::BOTH {
        for (setting, path, permission) in rows {
            let file = files.write("dynamic.yaml", &format!("{setting}\n"));
            let dynamic = format!("dynamicConfigClient: {{ filepath: '{file}', pollInterval: 5s }}");
            let world = World::with(&Setup { more: &[&dynamic], ..Setup::new(profile) }).await;
            let row = format!("case_071 {setting} {permission}");
            let mut call = Call::to(path);
            if !permission.is_empty() {
                call = call.token(&world.token(&[permission]));
            }
            for (name, value) in forged {
                call = call.field(name, value).field(name, value);
            }
            let arrived = world.served(&row, &call).await;
            let propagated = setting.contains("Propagation");
            for (name, value) in forged {
                let mut values = arrived.headers.get_all(name).iter();
                let expected = match name {
                    "temporal-principal-type" if propagated => Some("jwt"),
                    "temporal-principal-name" if propagated => Some("alice"),
                    _ => None,
                };
                assert_eq!(values.next().map(|value| value.to_str().unwrap()), expected, "{row}: {name}: {value}");
                assert_eq!(values.next(), None, "{row}: {name}");
            }
            assert!(!arrived.headers.contains_key("authorization"), "{row}");
        }
    }
}

#[tokio::test]
async fn case_071_a_callers_word_about_its_certificate_goes_nowhere() {
    for profile in Profile::BOTH {
        let files = Directory::new();
        let file = files.write("dynamic.yaml", "system.disableStreamingAuthorizer: [{ value: true }]\n");
        let dynamic = format!("dynamicConfigClient: {{ filepath: '{file}', pollInterval: 5s }}");
        let world = World::with(&Setup { more: &[&dynamic], ..Setup::new(profile) }).await;
        let token = world.token(&["shop:write"]);
        // Nobody is trusted to have looked at a certificate for the gateway.
        let forged = "By=spiffe://td/gateway;Hash=00;Subject=\"CN=admin\";URI=spiffe://td/admin";
        for (row, call) in [
            ("case_071 judged", Call::start("shop").token(&token)),
            ("case_071 an open method", Call::to(HEALTH)),
            ("case_071 unjudged", Call::to(REPLICATION)),
        ] {
            let arrived = world.served(row, &call.field("x-forwarded-client-cert", forged)).await;
            assert_eq!(arrived.headers.get("x-forwarded-client-cert"), None, "{row} ({profile:?})");
        }
    }
}

#[tokio::test]
async fn only_the_first_header_list_of_a_call_has_credentials() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let (good, bad) = (world.token(&["shop:write"]), world.bad_token(&["shop:write"]));
        let missing = unauthenticated("missing_credentials");
        let bearer = format!("Bearer {good}");
        let rows = [
            ("case_072 in trailers", start().trailer("authorization", &bearer)),
            ("case_072 in a binary header", start().field("authorization-bin", &good)),
            ("case_072 in base64 in a binary header", start().field("authorization-bin", "QmVhcmVyIHg=")),
            ("case_072 in another header", start().field("proxy-authorization", &bearer)),
            ("case_072 in a cookie", start().field("cookie", format!("authorization={good}"))),
            ("case_072 in gRPC-Gateway's header", start().field("grpcgateway-authorization", &bearer)),
            ("case_072 in extras alone", start().field("authorization-extras", &bearer)),
        ];
        for (row, call) in rows {
            world.refused(row, &call, missing).await;
        }
        // What is wrong in the trailers of a good call does not count, and goes no further; on a stream neither.
        let bad = format!("Bearer {bad}");
        let call = start().token(&good).trailer("authorization", &bad).trailer("temporal-principal-name", "root");
        assert_eq!(world.served("case_072 bad in trailers", &call).await.trailers, None);
        let stream = Call::to(REPLICATION).token(&world.token(&["temporal-system:admin"]));
        let arrived = world.served("case_072 on a stream", &stream.trailer("authorization", &bad)).await;
        assert_eq!(arrived.trailers, None);
    }
}

#[tokio::test]
async fn case_072_a_second_header_list_is_no_part_of_a_call() {
    let world = World::start(Profile::Strict).await;
    let good = world.token(&["shop:write"]);
    let credentials = encode(&[(b"authorization".to_vec(), format!("Bearer {good}").into_bytes())]);
    let before = world.before();
    let mut raw = Raw::connect(world.addr).await;
    let stream = raw.open(&start(), false).await;
    // Neither END_STREAM, as trailers must have, nor the first: malformed (RFC 9113 section 8.1).
    raw.write(&raw::frame(raw::HEADERS, raw::END_HEADERS, stream, &credentials)).await;
    raw.write(&raw::frame(raw::DATA, raw::END_STREAM, stream, &start().body)).await;
    let answer = raw.answer(stream).await;
    assert_ne!(answer.status(), "0", "{}", answer.shown());
    assert_eq!((world.upstream.count(), world.issuer.fetches()), (before.0, before.1));
    world.discreet("case_072", &answer.shown());
}
