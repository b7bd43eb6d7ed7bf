//! Keys that come and go at the issuer.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use temporal_gateway::mint::signer::{Signer, SigningAlgorithm, jwks};
use tokio::net::TcpListener;

use super::{
    caller::Caller,
    calls::{AUDIENCE, issuer, token},
    running::{Config, Gateway},
    until,
    upstream::{Manner, Upstream},
};

/// A key set at a URL, and the number of times that it was asked for.
#[derive(Clone, Default)]
struct KeySet(Arc<Mutex<(String, usize)>>);

impl KeySet {
    fn publish(&self, signers: &[&Signer]) {
        self.0.lock().unwrap().0 = jwks(signers.iter().map(|signer| signer.jwk())).to_string();
    }

    fn reads(&self) -> usize {
        self.0.lock().unwrap().1
    }

    async fn serve(&self) -> String {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/", tcp.local_addr().unwrap());
        let set = self.clone();
        tokio::spawn(async move {
            loop {
                let (tcp, _) = tcp.accept().await.unwrap();
                let set = set.clone();
                let service = service_fn(move |_: Request<Incoming>| {
                    let mut set = set.0.lock().unwrap();
                    set.1 += 1;
                    let answer = Response::new(Full::<Bytes>::from(set.0.clone()));
                    async { Ok::<_, Infallible>(answer) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(tcp), service));
            }
        });
        uri
    }
}

fn sign(signer: &Signer) -> String {
    let exp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 600;
    let claims = json!({ "sub": "alice", "aud": AUDIENCE, "exp": exp, "permissions": ["default:read"] });
    signer.sign(claims.as_object().unwrap()).unwrap()
}

#[tokio::test]
async fn a_new_key_is_taken_and_a_removed_one_is_no_longer() {
    let [first, second, third] = [(); 3].map(|()| Signer::generate(SigningAlgorithm::Es256).unwrap());
    let [by_first, by_second, by_third] = [&first, &second, &third].map(sign);
    let set = KeySet::default();
    set.publish(&[&first, &second]);
    let upstream = Upstream::start(Manner::Answer).await;
    let gateway = Gateway::start(&Config::new(set.serve().await, upstream.addr)).await;
    let caller = Caller::new(gateway.addr).await;
    let status = async |token: &str| caller.describe("default", token).await;
    for (token, expected) in [(&by_first, "0"), (&by_second, "0"), (&by_third, "7")] {
        assert_eq!(status(token).await, expected);
    }

    set.publish(&[&second, &third]);
    let reads = set.reads();
    until("the new key", async || status(&by_third).await == "0").await;
    until("the end of the removed key", async || {
        assert_eq!(status(&by_second).await, "0", "the key that stays, all the time");
        status(&by_first).await == "7"
    })
    .await;
    let reads = set.reads() - reads;
    assert!((1..=3).contains(&reads), "{reads} reads: the first that had the new set ended the old one");
    assert_eq!(status(&by_third).await, "0");
}

#[tokio::test]
async fn the_issuers_next_key_is_taken_beside_the_last() {
    let (issuer, upstream) = (issuer().await, Upstream::start(Manner::Answer).await);
    let gateway = Gateway::start(&Config::new(issuer.jwks_uri(), upstream.addr)).await;
    let caller = Caller::new(gateway.addr).await;
    let before = token(&issuer, &["default:read"]);
    assert_eq!(caller.describe("default", &before).await, "0");
    issuer.rotate().await.unwrap();
    let after = token(&issuer, &["default:read"]);
    until("the new key", async || caller.describe("default", &after).await == "0").await;
    assert_eq!(caller.describe("default", &before).await, "0");
}
