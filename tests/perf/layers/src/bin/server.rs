//! `server ADDRESS [JWKS]`: the service on a socket, in plaintext; behind the layer when there is a file with keys. One thread
//! serves, so that what threads cost each other is not in the figures.

use layers::{Error, Frontend, layer};
use temporal_key_provider::{JwksKeyProvider, Source};
use tokio::net::TcpListener;
use tonic::transport::{Server, server::TcpIncoming};

#[tokio::main(worker_threads = 1)]
async fn main() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let address = args.next().ok_or("which address?")?;
    let incoming = TcpIncoming::from(TcpListener::bind(address).await?).with_nodelay(Some(true));
    let service = Frontend::default();
    match args.next() {
        None => Server::builder().add_service(service).serve_with_incoming(incoming).await?,
        Some(jwks) => {
            let keys = JwksKeyProvider::builder().source(Source::file(jwks)).build().await?;
            let mut server = Server::builder().layer(layer(&keys)?);
            server.add_service(service).serve_with_incoming(incoming).await?;
        }
    }
    Ok(())
}
