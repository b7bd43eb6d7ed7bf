//! Names in certificates that two readers could read in two ways.

use std::sync::Arc;

use temporal_interceptor::config::AuthorizationConfig;

use crate::support::{
    tls::{Authority, CN, Names, O, OU},
    *,
};

/// What each certificate must come to.
#[derive(Clone, Copy, PartialEq)]
enum Is {
    Served,
    /// Verified, and nobody.
    Nobody,
    /// No certificate that can serve as an identity.
    Unreadable,
}

use Is::{Nobody, Served, Unreadable};

/// Shows each certificate to gateways with these rules.
async fn all(rules: &str, rows: Vec<(&str, Names, Is)>) {
    let (authority, files) = (Authority::new(), Directory::new());
    let tls = authority.listener(&files, "requireClientAuth: true");
    for profile in Profile::BOTH {
        let authorization = format!("mode: certificate, certificates: [{rules}]");
        let world = World::with(&Setup { tls: &tls, authorization: &authorization, ..Setup::new(profile) }).await;
        for (row, names, is) in &rows {
            let before = world.before();
            let client = authority.client(names);
            let mut raw = Raw::tls(world.addr, Arc::new(authority.config(Some(&client)))).await.expect(row);
            let answer = raw.call(&Call::start("shop")).await;
            match is {
                Served => assert_eq!(
                    answer.status(),
                    "0",
                    "{row}: {} {}",
                    answer.shown(),
                    world.log.since(before.2).join("\n")
                ),
                Nobody => world.judge(row, before, &answer, unauthenticated("certificate_not_mapped")),
                Unreadable => world.judge(row, before, &answer, unauthenticated("malformed_credentials")),
            }
        }
    }
}

fn cn(name: &str) -> Names {
    Names::subject(&[(CN, name)])
}

#[tokio::test]
async fn alternative_names_are_compared_as_what_they_are() {
    let rule = "{ match: { dns: worker.example.com }, permissions: ['shop:write'] }";
    all(
        rule,
        vec![
            ("case_090 the name", cn("x").dns("worker.example.com"), Served),
            ("case_090 the name in capitals", cn("x").dns("WORKER.example.COM"), Served),
            ("case_090 the name among others", cn("x").dns("a.example").dns("worker.example.com"), Served),
            ("case_090 a wildcard", cn("x").dns("*.example.com"), Nobody),
            ("case_090 a wildcard in the middle", cn("x").dns("wor*.example.com"), Nobody),
            ("case_090 a dot behind", cn("x").dns("worker.example.com."), Nobody),
            ("case_090 a longer name", cn("x").dns("worker.example.com.evil.example"), Nobody),
            ("case_090 a name below", cn("x").dns("a.worker.example.com"), Nobody),
            ("case_090 the name as the CN alone", cn("worker.example.com"), Nobody),
            ("case_090 the name as an e-mail address", cn("x").alternative(1, "worker.example.com"), Nobody),
            ("case_090 the name as a URI", cn("x").uri("worker.example.com"), Nobody),
            ("case_090 a NUL in it", cn("x").dns("worker.example.com\0.evil.example"), Unreadable),
            ("case_090 a NUL beside the name", cn("x").dns("worker.example.com").dns("a\0b"), Unreadable),
            ("case_090 a space in it", cn("x").dns("worker.example.com "), Unreadable),
            ("case_090 a line in it", cn("x").dns("worker.example.com\n"), Unreadable),
            ("case_090 letters outside of ASCII", cn("x").dns("w\u{43e}rker.example.com"), Unreadable),
            ("case_090 another international name", cn("x").dns("xn--wrker-jua.example.com"), Nobody),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_name_that_is_no_text_is_nobodys() {
    let rule = "{ match: { dns: worker.example.com }, permissions: ['shop:write'] }";
    // A name that is no text at all is not left out: who reads it otherwise may find another name in it.
    let latin = vec![
        ("case_090 Latin-1", cn("x").dns(b"w\xf6rker.example.com"), Unreadable),
        (
            "case_090 Latin-1 beside the name",
            cn("x").dns("worker.example.com").dns(b"w\xf6rker.example.com"),
            Unreadable,
        ),
    ];
    all(rule, latin).await;
}

#[tokio::test]
async fn an_international_name_has_its_ascii_form_and_an_address_is_no_name() {
    let international = "{ match: { dns: xn--wrker-jua.example.com }, permissions: ['shop:write'] }";
    all(
        international,
        vec![
            ("case_090 an international name", cn("x").dns("xn--wrker-jua.example.com"), Served),
            ("case_090 the same, decoded", cn("x").dns("wörker.example.com"), Unreadable),
        ],
    )
    .await;
    // A name of the form of an address is no address, and a rule cannot ask for one.
    let uri = "{ match: { uri: 'urn:10.0.0.1' }, permissions: ['shop:write'] }";
    all(
        uri,
        vec![
            ("case_090 an address", cn("x").alternative(7, [10, 0, 0, 1]), Nobody),
            ("case_090 an address as a name", cn("x").dns("10.0.0.1"), Nobody),
        ],
    )
    .await;
    for name in ["10.0.0.1", "::1", "*.example.com", "*", "wörker.example.com", "a b", ""] {
        let authorization = format!("mode: certificate, certificates: [{{ match: {{ dns: '{name}' }} }}]");
        let setup = Setup { authorization: &authorization, ..Setup::new(Profile::Temporal) };
        let yaml = setup.yaml("file:///keys", "127.0.0.1:1".parse().unwrap());
        assert!(AuthorizationConfig::from_yaml(&yaml, "").is_err(), "case_090 a rule for {name:?}");
    }
}

#[tokio::test]
async fn a_subject_is_its_attributes_and_not_a_line_of_text() {
    let rule = "{ match: { subject: { CN: admin, O: acme } }, permissions: ['shop:write'] }";
    all(
        rule,
        vec![
            ("case_094 both", Names::subject(&[(O, "acme"), (CN, "admin")]), Served),
            ("case_094 both in one relative name", Names::together(&[(O, "acme"), (CN, "admin")]), Served),
            ("case_094 the other way round", Names::subject(&[(CN, "admin"), (O, "acme")]), Served),
            ("case_094 O in the CN", cn("O=acme, CN=admin"), Nobody),
            ("case_094 O behind the CN", cn("admin, O=acme"), Nobody),
            ("case_094 an escaped comma", cn("admin\\, O=acme"), Nobody),
            ("case_094 a plus", cn("admin+O=acme"), Nobody),
            ("case_094 slashes", cn("admin/O=acme"), Nobody),
            ("case_094 the CN in the O", Names::subject(&[(O, "acme, CN=admin")]), Nobody),
            ("case_094 the CN in the OU", Names::subject(&[(O, "acme"), (OU, "CN=admin")]), Nobody),
            ("case_094 quotes", Names::subject(&[(O, "\"acme\""), (CN, "admin")]), Nobody),
            ("case_094 a space", Names::subject(&[(O, "acme"), (CN, "admin ")]), Nobody),
            ("case_094 another case", Names::subject(&[(O, "ACME"), (CN, "admin")]), Nobody),
            ("case_094 a comma in the O", Names::subject(&[(O, "acme, Inc."), (CN, "admin")]), Nobody),
            ("case_090 two CNs", Names::subject(&[(O, "acme"), (CN, "admin"), (CN, "guest")]), Nobody),
            ("case_090 two CNs, the other first", Names::subject(&[(CN, "guest"), (O, "acme"), (CN, "admin")]), Nobody),
            ("case_090 the same CN twice", Names::subject(&[(O, "acme"), (CN, "admin"), (CN, "admin")]), Nobody),
            (
                "case_090 two CNs in one relative name",
                Names::together(&[(O, "acme"), (CN, "admin"), (CN, "b")]),
                Nobody,
            ),
            ("case_090 two Os", Names::subject(&[(O, "acme"), (O, "other"), (CN, "admin")]), Nobody),
            ("case_090 a NUL in the CN", Names::subject(&[(O, "acme"), (CN, "admin\0.evil")]), Unreadable),
            ("case_090 no subject at all", Names::subject(&[]).dns("admin"), Nobody),
        ],
    )
    .await;
    // The CN counts where a rule asks for it, and nowhere else.
    let by_name = "{ match: { dns: admin }, permissions: ['shop:write'] }, \
                   { match: { subject: { O: acme } }, permissions: ['bank:write'] }";
    all(by_name, vec![("case_090 a CN and no alternative name", cn("admin"), Nobody)]).await;
}
