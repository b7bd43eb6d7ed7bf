//! `temporal-gateway` without a command: a whole world in the process, and calls through it.

use std::{
    future::Future,
    io::{IsTerminal, Write},
    net::{Ipv4Addr, SocketAddr},
};

use anyhow::bail;
use clap::Args;

use super::{
    callers::{self, Outcome},
    table,
    world::World,
};

/// Arguments of the embedded default.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// Address of the plaintext listener of the embedded default.
    #[arg(long, value_name = "IP:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 7233)))]
    pub listen: SocketAddr,

    /// Take free ports, print the table and end: exit status 0 only when every verdict is the right one.
    #[arg(long)]
    pub once: bool,
}

/// Starts the world, makes the calls, prints them, and goes on serving until `shutdown` unless told otherwise.
///
/// # Errors
/// A port is in use, a part does not start, or a verdict is not the right one.
pub async fn run(args: &DemoArgs, out: &mut dyn Write, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let listen = if args.once { SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) } else { args.listen };
    let world = World::start(listen).await?;
    let outcomes = callers::call_all(&world).await?;
    let colour = std::io::stdout().is_terminal();
    table::write(out, &outcomes, colour)?;
    let wrong = outcomes.iter().filter(|outcome| !outcome.is_right()).count();
    if wrong > 0 {
        let names: Vec<&str> = outcomes.iter().filter(|outcome| !outcome.is_right()).map(Outcome::caller).collect();
        bail!("{wrong} of {} verdicts are wrong: {}", outcomes.len(), names.join(", "));
    }
    if args.once {
        return Ok(());
    }
    table::write_invitation(out, &world)?;
    out.flush()?;
    shutdown.await;
    world.stop().await;
    Ok(())
}
