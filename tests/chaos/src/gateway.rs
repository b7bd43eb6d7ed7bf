//! The gateways under test, and their configuration.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use temporal_gateway::{
    check::{self, CheckArgs},
    serve::{self, ServeArgs},
};
use tokio::{net::TcpStream, runtime::Handle, task::spawn_blocking, time::timeout};

use crate::{
    keys::{Issuer, ring::AUDIENCE, server::free_port, trouble},
    times::{FETCH_TIMEOUT, REFRESH, REFUSED_START},
};

/// How a gateway differs from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Strict,
    Temporal,
    /// Strict, with a limiter of failed credentials that has something to do. All callers here are one peer.
    Limited,
}

impl Profile {
    pub const ALL: [Self; 3] = [Self::Strict, Self::Temporal, Self::Limited];
}

pub struct Gateway {
    pub profile: Profile,
    pub addr: SocketAddr,
    /// The file that it was started with.
    pub file: PathBuf,
    pub text: String,
}

impl Gateway {
    /// Starts one, and returns when it accepts calls.
    pub async fn start(
        profile: Profile,
        issuers: &[Issuer],
        upstream: SocketAddr,
        directory: &std::path::Path,
    ) -> Self {
        let (tcp, addr) = free_port().await;
        drop(tcp);
        let file = directory.join(format!("{profile:?}.yaml"));
        let text = configuration(profile, issuers, upstream);
        std::fs::write(&file, &text).unwrap();
        let arguments = arguments(file.clone(), addr);
        tokio::spawn(async move {
            let ended = serve::run(&arguments, std::future::pending()).await;
            panic!("the gateway ended: {ended:?}");
        });
        while TcpStream::connect(addr).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { profile, addr, file, text }
    }

    /// What is wrong when a gateway is checked, or started, with the file as it is now. It must not serve.
    pub async fn refuses_its_file(&self) -> Result<(), String> {
        if self.check().await.is_ok() {
            return Err("`check` finds half a configuration good".to_owned());
        }
        let (tcp, addr) = free_port().await;
        drop(tcp);
        let arguments = arguments(self.file.clone(), addr);
        match timeout(REFUSED_START, serve::run(&arguments, std::future::pending())).await {
            Ok(Err(_)) => Ok(()),
            _ => Err("a gateway starts with half a configuration".to_owned()),
        }
    }

    /// Whether `check` finds the file good.
    pub async fn accepts_its_file(&self) -> Result<(), String> {
        self.check().await.map_err(|error| format!("`check` refuses the whole configuration: {error}"))
    }

    /// On a thread of its own: what it writes to need not go from one to another.
    async fn check(&self) -> Result<(), String> {
        let (file, runtime) = (self.file.clone(), Handle::current());
        let checked =
            spawn_blocking(move || runtime.block_on(async { check::run(&CheckArgs { file }, &mut Vec::new()).await }));
        checked.await.unwrap().map_err(|error| format!("{error:#}"))
    }
}

fn arguments(config: PathBuf, listen: SocketAddr) -> ServeArgs {
    ServeArgs { config, listen: Some(listen), upstream: None, drain: "1s".parse().unwrap() }
}

/// In flow style, and with what is indispensable at the end, so that no part of it is a configuration.
fn configuration(profile: Profile, issuers: &[Issuer], upstream: SocketAddr) -> String {
    let (policy, failures) = match profile {
        Profile::Strict => ("strict", 1_000_000),
        Profile::Temporal => ("temporal", 0),
        Profile::Limited => ("strict", 5),
    };
    let issuers: Vec<&str> = issuers.iter().map(|issuer| issuer.configuration.as_str()).collect();
    format!(
        "gateway: {{ upstream: {{ address: '{upstream}' }}, authorization: {{ policy: {policy}, issuers: [{}] }}, limits: \
         {{ jwksTimeout: {}ms, maxJwksKeys: {}, maxJwksBytes: {}, maxFailuresPerSecond: {failures} }} }}\nglobal: {{ \
         authorization: {{ audience: {AUDIENCE}, jwtKeyProvider: {{ refreshInterval: {}ms }}, authorizer: default, \
         claimMapper: default }} }}\n",
        issuers.join(", "),
        FETCH_TIMEOUT.as_millis(),
        trouble::MAX_KEYS,
        trouble::MAX_BYTES,
        REFRESH.as_millis(),
    )
}
