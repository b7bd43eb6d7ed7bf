//! Issuers that are away.

use std::time::{Duration, Instant};

use temporal_gateway::demo::issuer::Issuer;
use tokio::net::TcpListener;

use super::{
    caller::Caller,
    calls::{alice, issuer, naming, token, workflow},
    running::{Config, Gateway, free_address},
    until,
    upstream::{Manner, Upstream},
};

#[tokio::test]
async fn tokens_are_refused_while_the_issuer_is_down_and_taken_when_it_comes() {
    // `temporal` answers as Temporal does; `strict` says that it is worth coming again.
    for (policy, meanwhile) in [("temporal", "7"), ("strict", "14")] {
        let (addr, upstream) = (free_address(), Upstream::start(Manner::Answer).await);
        let elsewhere = issuer().await;
        let authorization = format!("{{ policy: {policy}, issuers: [{{ issuer: 'http://{addr}' }}] }}");
        let config =
            Config { authorization: &authorization, ..Config::new(format!("http://{addr}/keys"), upstream.addr) };
        let begun = Instant::now();
        let gateway = Gateway::start(&config).await;
        assert!(begun.elapsed() < Duration::from_secs(5), "{policy}: nothing waits for an issuer that is down");
        let caller = Caller::new(gateway.addr).await;
        let claims = alice(&["default:read"]).claim("iss", format!("http://{addr}"));
        let unknown = elsewhere.token(&claims).unwrap();
        assert_eq!(caller.describe("default", &unknown).await, meanwhile, "{policy}");
        assert!(upstream.calls().is_empty());
        let open = caller.call(&workflow("GetSystemInfo"), naming("")).await;
        assert_eq!(open.status(), "0", "{policy}: what needs no token works");

        let issuer = Issuer::start(TcpListener::bind(addr).await.unwrap()).await.unwrap();
        let good = token(&issuer, &["default:read"]);
        let begun = Instant::now();
        until("a token that is taken", async || caller.describe("default", &good).await == "0").await;
        // A refresh interval of one second is the longest pause between attempts.
        assert!(begun.elapsed() < Duration::from_secs(4), "{policy}: {:?}", begun.elapsed());
        let refused = if policy == "strict" { "16" } else { "7" };
        assert_eq!(caller.describe("default", &unknown).await, refused, "{policy}: known now to be nobody's");

        // With the issuer gone again, the keys stay.
        drop(issuer);
        until("a closed port", async || TcpListener::bind(addr).await.is_ok()).await;
        assert_eq!(caller.describe("default", &good).await, "0", "{policy}");
    }
}
