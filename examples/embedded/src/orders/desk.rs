//! The handlers: what they know of the caller is the permit.

use futures_util::{Stream, stream};
use temporal_authz::Permit;
use tokio::sync::broadcast::{self, error::RecvError};
use tonic::{Request, Response, Status};

use super::{CreateOrderRequest, CreateOrderResponse, Order, WatchOrdersRequest};

/// Orders that a watcher may be behind before it loses its stream.
const BACKLOG: usize = 64;

/// Takes orders and shows them to those who watch. Cheap to clone; clones are one desk.
#[derive(Debug, Clone)]
pub struct Desk {
    taken: broadcast::Sender<Order>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { taken: broadcast::Sender::new(BACKLOG) }
    }
}

impl Desk {
    /// Takes an order, in the name of the caller.
    ///
    /// # Errors
    /// INTERNAL without a permit: somebody put the service outside of the layer.
    pub async fn create_order(
        &self,
        request: Request<CreateOrderRequest>,
    ) -> Result<Response<CreateOrderResponse>, Status> {
        let ordered_by = caller(permit(&request)?);
        let CreateOrderRequest { namespace, item } = request.into_inner();
        let order = Order { namespace, item, ordered_by };
        // An error: nobody watches.
        let _ = self.taken.send(order.clone());
        Ok(Response::new(CreateOrderResponse { order: Some(order) }))
    }

    /// Shows every order from now on.
    ///
    /// # Errors
    /// INTERNAL without a permit. The stream ends with RESOURCE_EXHAUSTED for a watcher that does not keep up.
    pub async fn watch_orders(
        &self,
        request: Request<WatchOrdersRequest>,
    ) -> Result<Response<impl Stream<Item = Result<Order, Status>> + Send + use<>>, Status> {
        permit(&request)?;
        let orders = stream::unfold(Some(self.taken.subscribe()), |taken| async {
            let mut taken = taken?;
            match taken.recv().await {
                Ok(order) => Some((Ok(order), Some(taken))),
                Err(RecvError::Lagged(_)) => Some((Err(Status::resource_exhausted("too slow")), None)),
                Err(RecvError::Closed) => None,
            }
        });
        Ok(Response::new(orders))
    }
}

/// The proof that the call was authorized. Only a guard makes one, so a handler that asks for it cannot be called
/// without authorization, whatever the wiring.
fn permit<M>(request: &Request<M>) -> Result<&Permit, Status> {
    request.extensions().get::<Permit>().ok_or_else(|| Status::internal("not behind authorization"))
}

/// The principal; for more than a name there is [`Permit::claims`].
fn caller(permit: &Permit) -> String {
    permit.principal().map_or_else(String::new, |principal| format!("{}:{}", principal.kind(), principal.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_handler_that_stands_outside_of_the_layer_takes_no_order() {
        let desk = Desk::default();
        let created = desk.create_order(Request::new(CreateOrderRequest::default())).await;
        assert_eq!(created.unwrap_err().code(), tonic::Code::Internal);
        let watched = desk.watch_orders(Request::new(WatchOrdersRequest {})).await;
        assert_eq!(watched.err().unwrap().code(), tonic::Code::Internal);
    }
}
