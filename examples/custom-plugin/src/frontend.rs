//! A stand-in for Temporal's frontend, so that there is something to guard.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use temporal_authz::Permit;
use temporal_interceptor::AuthorizationLayer;
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    body::Body,
    metadata::AsciiMetadataValue,
    server::{Grpc, NamedService},
    transport::{self, Server, server::TcpIncoming},
};
use tonic_prost::ProstCodec;
use tower::service_fn;
use tower_service::Service;

/// Answers every method of the WorkflowService with an empty message, which all of its responses can be, and the header
/// `served-for` with the caller's name as far as a header can hold it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Frontend;

/// Serves [`Frontend`] behind `layer` on the connections of `listener`, until the returned future is dropped.
///
/// # Errors
/// The server cannot go on.
pub async fn serve(layer: AuthorizationLayer, listener: TcpListener) -> Result<(), transport::Error> {
    Server::builder().layer(layer).add_service(Frontend).serve_with_incoming(TcpIncoming::from(listener)).await
}

impl NamedService for Frontend {
    const NAME: &'static str = "temporal.api.workflowservice.v1.WorkflowService";
}

impl Service<http::Request<Body>> for Frontend {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        // `()` is the message without fields: every message decodes as it.
        let answer = service_fn(|request: Request<()>| async move { answer(&request) });
        Box::pin(async move { Ok(Grpc::new(ProstCodec::<(), ()>::default()).unary(answer, request).await) })
    }
}

fn answer(request: &Request<()>) -> Result<Response<()>, Status> {
    let permit = request.extensions().get::<Permit>().ok_or_else(|| Status::internal("not behind authorization"))?;
    let mut response = Response::new(());
    let name = permit.principal().and_then(|principal| AsciiMetadataValue::try_from(principal.name()).ok());
    if let Some(name) = name {
        response.metadata_mut().insert("served-for", name);
    }
    Ok(response)
}
