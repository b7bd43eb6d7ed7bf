//! Client certificates: who verified them, for how long they are good, and what they are worth beside a token.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use rustls::{ClientConfig, client::Resumption};

use crate::support::{
    tls::{Authority, CN, Client, Names, O},
    *,
};

const RULES: &str = "certificates: [{ match: { subject: { CN: worker, O: acme } }, permissions: ['shop:write'] }]";

fn worker() -> Names {
    Names::subject(&[(O, "acme"), (CN, "worker")])
}

/// The listener of `tls`, with these keys of `gateway.authorization`.
async fn world(profile: Profile, tls: &str, authorization: &str, gateway: &[&str]) -> World {
    World::with(&Setup { tls, authorization, gateway, ..Setup::new(profile) }).await
}

/// The answer to a call on a connection of its own; `None` when the handshake is refused, which a client of TLS 1.3 may learn from
/// its first call only.
async fn call(world: &World, config: ClientConfig, call: &Call) -> Option<Answer> {
    let mut raw = Raw::tls(world.addr, Arc::new(config)).await?;
    let answer = raw.call(call).await;
    (answer.end != Some(End::Closed)).then_some(answer)
}

#[tokio::test]
async fn a_bad_credential_is_not_made_up_for_by_a_good_one() {
    let (authority, files) = (Authority::new(), Directory::new());
    let tls = authority.listener(&files, "requireClientAuth: true");
    let mapped = authority.client(&worker());
    let unmapped = authority.client(&Names::subject(&[(CN, "somebody")]));
    for profile in Profile::BOTH {
        for mode in ["tokenOrCertificate", "tokenAndCertificate"] {
            let world = world(profile, &tls, &format!("mode: {mode}, {RULES}"), &[]).await;
            let good = Call::start("shop").token(&world.token(&["shop:write"]));
            let mut claims = issuer::claims(&["shop:write"]);
            claims.insert("exp".to_owned(), 1_000_000_000.into());
            let expired = world.kept(issuer::sign(&claims));
            let rows = [
                ("case_063 a bad signature", world.bad_token(&["shop:write"]), "bad_signature"),
                ("case_063 expired", expired, "expired"),
                ("case_063 garbage", "garbage".to_owned(), "malformed_credentials"),
            ];
            for (row, token, reason) in rows {
                for path in [START, HEALTH] {
                    let before = world.before();
                    let bad = Call::start("shop").with(":path", path).token(&token);
                    let answer = call(&world, authority.config(Some(&mapped)), &bad).await.expect(row);
                    world.judge(&format!("{row}, {mode}, {path}"), before, &answer, unauthenticated(reason));
                }
            }
            let before = world.before();
            let answer = call(&world, authority.config(Some(&unmapped)), &good).await.unwrap();
            if mode == "tokenAndCertificate" {
                let expected = unauthenticated("certificate_not_mapped");
                world.judge("case_063 a good token beside nobody's certificate", before, &answer, expected);
            } else {
                assert_eq!(answer.status(), "0", "case_063 {mode}");
            }
            let answer = call(&world, authority.config(Some(&mapped)), &good).await.unwrap();
            assert_eq!(answer.status(), "0", "case_063 {mode}, both good");
        }
    }
}

#[tokio::test]
async fn case_062_a_token_that_is_no_text_is_refused_where_tokens_are_not_looked_at() {
    let (authority, files) = (Authority::new(), Directory::new());
    let tls = authority.listener(&files, "requireClientAuth: true");
    let mapped = authority.client(&worker());
    for profile in Profile::BOTH {
        let world = world(profile, &tls, &format!("mode: certificate, {RULES}"), &[]).await;
        let answer =
            call(&world, authority.config(Some(&mapped)), &Call::start("shop").token("garbage")).await.unwrap();
        assert_eq!(answer.status(), "0", "a token is not looked at");
        let before = world.before();
        let bad = Call::start("shop").field("authorization", b"Bearer garbag\xe9");
        let answer = call(&world, authority.config(Some(&mapped)), &bad).await.unwrap();
        world.judge("case_062 no text", before, &answer, unauthenticated("malformed_credentials"));
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_verified_is_none() {
    let (authority, stranger, files) = (Authority::new(), Authority::new(), Directory::new());
    let (mapped, foreign) = (authority.client(&worker()), stranger.client(&worker()));
    let optional = &["clientCertificates: optional"][..];
    let missing = unauthenticated("missing_credentials");
    for profile in Profile::BOTH {
        let authorization = format!("mode: tokenOrCertificate, {RULES}");
        // Further keys of the listener and of the gateway, what is shown, and the outcome; without one the handshake is refused.
        type Row<'a> = (&'a str, &'a str, &'a [&'a str], Option<&'a Client>, Option<&'a str>);
        let rows: [Row<'_>; 8] = [
            ("case_089 not asked for", "", &[], Some(&mapped), Some("refused")),
            ("case_089 not asked for, a stranger's", "", &[], Some(&foreign), Some("refused")),
            ("case_089 optional", "", optional, Some(&mapped), Some("served")),
            ("case_089 optional, none", "", optional, None, Some("refused")),
            ("case_089 optional, a stranger's", "", optional, Some(&foreign), None),
            ("case_089 required", "requireClientAuth: true", &[], Some(&mapped), Some("served")),
            ("case_089 required, none", "requireClientAuth: true", &[], None, None),
            ("case_089 required, a stranger's", "requireClientAuth: true", &[], Some(&foreign), None),
        ];
        for (row, more, gateway, client, expected) in rows {
            let world = world(profile, &authority.listener(&files, more), &authorization, gateway).await;
            let before = world.before();
            let answer = call(&world, authority.config(client), &Call::start("shop")).await;
            match expected {
                Some("served") => assert_eq!(answer.expect(row).status(), "0", "{row}"),
                Some(_) => world.judge(row, before, &answer.expect(row), missing),
                None => assert!(answer.is_none() && world.upstream.count() == 0, "{row}: {answer:?}"),
            }
        }
        // Without TLS there is no certificate, whatever a header says.
        let world = world(profile, "{}", &authorization, &[]).await;
        let claimed = Call::start("shop").field("x-forwarded-client-cert", "Subject=\"O=acme,CN=worker\"");
        world.refused("case_089 in a header", &claimed, missing).await;
    }
}

// Certificates that an authority has revoked are not known: there is no reading of CRLs.
#[tokio::test]
async fn an_identity_is_that_of_the_leaf_and_ends_with_it() {
    let (authority, files) = (Authority::new(), Directory::new());
    let tls = authority.listener(&files, "requireClientAuth: true");
    let somebody = Names::subject(&[(CN, "somebody")]);
    let (below, between) = authority.client_under(&worker(), &somebody);
    let (good, _) = authority.client_under(&somebody, &worker());
    let ago = SystemTime::now() - Duration::from_secs(60);
    let expired = authority.client(&worker().ends(ago));
    for profile in Profile::BOTH {
        let world = world(profile, &tls, &format!("mode: tokenOrCertificate, {RULES}"), &[]).await;
        let start = Call::start("shop");

        let before = world.before();
        let answer = call(&world, authority.config(Some(&below)), &start).await.unwrap();
        let nobody = unauthenticated("certificate_not_mapped");
        world.judge("case_093 the name stands in the one between", before, &answer, nobody);
        let answer = call(&world, authority.config(Some(&good)), &start).await.unwrap();
        assert_eq!(answer.status(), "0", "case_093 the name stands in the leaf");
        for (row, client) in [("case_093 an authority as a leaf", &between), ("case_093 expired", &expired)] {
            let answer = call(&world, authority.config(Some(client)), &start).await;
            assert!(answer.is_none(), "{row}: {answer:?}");
        }
        assert_eq!(world.upstream.count(), 1);

        // Certificates end at a whole second.
        let short = authority.client(&worker().ends(SystemTime::now() + Duration::from_secs(3)));
        let mut raw = Raw::tls(world.addr, Arc::new(authority.config(Some(&short)))).await.unwrap();
        assert_eq!(raw.call(&start).await.status(), "0", "case_093 while it is good");
        tokio::time::sleep(Duration::from_millis(4_200)).await;
        world
            .refused_on(&mut raw, "case_093 on a connection that outlives it", &start, unauthenticated("expired"))
            .await;
    }
}

#[tokio::test]
async fn case_093_no_session_is_resumed() {
    let (authority, files) = (Authority::new(), Directory::new());
    let tls = authority.listener(&files, "requireClientAuth: true");
    let mapped = authority.client(&worker());
    let world = world(Profile::Strict, &tls, &format!("mode: tokenOrCertificate, {RULES}"), &[]).await;
    for versions in [&[&rustls::version::TLS12][..], &[&rustls::version::TLS13]] {
        let store = Arc::new(Sessions::default());
        let mut config = authority.config_of(Some(&mapped), versions);
        config.resumption = Resumption::store(store.clone());
        let config = Arc::new(config);
        for _ in 0..3 {
            let mut raw = Raw::tls(world.addr, config.clone()).await.unwrap();
            assert_eq!(raw.call(&Call::start("shop")).await.status(), "0");
        }
        assert_eq!(store.taken(), 0, "case_093 {versions:?}: the gateway gave out sessions");
    }
}

/// Counts what a server offers to resume.
#[derive(Debug, Default)]
struct Sessions(std::sync::atomic::AtomicUsize);

impl Sessions {
    fn taken(&self) -> usize {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }

    fn count(&self) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }
}

impl rustls::client::ClientSessionStore for Sessions {
    fn set_kx_hint(&self, _: rustls::pki_types::ServerName<'static>, _: rustls::NamedGroup) {}

    fn kx_hint(&self, _: &rustls::pki_types::ServerName<'_>) -> Option<rustls::NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: rustls::pki_types::ServerName<'static>, _: rustls::client::Tls12ClientSessionValue) {
        self.count();
    }

    fn tls12_session(&self, _: &rustls::pki_types::ServerName<'_>) -> Option<rustls::client::Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &rustls::pki_types::ServerName<'static>) {}

    fn insert_tls13_ticket(
        &self,
        _: rustls::pki_types::ServerName<'static>,
        _: rustls::client::Tls13ClientSessionValue,
    ) {
        self.count();
    }

    fn take_tls13_ticket(
        &self,
        _: &rustls::pki_types::ServerName<'static>,
    ) -> Option<rustls::client::Tls13ClientSessionValue> {
        None
    }
}
