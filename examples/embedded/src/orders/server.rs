//! What `tonic-prost-build` would generate: from paths to handlers.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use tonic::{
    Status,
    body::Body,
    server::{Grpc, NamedService},
};
use tonic_prost::ProstCodec;
use tower::service_fn;
use tower_service::Service;

use super::Desk;

/// The path of the method that takes an order.
pub const CREATE_ORDER: &str = "/acme.orders.v1.Orders/CreateOrder";
/// The path of the method that streams orders.
pub const WATCH_ORDERS: &str = "/acme.orders.v1.Orders/WatchOrders";

/// A [`Desk`] as a gRPC service.
#[derive(Debug, Clone)]
pub struct OrdersServer {
    desk: Desk,
}

impl OrdersServer {
    /// The service of this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

impl NamedService for OrdersServer {
    const NAME: &'static str = "acme.orders.v1.Orders";
}

impl Service<http::Request<Body>> for OrdersServer {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let desk = self.desk.clone();
        Box::pin(async move {
            Ok(match request.uri().path() {
                CREATE_ORDER => {
                    let create = service_fn(|request| {
                        let desk = desk.clone();
                        async move { desk.create_order(request).await }
                    });
                    Grpc::new(ProstCodec::default()).unary(create, request).await
                }
                WATCH_ORDERS => {
                    let watch = service_fn(|request| {
                        let desk = desk.clone();
                        async move { desk.watch_orders(request).await }
                    });
                    Grpc::new(ProstCodec::default()).server_streaming(watch, request).await
                }
                _ => Status::unimplemented("").into_http(),
            })
        })
    }
}
