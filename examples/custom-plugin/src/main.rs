//! Temporal's methods behind a claim mapper and an authorizer of your own.
//!
//! ```sh
//! custom-plugin https://keycloak.example/realms/main/protocol/openid-connect/certs \
//!     https://keycloak.example/realms/main temporal
//! ```
//!
//! The arguments are the URL of the issuer's keys (`https`, `http` or `file`), the issuer's name, and the audience that
//! tokens must be for. It listens on 127.0.0.1:7233, and what it serves is a stand-in: every call that is allowed is
//! answered with an empty message.

use std::sync::Arc;

use anyhow::Context;
use custom_plugin::{RealmRoles, TaskQueueRules};
use temporal_authz::Guard;
use temporal_claim_mapper::JwtClaimMapper;
use temporal_interceptor::AuthorizationLayer;
use temporal_key_provider::JwksKeyProvider;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().context("usage: custom-plugin JWKS ISSUER AUDIENCE");
    let (jwks, issuer, audience) = (argument()?, argument()?, argument()?);
    let keys = JwksKeyProvider::builder().source(jwks.parse()?).build().await?;

    let mapper = RealmRoles::new(JwtClaimMapper::builder(keys).issuer(issuer).audience(audience))?;
    let authorizer = TaskQueueRules::new().only_on("payments-", "payments");
    let layer = AuthorizationLayer::builder(Guard::builder(Arc::new(mapper), Arc::new(authorizer))).build();

    custom_plugin::serve(layer, TcpListener::bind("127.0.0.1:7233").await?).await?;
    Ok(())
}
