//! SPIFFE IDs in certificates.

use std::sync::Arc;

use crate::support::{
    tls::{Authority, CN, Names},
    *,
};

#[derive(Clone, Copy, PartialEq)]
enum Is {
    Served,
    Nobody,
}

use Is::{Nobody, Served};

/// With `by_name`, a second rule goes by the CN that all have: a certificate whose ID is bad is nobody's, whatever else it says.
async fn all(spiffe: &str, by_name: bool, rows: Vec<(&str, Vec<&str>, Is)>) {
    let (authority, files) = (Authority::new(), Directory::new());
    let tls = authority.listener(&files, "requireClientAuth: true");
    let second = if by_name { "{ match: { subject: { CN: worker } }, permissions: ['shop:write'] }" } else { "" };
    let authorization = format!(
        "mode: certificate, certificates: [{{ match: {{ spiffe: '{spiffe}' }}, permissions: ['shop:write'] }}, {second}]"
    );
    for profile in Profile::BOTH {
        let world = World::with(&Setup { tls: &tls, authorization: &authorization, ..Setup::new(profile) }).await;
        for (row, uris, is) in &rows {
            let names = uris.iter().fold(Names::subject(&[(CN, "worker")]), |names, uri| names.uri(uri));
            let client = authority.client(&names);
            let before = world.before();
            let mut raw = Raw::tls(world.addr, Arc::new(authority.config(Some(&client)))).await.expect(row);
            let answer = raw.call(&Call::start("shop")).await;
            match is {
                Served => assert_eq!(answer.status(), "0", "{row}: {}", answer.shown()),
                Nobody => world.judge(row, before, &answer, unauthenticated("certificate_not_mapped")),
            }
        }
    }
}

#[tokio::test]
async fn an_id_that_is_none_is_nobodys() {
    let rows = vec![
        ("case_091 an ID", vec!["spiffe://td/ns/prod"], Served),
        ("case_091 another ID", vec!["spiffe://td/ns/test"], Served),
        ("case_091 two IDs", vec!["spiffe://td/ns/prod", "spiffe://td/ns/test"], Nobody),
        ("case_091 the same ID twice", vec!["spiffe://td/ns/prod", "spiffe://td/ns/prod"], Nobody),
        ("case_091 an ID and a URI", vec!["spiffe://td/ns/prod", "https://td/ns/prod"], Nobody),
        ("case_091 a URI and an ID", vec!["https://td/ns/prod", "spiffe://td/ns/prod"], Nobody),
        ("case_091 up", vec!["spiffe://td/../x"], Nobody),
        ("case_091 up, deeper", vec!["spiffe://td/ns/../../x"], Nobody),
        ("case_091 here", vec!["spiffe://td/./x"], Nobody),
        ("case_091 capitals in the domain", vec!["spiffe://TD/x"], Nobody),
        ("case_091 capitals in the scheme", vec!["SPIFFE://td/x"], Nobody),
        ("case_091 a port", vec!["spiffe://td:443/x"], Nobody),
        ("case_091 a user", vec!["spiffe://user@td/x"], Nobody),
        ("case_091 a query", vec!["spiffe://td/x?y"], Nobody),
        ("case_091 a fragment", vec!["spiffe://td/x#y"], Nobody),
        ("case_091 a slash behind", vec!["spiffe://td/x/"], Nobody),
        ("case_091 two slashes", vec!["spiffe://td//x"], Nobody),
        ("case_091 no path", vec!["spiffe://td"], Nobody),
        ("case_091 an empty path", vec!["spiffe://td/"], Nobody),
        ("case_091 no domain", vec!["spiffe:///x"], Nobody),
        ("case_091 percent-encoding", vec!["spiffe://td/%78"], Nobody),
        ("case_091 an encoded slash", vec!["spiffe://td/ns%2fprod"], Nobody),
    ];
    all("spiffe://td/*", true, rows).await;
    let rows = vec![("case_091 another scheme", vec!["https://td/x"], Nobody), ("case_091 no URI", vec![], Nobody)];
    all("spiffe://td/*", false, rows).await;
}

#[tokio::test]
async fn case_091_a_second_uri_that_is_no_text_is_a_second_uri() {
    let (authority, files) = (Authority::new(), Directory::new());
    let tls = authority.listener(&files, "requireClientAuth: true");
    let rule = "mode: certificate, certificates: [{ match: { spiffe: 'spiffe://td/*' }, permissions: ['shop:write'] }]";
    for profile in Profile::BOTH {
        let world = World::with(&Setup { tls: &tls, authorization: rule, ..Setup::new(profile) }).await;
        let id = "spiffe://td/ns/prod";
        let names = [Names::default().uri(id).uri(b"spiffe://td/\xff"), Names::default().uri(b"\xff").uri(id)];
        for names in names {
            let config = Arc::new(authority.config(Some(&authority.client(&names))));
            let before = world.before();
            let answer = Raw::tls(world.addr, config).await.unwrap().call(&Call::start("shop")).await;
            assert_ne!(answer.status(), "0", "case_091 ({profile:?})");
            assert_eq!(world.upstream.count(), before.0, "case_091");
        }
    }
}

#[tokio::test]
async fn a_rule_for_what_lies_below_goes_by_whole_segments() {
    let rows = vec![
        ("case_092 below", vec!["spiffe://td/ns/prod/worker"], Served),
        ("case_092 further below", vec!["spiffe://td/ns/prod/sa/worker"], Served),
        ("case_092 the prefix itself", vec!["spiffe://td/ns/prod"], Nobody),
        ("case_092 a longer segment", vec!["spiffe://td/ns/prod-evil"], Nobody),
        ("case_092 below a longer segment", vec!["spiffe://td/ns/prod-evil/worker"], Nobody),
        ("case_092 a longer domain", vec!["spiffe://td.evil/ns/prod/worker"], Nobody),
        ("case_092 the prefix further down", vec!["spiffe://evil/td/ns/prod/worker"], Nobody),
        ("case_092 another case", vec!["spiffe://td/ns/Prod/worker"], Nobody),
        ("case_092 up and down", vec!["spiffe://td/ns/prod/../prod-evil/worker"], Nobody),
        ("case_092 a star", vec!["spiffe://td/ns/prod/*"], Nobody),
    ];
    all("spiffe://td/ns/prod/*", false, rows).await;
    let rows = vec![
        ("case_092 exactly", vec!["spiffe://td/ns/prod"], Served),
        ("case_092 not exactly", vec!["spiffe://td/ns/prod-evil"], Nobody),
        ("case_092 below what is exact", vec!["spiffe://td/ns/prod/worker"], Nobody),
        ("case_092 exactly, of a longer domain", vec!["spiffe://td.evil/ns/prod"], Nobody),
    ];
    all("spiffe://td/ns/prod", false, rows).await;
}
