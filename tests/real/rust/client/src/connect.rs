//! Connections as the SDK's documentation tells its users to make them: `api_key` for a token, `tls_options` for TLS.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};
use temporalio_client::{
    Client, ClientOptions, ClientTlsOptions, Connection, ConnectionOptions, TlsOptions, Url, errors::ClientConnectError,
};

use crate::world::{NAMESPACE, World};

const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A certificate and its key, both PEM files.
pub type KeyPair<'a> = (&'a Path, &'a Path);

/// Plaintext to `address`, with a bearer token or without.
pub fn plain(address: &str, token: Option<String>) -> Result<ConnectionOptions> {
    let target = Url::parse(&format!("http://{address}")).context("address")?;
    Ok(ConnectionOptions::new(target).connect_timeout(CONNECT_LIMIT).maybe_api_key(token).build())
}

/// TLS to `address`, trusting `ca` alone.
pub fn tls(
    world: &World,
    address: &str,
    ca: &Path,
    identity: Option<KeyPair<'_>>,
    token: Option<String>,
) -> Result<ConnectionOptions> {
    let identity = identity
        .map(|(cert, key)| {
            anyhow::Ok(ClientTlsOptions::builder().client_cert(read(cert)?).client_private_key(read(key)?).build())
        })
        .transpose()?;
    let tls = TlsOptions::builder()
        .server_root_ca_cert(read(ca)?)
        .domain(world.server_name.clone())
        .maybe_client_tls_options(identity)
        .build();
    let target = Url::parse(&format!("https://{address}")).context("address")?;
    Ok(ConnectionOptions::new(target).connect_timeout(CONNECT_LIMIT).tls_options(tls).maybe_api_key(token).build())
}

/// A client of this program's namespace. Connecting calls GetSystemInfo, so a refusal can show here already.
pub async fn client(options: ConnectionOptions) -> Result<Client, ClientConnectError> {
    let connection = Connection::connect(options).await?;
    Ok(Client::new(connection, ClientOptions::new(NAMESPACE).build())?)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
