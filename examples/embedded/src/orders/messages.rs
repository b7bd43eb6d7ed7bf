//! The messages.

/// Asks for an order.
#[derive(Clone, PartialEq, prost::Message)]
pub struct CreateOrderRequest {
    /// Where it belongs: the namespace that is authorized.
    #[prost(string, tag = "1")]
    pub namespace: String,
    /// What is wanted.
    #[prost(string, tag = "2")]
    pub item: String,
}

/// The order as it was taken.
#[derive(Clone, PartialEq, prost::Message)]
pub struct CreateOrderResponse {
    /// It.
    #[prost(message, optional, tag = "1")]
    pub order: Option<Order>,
}

/// One order.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Order {
    /// Where it belongs.
    #[prost(string, tag = "1")]
    pub namespace: String,
    /// What is wanted.
    #[prost(string, tag = "2")]
    pub item: String,
    /// Who ordered it, as `type:name` of the principal. No client can choose it.
    #[prost(string, tag = "3")]
    pub ordered_by: String,
}

/// Asks for every order from now on.
#[derive(Clone, PartialEq, prost::Message)]
pub struct WatchOrdersRequest {}
