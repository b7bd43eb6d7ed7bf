//! How keys arrive: answers that are none, redirects, floods of bytes, files.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use attacks::{
    log::Log,
    server::{Answer, JwksServer},
    signer::{P256, RSA, jwks},
    token::{claims_with, issuer_jwks, parts, token},
};
use serde_json::json;
use temporal_authz::Reason::KeysUnavailable;
use temporal_key_provider::{BuildError, LoadError, Source};

use crate::support::{SOON, Stand, at_hand, eager, profile, reason, until};

/// A token that nobody signed and that makes the source load again.
fn reloading() -> String {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let kid = format!("reload-{}", NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
    parts(json!({"alg": "RS256", "kid": kid}).to_string(), claims_with(json!({})).to_string(), [7; 256])
}

/// Makes the stand load its keys again, which brings nothing, and asserts that it goes on with those it had.
async fn keeps_its_keys(case: &str, stand: &Stand) {
    let value = token(&claims_with(json!({"sub": format!("{case}, before")})));
    stand.accepts(case, &value, "default").await;
    let (requests, generation) = (stand.server.requests(), stand.keys.generation());
    stand.refuses(case, &reloading(), KeysUnavailable).await;
    assert!(stand.server.requests() > requests, "{case}: nothing was loaded");
    let status = &stand.keys.status()[0];
    assert!(status.last_error.is_some() && status.keys == 4, "{case}: {status:?}");
    assert_eq!(stand.keys.generation(), generation, "{case}: what is remembered is looked at again for nothing");
    assert!(at_hand(&stand.mapper, &value), "{case}: a known token is no longer at hand");
    stand.accepts(case, &token(&claims_with(json!({"sub": format!("{case}, after")}))), "default").await;
}

#[tokio::test]
async fn case_046_an_answer_without_keys_leaves_the_last_good_ones() {
    let whole = issuer_jwks();
    let secret = "hunter2-c046";
    let rows = [
        ("case_046 an error", Answer::ok(format!(r#"{{"error":"{secret}"}}"#))),
        ("case_046 {}", Answer::ok("{}")),
        ("case_046 no keys", Answer::ok(r#"{"keys":[]}"#)),
        ("case_046 keys null", Answer::ok(r#"{"keys":null}"#)),
        ("case_046 keys an object", Answer::ok(r#"{"keys":{"rsa-1":1}}"#)),
        ("case_046 keys twice", Answer::ok(format!(r#"{{"keys":[],{}"#, &whole[1..]))),
        ("case_046 no key that can be used", Answer::ok(format!(r#"{{"keys":[{{"kty":"oct","k":"{secret}"}}]}}"#))),
        ("case_046 HTML", Answer::ok(format!("<html>{secret}</html>"))),
        ("case_046 nothing", Answer::ok("")),
        ("case_046 204", Answer::Raw(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())),
        ("case_046 206 with all of it", Answer::with("206 Partial Content", "", &whole)),
        ("case_046 cut JSON", Answer::ok(&whole[..whole.len() - 2])),
        ("case_046 more behind it", Answer::ok(format!("{whole}{whole}"))),
        (
            "case_046 cut on the way",
            Answer::Raw(format!("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{whole}").into()),
        ),
        ("case_046 500 with keys", Answer::with("500 Internal Server Error", "", &whole)),
        ("case_046 401", Answer::with("401 Unauthorized", "", secret)),
        ("case_046 no HTTP", Answer::Raw(format!("SSH-2.0-{secret}\r\n").into())),
        ("case_046 nothing at all", Answer::Raw(Vec::new())),
        ("case_046 deep", Answer::ok(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)))),
    ];
    let log = Log::open();
    for stand in Stand::both().await {
        for (case, answer) in &rows {
            stand.server.answer(answer.clone());
            keeps_its_keys(case, &stand).await;
            stand.server.answer(Answer::ok(&whole));
        }
    }
    assert_eq!(log.containing(secret), Vec::<String>::new(), "case_046: the log quotes the document");
}

#[tokio::test]
async fn case_046_readiness_falls_after_three_missed_refreshes_and_comes_back() {
    let interval = Duration::from_millis(100);
    let server = JwksServer::publishing(issuer_jwks()).await;
    let builder = eager().refresh_interval(Some(interval)).fetch_timeout(interval).source(server.source());
    let keys = builder.build().await.unwrap();
    let mapper = profile(true, keys.clone()).build().unwrap();
    assert!(keys.ready(), "case_046");
    server.answer(Answer::ok("{}"));
    let (begun, before) = (Instant::now(), server.requests());
    until("case_046 not ready", || !keys.ready()).await;
    assert!(begun.elapsed() >= 2 * interval && server.requests() - before >= 3, "case_046: {:?}", begun.elapsed());
    assert_eq!(reason(&mapper, &token(&claims_with(json!({})))).await, None, "case_046 the keys still serve");
    server.answer(Answer::ok(issuer_jwks()));
    until("case_046 ready again", || keys.ready()).await;
    assert!(keys.status()[0].last_error.is_none(), "case_046");
}

#[tokio::test]
async fn case_048_redirects_are_not_followed() {
    let elsewhere = JwksServer::publishing(jwks(&[RSA.jwk("rsa-1"), P256.jwk("stolen")])).await;
    for stand in Stand::both().await {
        let own = stand.server.url();
        for target in [
            "http://169.254.169.254/latest/meta-data",
            &elsewhere.url(),
            &own,
            "file:///etc/passwd",
            "//evil.example/jwks",
            "/jwks",
        ] {
            for status in [
                "301 Moved Permanently",
                "302 Found",
                "303 See Other",
                "307 Temporary Redirect",
                "308 Permanent Redirect",
            ] {
                let case = format!("case_048 {status} to {target}");
                let requests = stand.server.requests();
                stand.server.answer(Answer::with(status, &format!("location: {target}\r\n"), issuer_jwks()));
                keeps_its_keys(&case, &stand).await;
                // Once through the mapper and once through the layer, and not a third time because of the answer.
                assert_eq!(stand.server.requests(), requests + 2, "{case}");
                let error = stand.keys.status()[0].last_error.clone().unwrap();
                assert!(error.contains(&status[..3]), "{case}: {error}");
                stand.server.answer(Answer::ok(issuer_jwks()));
            }
        }
        stand.server.answer(Answer::with("200 OK", &format!("refresh: 0; url={}\r\n", elsewhere.url()), issuer_jwks()));
        assert!(reason(&stand.mapper, &reloading()).await.is_some());
    }
    assert_eq!(elsewhere.connections(), 0, "case_048: a redirect was followed");
}

/// The error of a provider that discovers its keys through this server.
async fn discovery_fails(server: &JwksServer) -> LoadError {
    match eager().source(Source::discovery(&format!("http://{}", server.address)).unwrap()).build().await {
        Err(BuildError::Source { source, .. }) => source,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn case_048_case_049_a_learned_url_leads_to_public_addresses_only() {
    const DOCUMENT: &str = "/.well-known/openid-configuration";
    let (issuer, private) = (JwksServer::start().await, JwksServer::publishing(issuer_jwks()).await);
    let name = format!("http://{}", issuer.address);
    let port = private.address.port();
    let announce =
        |uri: &str| issuer.answer_at(DOCUMENT, Answer::ok(json!({"issuer": name, "jwks_uri": uri}).to_string()));
    for host in [
        // Names, which are judged where they are resolved, and addresses in every spelling.
        "localhost",
        "LOCALHOST",
        "127.0.0.2",
        "127.2",
        "0x7f000002",
        "2130706434",
        "0177.0.0.2",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "0.0.0.0",
        "[::]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "10.0.0.1",
        "192.168.0.1",
        "[fe80::1]",
    ] {
        announce(&format!("http://{host}:{port}/jwks"));
        let error = discovery_fails(&issuer).await.to_string();
        assert!(error.contains("not public") || error.contains("not a public address"), "case_049 {host}: {error}");
    }
    for uri in [
        "file:///etc/passwd".to_owned(),
        "data:application/json,{}".to_owned(),
        "ftp://127.0.0.1/jwks".to_owned(),
        "/jwks".to_owned(),
        "jwks".to_owned(),
        String::new(),
        format!("http://user:hunter2@{}/jwks", issuer.address),
        format!("{name}/jwks?{}", "x".repeat(4000)),
    ] {
        announce(&uri);
        let error = discovery_fails(&issuer).await;
        assert!(matches!(error, LoadError::JwksUri(_)), "case_048 {uri}: {error}");
    }
    // A redirect of the document itself, and one of the keys on the issuer's own host, which may be learned.
    let location = format!("location: http://{}{DOCUMENT}\r\n", private.address);
    issuer.answer_at(DOCUMENT, Answer::with("302 Found", &location, ""));
    assert!(matches!(discovery_fails(&issuer).await, LoadError::Status(302)), "case_048 the document redirects");
    announce(&issuer.url());
    issuer.answer(Answer::with("302 Found", &format!("location: {}\r\n", private.url()), ""));
    assert!(matches!(discovery_fails(&issuer).await, LoadError::Status(302)), "case_048 the keys redirect");
    assert_eq!(private.connections(), 0, "case_049: a private address was called");
    issuer.answer(Answer::ok(issuer_jwks()));
    let keys = eager().source(Source::discovery(&name).unwrap()).build().await.unwrap();
    assert!(keys.ready(), "case_049: the issuer's own host may be learned, and the operator's own word is not judged");
}

#[tokio::test]
async fn case_050_a_document_is_bounded_in_bytes_keys_and_time() {
    let mut bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    // Deflate in stored blocks: honest enough, since what matters is that nobody looks.
    bomb.write_all(&[1, 0, 0, 0xff, 0xff]).unwrap();
    let gzip =
        [b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: identity\r\n\r\n".to_vec(), bomb].concat();
    let rows = [
        ("case_050 1 GiB", Answer::Declare(1 << 30)),
        ("case_050 2^63 bytes", Answer::Declare(1 << 63)),
        ("case_050 a chunked body without end", Answer::Endless),
        ("case_050 a byte now and then", Answer::Drip(issuer_jwks(), Duration::from_millis(500))),
        ("case_050 silence", Answer::Hang),
        ("case_050 a million keys", Answer::ok(format!(r#"{{"keys":[{}1]}}"#, "1,".repeat(999_999)))),
        ("case_050 10,001 keys", Answer::ok(format!(r#"{{"keys":[{}1]}}"#, "1,".repeat(10_000)))),
        ("case_050 8 MiB and a byte", Answer::ok(format!("{}{}", issuer_jwks(), " ".repeat((8 << 20) + 1)))),
        ("case_050 gzip", Answer::Raw(gzip)),
    ];
    for stand in Stand::both().await {
        for (case, answer) in &rows {
            stand.server.answer(answer.clone());
            let begun = Instant::now();
            keeps_its_keys(case, &stand).await;
            // Two attempts of two seconds each at most.
            assert!(begun.elapsed() < SOON, "{case}: {:?}", begun.elapsed());
            assert!(!stand.server.last_request().contains("accept-encoding"), "{case}: compression is asked for");
            stand.server.answer(Answer::ok(issuer_jwks()));
        }
        assert!(stand.server.sent() < 64 << 20, "case_050: {} bytes were read", stand.server.sent());
        assert!(reason(&stand.mapper, &reloading()).await.is_some());
        assert!(stand.keys.status()[0].last_error.is_none(), "case_050: healed");
    }
}

#[tokio::test]
async fn case_051_the_interval_is_the_operators_and_an_entity_tag_only_extends_it() {
    let interval = Duration::from_millis(100);
    for (case, control) in [
        ("case_051 max-age=0", "max-age=0, must-revalidate"),
        ("case_051 max-age=10^12", "max-age=1000000000000, immutable"),
        ("case_051 no-store", "no-store"),
        ("case_051 an Expires of 1970", "max-age=0\r\nexpires: Thu, 01 Jan 1970 00:00:00 GMT\r\nage: 999999999"),
    ] {
        let server = JwksServer::start().await;
        server.answer(Answer::with("200 OK", &format!("cache-control: {control}\r\n"), issuer_jwks()));
        let keys = eager().refresh_interval(Some(interval)).source(server.source()).build().await.unwrap();
        let begun = Instant::now();
        until(case, || server.requests() >= 6).await;
        // Each wait is at least nine tenths of the interval.
        assert!(begun.elapsed() >= interval * 5 * 9 / 10, "{case}: {:?}", begun.elapsed());
        assert!(keys.ready(), "{case}");
    }

    for stand in Stand::both().await {
        stand.server.answer(Answer::Tagged(issuer_jwks(), "\"v1\""));
        assert!(reason(&stand.mapper, &reloading()).await.is_some());
        let (value, generation) = (token(&claims_with(json!({}))), stand.keys.generation());
        stand.accepts("case_051 before the 304", &value, "default").await;
        assert!(reason(&stand.mapper, &reloading()).await.is_some());
        assert!(stand.server.last_request().contains("if-none-match: \"v1\""), "case_051: no entity tag was shown");
        let status = &stand.keys.status()[0];
        assert!(status.last_error.is_none() && status.keys == 4, "case_051 304: {status:?}");
        assert_eq!(stand.keys.generation(), generation, "case_051 304 changes nothing");
        assert!(at_hand(&stand.mapper, &value), "case_051 304");
    }
    // A 304 that nobody asked for is no set of keys, and no freshness.
    for stand in Stand::both().await {
        stand.server.answer(Answer::Raw(b"HTTP/1.1 304 Not Modified\r\netag: \"v1\"\r\n\r\n".to_vec()));
        keeps_its_keys("case_051 a 304 to a request without a tag", &stand).await;
    }
}
