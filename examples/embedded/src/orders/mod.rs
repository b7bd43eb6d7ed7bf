//! The service `acme.orders.v1.Orders`, written by hand: in earnest `tonic-prost-build` makes `messages` and `server`.

mod desk;
mod messages;
mod server;

pub use desk::Desk;
pub use messages::{CreateOrderRequest, CreateOrderResponse, Order, WatchOrdersRequest};
pub use server::{CREATE_ORDER, OrdersServer, WATCH_ORDERS};
