//! `temporal-gateway serve`: the real one.

use std::{future::Future, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use temporal_interceptor::config::{AuthorizationConfig, ClientTls};
use tokio::net::TcpListener;

use crate::{
    credential::OwnCredential,
    gateway::Gateway,
    listener::ListenerOptions,
    mint::Lifetime,
    tls,
    upstream::{Upstream, UpstreamOptions},
};

/// Arguments of `temporal-gateway serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Path to a Temporal server configuration, with or without the section `gateway`. Required.
    #[arg(long, short = 'f', value_name = "FILE")]
    pub config: PathBuf,

    /// Address to listen at. Overrides `gateway.listen`.
    #[arg(long, value_name = "IP:PORT")]
    pub listen: Option<SocketAddr>,

    /// Temporal server to guard, as `http://HOST:PORT` for plaintext or `https://HOST:PORT` for TLS. Overrides
    /// `gateway.upstream.address`.
    #[arg(long, value_name = "URL")]
    pub upstream: Option<String>,

    /// Time that running calls have to end after SIGINT or SIGTERM, as in 10s or 1m.
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub drain: Lifetime,
}

/// Serves until `shutdown`, and then until running calls have ended or their time is up.
///
/// # Errors
/// The configuration is not good, a file that it names is not, or the address is taken.
pub async fn run(args: &ServeArgs, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let config = AuthorizationConfig::from_file(&args.config)?;
    let acceptor = tls::server(config.frontend_tls())?;
    let upstream = upstream(&config, args.upstream.as_deref())?;
    let credential = match &config.gateway().upstream.token_file {
        Some(file) => Some(own_credential(file.clone()).await?),
        None => None,
    };
    let options = ListenerOptions { drain: Duration::from_secs(args.drain.as_secs()), ..ListenerOptions::default() };
    let address = upstream.address.clone();
    let gateway = Gateway::new(&config, Upstream::new(upstream), credential, options).await?;
    // Only now: whoever connects finds keys, or a reason why there are none in the log.
    let tcp = listen(args.listen.unwrap_or(config.gateway().listen)).await?;
    tracing::info!(listen = %tcp.local_addr()?, upstream = address, tls = acceptor.is_some(), "listening");
    gateway.serve(tcp, acceptor, shutdown).await;
    tracing::info!("drained");
    Ok(())
}

/// A listener, or an error that says how to choose another address.
///
/// # Errors
/// The address cannot be had.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen at {address}: choose another address with --listen IP:PORT"))
}

async fn own_credential(file: PathBuf) -> anyhow::Result<OwnCredential> {
    let shown = file.display().to_string();
    OwnCredential::follow(file).await.with_context(|| format!("gateway.upstream.credential.tokenFile: {shown}"))
}

/// Where the upstream is and how to connect: the flag says so, else the file.
///
/// # Errors
/// The flag is no such URL, or a file that TLS needs is not good.
pub fn upstream(config: &AuthorizationConfig, flag: Option<&str>) -> anyhow::Result<UpstreamOptions> {
    let configured = &config.gateway().upstream;
    let (address, tls) = match flag {
        Some(url) => from_url(url, configured.tls.as_ref())?,
        // `client: {}` asks for nothing, as in Temporal; anything in it asks for TLS.
        None => (configured.address.clone(), configured.tls.clone().filter(|tls| *tls != ClientTls::default())),
    };
    let mut options = UpstreamOptions::new(address);
    options.connections = configured.connections;
    if let Some(tls) = tls {
        options.tls = Some(tls::client(&tls, host(&options.address))?);
    }
    Ok(options)
}

fn from_url(url: &str, configured: Option<&ClientTls>) -> anyhow::Result<(String, Option<ClientTls>)> {
    let expected = "expected http://HOST:PORT or https://HOST:PORT";
    let uri: http::Uri = url.parse().with_context(|| format!("--upstream {url}: {expected}"))?;
    let tls = match uri.scheme_str() {
        Some("http") => None,
        Some("https") => Some(configured.cloned().unwrap_or_default()),
        _ => bail!("--upstream {url}: {expected}"),
    };
    let address = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let plain = uri.port_u16().is_some() && !address.contains('@') && uri.path() == "/" && uri.query().is_none();
    if !plain {
        bail!("--upstream {url}: {expected}");
    }
    Ok((address.to_owned(), tls))
}

fn host(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
global:
  authorization:
    { authorizer: default, claimMapper: default, jwtKeyProvider: { keySourceURIs: ['file:///jwks.json'] } }
gateway: { upstream: { address: 'temporal.internal:7233', connections: 3 } }";

    #[test]
    fn the_flag_overrides_the_file_and_says_whether_there_is_tls() {
        let config = AuthorizationConfig::from_yaml(FILE, ".").unwrap();
        for (flag, expected) in [
            (None, Some(("temporal.internal:7233", false))),
            (Some("http://127.0.0.1:7234"), Some(("127.0.0.1:7234", false))),
            (Some("http://[::1]:7234"), Some(("[::1]:7234", false))),
            (Some("https://temporal.internal:443"), Some(("temporal.internal:443", true))),
            (Some("127.0.0.1:7234"), None),
            (Some("http://127.0.0.1"), None),
            (Some("grpc://127.0.0.1:7234"), None),
            (Some("http://user@127.0.0.1:7234"), None),
            (Some("http://127.0.0.1:7234/path"), None),
        ] {
            let options = upstream(&config, flag).ok();
            let found = options.as_ref().map(|options| (options.address.as_str(), options.tls.is_some()));
            assert_eq!(found, expected, "{flag:?}");
        }
    }

    #[test]
    fn the_host_of_an_address_has_no_brackets() {
        for (address, expected) in [("a.b:7233", "a.b"), ("[::1]:7233", "::1"), ("127.0.0.1:1", "127.0.0.1")] {
            assert_eq!(host(address), expected);
        }
    }
}
