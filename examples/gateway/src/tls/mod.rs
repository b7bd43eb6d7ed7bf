//! TLS as `global.tls.frontend` and `gateway.upstream.tls` describe it, with rustls and aws-lc-rs.
//!
//! [`server`] is the listener's side: a certificate by server name, client certificates by the same, files read again while the
//! gateway runs. [`client`] is the side towards the upstream. Both agree on `h2`, speak TLS 1.2 or 1.3, and name the configuration
//! key and the file in their errors.

mod any_name;
mod client;
mod error;
mod events;
mod expiry;
mod identity;
mod pem;
mod reload;
mod server;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};

pub use client::client;
pub use error::{Place, TlsError};
pub use reload::ReloadingAcceptor;
pub use server::server;

/// Named, so that another provider in the tree changes nothing.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// What both sides offer by ALPN.
fn alpn() -> Vec<Vec<u8>> {
    vec![b"h2".to_vec()]
}
