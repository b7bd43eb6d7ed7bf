//! An issuer, the whole gateway on a socket, an upstream; and what must be so whenever a call is refused.

use std::{
    cell::RefCell,
    net::SocketAddr,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use temporal_gateway::{
    gateway::Gateway,
    listener::ListenerOptions,
    tls,
    upstream::{Upstream as Relay, UpstreamOptions},
};
use temporal_interceptor::{AuthorizationLayer, config::AuthorizationConfig};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{Answer, Arrived, Call, End, Issuer, Log, Manner, Raw, Refusal, Upstream, issuer};

/// The two policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Temporal,
    Strict,
}

impl Profile {
    pub const BOTH: [Self; 2] = [Self::Temporal, Self::Strict];
}

/// What differs between the gateways of the tests.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    pub profile: Profile,
    pub manner: Manner,
    /// Further keys of `global.authorization`, each a line.
    pub global: &'a [&'a str],
    /// `global.tls`, in flow style.
    pub tls: &'a str,
    /// Further keys of `gateway.authorization`, in flow style.
    pub authorization: &'a str,
    /// Further keys of `gateway`, each a line.
    pub gateway: &'a [&'a str],
    /// Keys of `gateway.limits`, in flow style.
    pub limits: &'a str,
    /// Further sections, each a line.
    pub more: &'a [&'a str],
    /// What is logged.
    pub log: &'a str,
}

impl Setup<'_> {
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            manner: Manner::Answer,
            global: &[],
            tls: "{}",
            authorization: "",
            gateway: &[],
            // All callers here have one address, and many a bad token on purpose.
            limits: match profile {
                Profile::Temporal => "",
                Profile::Strict => "maxFailuresPerSecond: 1000000",
            },
            more: &[],
            log: "trace",
        }
    }

    /// The configuration, with keys at `keys` and the upstream at `upstream`.
    pub fn yaml(&self, keys: &str, upstream: SocketAddr) -> String {
        let lines =
            |indent: &str, lines: &[&str]| lines.iter().map(|line| format!("{indent}{line}\n")).collect::<String>();
        let policy = match self.profile {
            Profile::Temporal => "policy: temporal".to_owned(),
            Profile::Strict => {
                format!("policy: strict, issuers: [{{ issuer: '{}', discovery: false }}]", issuer::ISSUER)
            }
        };
        let Self { tls, authorization, limits, .. } = self;
        format!(
            "global:\n  authorization:\n    authorizer: default\n    claimMapper: default\n    audience: {}\n    \
             jwtKeyProvider: {{ keySourceURIs: ['{keys}'] }}\n{}  tls: {tls}\ngateway:\n  \
             authorization: {{ {policy}, {authorization} }}\n  upstream: {{ address: '{upstream}' }}\n  limits: {{ {limits} }}\n{}{}",
            issuer::AUDIENCE,
            lines("    ", self.global),
            lines("  ", self.gateway),
            lines("", self.more),
        )
    }
}

/// All of it, running until it is dropped.
pub struct World {
    pub profile: Profile,
    pub log: Log,
    pub issuer: Issuer,
    pub upstream: Upstream,
    pub addr: SocketAddr,
    secrets: RefCell<Vec<String>>,
    serving: JoinHandle<()>,
}

impl World {
    pub async fn start(profile: Profile) -> Self {
        Self::with(&Setup::new(profile)).await
    }

    pub async fn with(setup: &Setup<'_>) -> Self {
        Self::build(setup, None).await
    }

    /// The gateway around another layer.
    pub async fn around(setup: &Setup<'_>, layer: AuthorizationLayer) -> Self {
        Self::build(setup, Some(layer)).await
    }

    async fn build(setup: &Setup<'_>, layer: Option<AuthorizationLayer>) -> Self {
        let log = Log::start(setup.log);
        let (issuer, upstream) = (Issuer::start().await, Upstream::start(setup.manner).await);
        let config = AuthorizationConfig::from_yaml(&setup.yaml(&issuer.keys(), upstream.addr), "").unwrap();
        let acceptor = tls::server(config.frontend_tls()).unwrap();
        let relay = Relay::new(UpstreamOptions::new(upstream.addr.to_string()));
        let options = ListenerOptions::default();
        let gateway = match layer {
            Some(layer) => Gateway::around(layer, relay, None, &config, options),
            None => Gateway::new(&config, relay, None, options).await.unwrap(),
        };
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = tcp.local_addr().unwrap();
        let serving = tokio::spawn(async move { gateway.serve(tcp, acceptor, std::future::pending()).await });
        Self { profile: setup.profile, log, issuer, upstream, addr, secrets: RefCell::default(), serving }
    }

    /// A text that no answer and no log may show.
    pub fn secret(&self, text: &str) -> String {
        self.secrets.borrow_mut().push(text.to_owned());
        text.to_owned()
    }

    /// A good token of alice's. Neither it nor its signature may be shown.
    pub fn token(&self, permissions: &[&str]) -> String {
        self.kept(issuer::sign(&issuer::claims(permissions)))
    }

    /// A token that the issuer did not sign.
    pub fn bad_token(&self, permissions: &[&str]) -> String {
        self.kept(issuer::forge(&issuer::claims(permissions)))
    }

    /// The token, remembered as a secret.
    pub fn kept(&self, token: String) -> String {
        self.secret(token.rsplit('.').next().unwrap());
        self.secret(&token)
    }

    /// A call on a connection of its own.
    pub async fn call(&self, call: &Call) -> Answer {
        Raw::connect(self.addr).await.call(call).await
    }

    /// Makes a call that must be refused so, without a key fetch and without the upstream.
    pub async fn refused(&self, row: &str, call: &Call, expected: Refusal) -> Answer {
        self.refused_on(&mut Raw::connect(self.addr).await, row, call, expected).await
    }

    /// The same on a connection that is there.
    pub async fn refused_on(&self, raw: &mut Raw, row: &str, call: &Call, expected: Refusal) -> Answer {
        let before = (self.upstream.count(), self.issuer.fetches(), self.log.len());
        let answer = raw.call(call).await;
        self.judge(row, before, &answer, expected);
        answer
    }

    /// What was there before a call: calls at the upstream, key fetches, entries of the log.
    pub fn before(&self) -> (usize, usize, usize) {
        (self.upstream.count(), self.issuer.fetches(), self.log.len())
    }

    /// Holds an answer against what it must be.
    pub fn judge(&self, row: &str, before: (usize, usize, usize), answer: &Answer, expected: Refusal) {
        let row = format!("{row} ({:?})", self.profile);
        let log = self.log.since(before.2);
        let code = expected.code(self.profile).to_string();
        assert_eq!((answer.status(), answer.http()), (code.as_str(), "200"), "{row}: {}", answer.shown());
        assert_eq!(answer.field("grpc-message"), Some(expected.text(self.profile)), "{row}");
        assert_eq!((answer.end, answer.data.len()), (Some(End::Whole), 0), "{row}");
        let told = format!(" denied reason={} ", expected.reason);
        assert!(log.iter().any(|entry| entry.contains(&told)), "{row}: {}", reasons(&log));
        self.untouched(&row, before, answer);
    }

    /// Makes a call that HTTP/2 itself, or the check for gRPC, turns away: no status of gRPC's is asked for.
    pub async fn turned_away(&self, row: &str, call: &Call) -> Answer {
        let before = self.before();
        let answer = self.call(call).await;
        assert_ne!(answer.status(), "0", "{row}: {}", answer.shown());
        assert!(answer.end != Some(End::Whole) || answer.http().starts_with('4'), "{row}: {}", answer.shown());
        self.untouched(row, before, &answer);
        answer
    }

    fn untouched(&self, row: &str, (calls, fetches, _): (usize, usize, usize), answer: &Answer) {
        assert_eq!(self.upstream.count(), calls, "{row}: the upstream was called");
        assert_eq!(self.issuer.fetches(), fetches, "{row}: keys were fetched");
        self.discreet(row, &answer.shown());
    }

    /// Makes a call that must be served, and says what the upstream saw of it.
    pub async fn served(&self, row: &str, call: &Call) -> Arrived {
        let before = self.upstream.count();
        let answer = self.call(call).await;
        assert_eq!(
            answer.status(),
            "0",
            "{row} ({:?}): {} {}",
            self.profile,
            answer.shown(),
            reasons(&self.log.since(0))
        );
        assert_eq!(self.upstream.count(), before + 1, "{row}");
        self.discreet(row, &answer.shown());
        self.upstream.last()
    }

    /// Neither the answer nor anything that was logged shows a secret.
    pub fn discreet(&self, row: &str, shown: &str) {
        for secret in self.secrets.borrow().iter() {
            assert!(!shown.contains(secret.as_str()), "{row}: the answer shows {secret}: {shown}");
            assert_eq!(self.log.find(secret), None, "{row}: the log shows {secret}");
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The refusals in a log, for messages.
fn reasons(log: &[String]) -> String {
    let denials: Vec<&str> = log.iter().map(String::as_str).filter(|entry| entry.contains("denied reason")).collect();
    denials.join("\n")
}

/// A directory of its own, gone with the value.
pub struct Directory(PathBuf);

impl Directory {
    pub fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("calls-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }

    /// Writes a file and says where it is.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
