//! A tonic service of your own behind Temporal's authorization.
//!
//! The service is `acme.orders.v1.Orders`: `CreateOrder` writes into a namespace, `WatchOrders` streams the orders of
//! all. What to look at, in this order:
//!
//! 1. `main.rs`: the keys, the claim mapper, the guard and the layer are four lines.
//! 2. [`methods`]: a method that is in no table may be called by nobody, so the service's own are listed, each with its
//!    scope, its access and the field that names the namespace. `CreateOrder` asks for a writer of the namespace in field
//!    1 of its request.
//! 3. [`serve`]: one `.layer(layer)` on tonic's `Server`, in front of all its services.
//! 4. [`orders::Desk`]: a handler finds the [`Permit`](temporal_authz::Permit) among the request's extensions, and in it
//!    who the caller is. The token itself is not there: the layer removes it.
//!
//! A stream is judged on its headers, before any message, so the table knows no namespace for it. `WatchOrders` is
//! therefore of cluster scope: whoever watches may read everywhere. It is ended when the caller's claims expire.
//!
//! Client certificates need nothing more: give tonic's `Server` a `ServerTlsConfig` with `client_ca_root`, and a
//! [`CertificateClaimMapper`](temporal_claim_mapper::CertificateClaimMapper) instead of the one for tokens, or a
//! [`CombinedClaimMapper`](temporal_claim_mapper::CombinedClaimMapper) for both. The layer finds tonic's own
//! `TlsConnectInfo`. The tests do that.
//!
//! ```
//! use temporal_authz::{Access, Scope};
//!
//! let methods = embedded::methods()?;
//! let create = methods.find("/acme.orders.v1.Orders/CreateOrder");
//! assert_eq!((create.scope(), create.access(), create.namespace_field()), (Scope::Namespace, Access::Write, Some(1)));
//! # Ok::<(), temporal_authz::MethodTableError>(())
//! ```

pub mod orders;

use temporal_authz::{Access, MethodInfo, MethodTable, MethodTableError, Scope};
use temporal_interceptor::AuthorizationLayer;
use tokio::net::TcpListener;
use tonic::transport::{self, Server, server::TcpIncoming};

use orders::{CREATE_ORDER, Desk, OrdersServer, WATCH_ORDERS};

/// The methods that may be called at all: Temporal's (of which `Health/Check` is open to everybody) and those of
/// `Orders`.
///
/// # Errors
/// A path that is no method path, or stands twice.
pub fn methods() -> Result<MethodTable, MethodTableError> {
    let create = MethodInfo::unary(CREATE_ORDER, Scope::Namespace, Access::Write).with_namespace_field(1);
    let watch = MethodInfo::streaming(WATCH_ORDERS, Scope::Cluster, Access::ReadOnly);
    Ok(MethodTable::builder().method(create)?.method(watch)?.build())
}

/// Serves `Orders` behind `layer` on the connections of `listener`, until the returned future is dropped. `server` brings
/// what else it shall be, such as TLS.
///
/// # Errors
/// The server cannot go on.
pub async fn serve(server: Server, layer: AuthorizationLayer, listener: TcpListener) -> Result<(), transport::Error> {
    // The first layer is the outermost: nothing sees a call before it is authorized.
    let mut server = server.layer(layer);
    server.add_service(OrdersServer::new(Desk::default())).serve_with_incoming(TcpIncoming::from(listener)).await
}
