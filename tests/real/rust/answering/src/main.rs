//! A server behind the layer whose authorizer answers as a header of the call tells it, so that what the layer makes of each
//! answer can be compared with what Temporal's own interceptor makes of it. Its handler relays nothing: it answers an empty
//! message, and tells in a header what it saw.
//!
//! `answering [--expose-errors]` prints `listening 127.0.0.1:PORT` and serves until it is ended.

mod answers;
mod handler;

use std::{env, io::Write, sync::Arc};

use anyhow::bail;
use hyper::server::conn::http2;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    service::TowerToHyperService,
};
use temporal_authz::Guard;
use temporal_interceptor::{AuthorizationLayer, FixedSettings};
use tokio::net::TcpListener;
use tower_layer::Layer;

use crate::{answers::Answering, handler::Handler};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut settings = FixedSettings::default();
    settings.cross_namespace_commands = false;
    settings.principal_propagation = true;
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "--expose-errors" => settings.expose_authorizer_errors = true,
            other => bail!("{other}: the one argument is --expose-errors"),
        }
    }
    let guard = Guard::builder(Arc::new(Answering), Arc::new(Answering));
    let layer = AuthorizationLayer::builder(guard)
        .like_temporal()
        .settings(Arc::new(settings))
        .forward_authorization(true)
        .build();

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening {}", listener.local_addr()?);
    std::io::stdout().flush()?;
    loop {
        let (connection, _) = listener.accept().await?;
        let service = TowerToHyperService::new(layer.layer(Handler));
        tokio::spawn(http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(connection), service));
    }
}
