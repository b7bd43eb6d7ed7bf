//! `tls` and `tls-wrong-ca`: tokens over TLS, and a server that the client must not trust.

use std::error::Error;

use anyhow::{Result, bail, ensure};
use temporalio_client::errors::ClientConnectError;

use crate::{
    connect,
    stage::Stage,
    world::{AN_HOUR, WRITE, World},
};

/// Worker and client over TLS, the token as the SDK's API key.
pub async fn tls(world: &World) -> Result<()> {
    let token = world.token(WRITE, AN_HOUR).await?;
    let options = connect::tls(world, &world.tls, &world.ca, None, Some(token))?;
    let stage = Stage::start("tls", options).await?;
    stage.greet().await?;
    stage.stop().await
}

/// A client that trusts another CA does not connect, so there is nothing it could start.
pub async fn wrong_ca(world: &World) -> Result<()> {
    let token = world.token(WRITE, AN_HOUR).await?;
    let options = connect::tls(world, &world.tls, &world.wrong_ca, None, Some(token))?;
    match connect::client(options).await {
        Err(ClientConnectError::TonicTransportError(error)) => {
            let text = chain(&error);
            ensure!(text.contains("UnknownIssuer"), "connecting failed with {text}");
            Ok(())
        }
        Err(error) => bail!("connecting failed with {error:?}"),
        Ok(_) => bail!("connected to a server of another CA"),
    }
}

/// An error and its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
