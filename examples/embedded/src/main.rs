//! A server whose every call is authorized: the ten lines to copy.
//!
//! ```sh
//! embedded file:///etc/orders/jwks.json https://issuer.example orders
//! embedded "$(curl -s https://issuer.example/jwks)" https://issuer.example orders
//! ```
//!
//! The arguments are where the issuer's keys are (a URL of scheme `https`, `http` or `file`, or a JWK Set itself), the
//! issuer's name, and the audience that tokens must be for. It listens on 127.0.0.1:50051.

use std::sync::Arc;

use anyhow::Context;
use temporal_authz::{DefaultAuthorizer, Guard};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_interceptor::AuthorizationLayer;
use temporal_key_provider::{JwksKeyProvider, Source};
use tokio::net::TcpListener;
use tonic::transport::Server;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().context("usage: embedded JWKS ISSUER AUDIENCE");
    let (jwks, issuer, audience) = (argument()?, argument()?, argument()?);
    let source = if jwks.starts_with('{') { Source::inline_jwks(jwks) } else { jwks.parse()? };

    // Who signs the tokens, what a good token is, who may call what: then the layer.
    let keys = JwksKeyProvider::builder().source(source).build().await?;
    let mapper = JwtClaimMapper::builder(keys).issuer(issuer).audience(audience).build()?;
    let guard = Guard::builder(Arc::new(mapper), Arc::new(DefaultAuthorizer::new())).methods(embedded::methods()?);
    let layer = AuthorizationLayer::builder(guard).build();

    let listener = TcpListener::bind("127.0.0.1:50051").await?;
    embedded::serve(Server::builder(), layer, listener).await?;
    Ok(())
}
