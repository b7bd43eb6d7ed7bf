//! `mtls`, `mtls-no-certificate` and `mtls-unmapped-certificate`: roles from the client's certificate, no tokens.

use std::error::Error;

use anyhow::{Context, Result, bail};
use temporalio_client::{
    errors::ClientConnectError,
    tonic::{Status, transport},
};

use crate::{
    checks::refused::connect_refused,
    connect::{self, KeyPair},
    stage::Stage,
    world::World,
};

/// Worker and client with a certificate whose subject is mapped to a writer.
pub async fn mtls(world: &World) -> Result<()> {
    let identity = (&*world.worker_cert, &*world.worker_key);
    let options = connect::tls(world, &world.mtls, &world.ca, Some(identity), None)?;
    let stage = Stage::start("mtls", options).await?;
    stage.greet().await?;
    stage.stop().await
}

/// Without a certificate the handshake fails.
pub async fn no_certificate(world: &World) -> Result<()> {
    handshake_fails(world, None).await
}

/// A certificate that no rule names is refused in every call; one of an unknown CA in the handshake.
pub async fn unmapped_certificate(world: &World) -> Result<()> {
    let unmapped = (&*world.unmapped_cert, &*world.unmapped_key);
    let options = connect::tls(world, &world.mtls, &world.ca, Some(unmapped), None)?;
    connect_refused(options).await.context("unmapped")?;
    let stranger = (&*world.stranger_cert, &*world.stranger_key);
    handshake_fails(world, Some(stranger)).await.context("stranger")
}

/// The connection ends before any call is answered. In TLS 1.3 the client has finished its own handshake by then: it
/// may read the alert, or only find the connection closed under its first call.
async fn handshake_fails(world: &World, identity: Option<KeyPair<'_>>) -> Result<()> {
    let options = connect::tls(world, &world.mtls, &world.ca, identity, None)?;
    match connect::client(options).await {
        Err(ClientConnectError::TonicTransportError(_)) => Ok(()),
        Err(ClientConnectError::SystemInfoCallError(status)) if by_transport(&status) => Ok(()),
        Err(error) => bail!("connecting failed with {error:?}"),
        Ok(_) => bail!("connected"),
    }
}

/// Whether the SDK made the status of a broken connection; otherwise the server sent it.
fn by_transport(status: &Status) -> bool {
    let source = status.source();
    source.is_some_and(|source| source.is::<transport::Error>())
}
