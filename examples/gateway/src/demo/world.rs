//! The parts, joined: an issuer, a frontend, and the gateway between the callers and both.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use temporal_interceptor::config::AuthorizationConfig;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use super::{
    frontend::{self, Frontend},
    issuer::{Issuer, TokenRequest},
    pki::{ClientName, Pki},
};
use crate::{
    gateway::Gateway,
    listener::ListenerOptions,
    serve, tls,
    upstream::{Upstream, UpstreamOptions},
};

/// The audience that the demo's tokens must name.
pub(super) const AUDIENCE: &str = "temporal";
/// The common name that the demo's certificate rule knows.
const COMMON_NAME: &str = "payments-worker";

/// Everything that runs, until it is dropped.
pub(super) struct World {
    pub(super) issuer: Issuer,
    pub(super) frontend: Frontend,
    pub(super) pki: Pki,
    /// Where the gateway listens in plaintext.
    pub(super) plaintext: SocketAddr,
    /// Where it asks for a client certificate.
    pub(super) mutual_tls: SocketAddr,
    /// Where the certificates were written.
    pub(super) certificates: PathBuf,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl World {
    /// Starts everything; the plaintext listener at `listen`, the rest on free loopback ports.
    pub(super) async fn start(listen: SocketAddr) -> anyhow::Result<Self> {
        let tcp = serve::listen(listen).await?;
        let plaintext = tcp.local_addr()?;
        let issuer = Issuer::start(loopback().await?).await?;
        let name = ClientName { common_name: COMMON_NAME.to_owned(), ..ClientName::default() };
        let pki = Pki::generate(&name)?;
        let frontend = Frontend::new(["default", "payments"]);
        let behind = loopback().await?;
        let upstream = Upstream::new(UpstreamOptions::new(behind.local_addr()?.to_string()));

        let config = AuthorizationConfig::from_yaml(&configuration(&issuer, &pki), ".")
            .context("the configuration of the embedded default")?;
        // The demo shows reasons; a real gateway keeps them to its logs.
        let built = config.assemble_with(|layer| layer.permit_in_extensions(false).expose_reasons(true)).await?;
        let gateway = Gateway::around(built.layer, upstream, None, &config, ListenerOptions::default());
        let acceptor = tls::server(config.frontend_tls())?.context("the second listener has TLS")?;
        let secured = loopback().await?;
        let mutual_tls = secured.local_addr()?;

        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(frontend::serve(behind, frontend.clone(), told(stopped.clone())));
        let plain = gateway.clone();
        let until = told(stopped.clone());
        tasks.spawn(async move { plain.serve(tcp, None, until).await });
        tasks.spawn(async move { gateway.serve(secured, Some(acceptor), told(stopped)).await });

        let certificates = std::env::temp_dir().join(format!("temporal-gateway-{}", plaintext.port()));
        Ok(Self { issuer, frontend, pki, plaintext, mutual_tls, certificates, stop, tasks })
    }

    /// A token of an hour for the demo's audience.
    pub(super) fn token(&self, subject: &str, permissions: &[&str]) -> anyhow::Result<String> {
        let request = TokenRequest::new(subject, permissions.iter().copied()).audience(AUDIENCE);
        Ok(self.issuer.token(&request)?)
    }

    /// Drains the listeners.
    pub(super) async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn loopback() -> anyhow::Result<TcpListener> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?)
}

async fn told(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it the world.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// What an operator would write, with what was made a moment ago.
fn configuration(issuer: &Issuer, pki: &Pki) -> String {
    let base64 = |pem: &str| BASE64_STANDARD.encode(pem);
    format!(
        "
global:
  authorization:
    authorizer: default
    claimMapper: default
    audience: {AUDIENCE}
    jwtKeyProvider: {{ refreshInterval: 1m }}
  tls:
    frontend:
      server:
        certData: {certificate}
        keyData: {key}
        clientCaData: [{ca}]
        requireClientAuth: true
gateway:
  authorization:
    mode: tokenOrCertificate
    issuers: [{{ issuer: '{issuer}' }}]
    certificates: [{{ match: {{ subject: {{ CN: {COMMON_NAME} }} }}, permissions: ['payments:write'] }}]
",
        certificate = base64(&pki.server().certificate),
        key = base64(&pki.server().key),
        ca = base64(pki.ca()),
        issuer = issuer.url(),
    )
}
