//! What stands behind the layer.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Empty;
use temporalio_protos::temporal::api::workflowservice::v1::{
    StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
};
use tonic::{Status, body::Body as TonicBody, server::Grpc};
use tonic_prost::ProstCodec;
use tower::service_fn;
use tower_service::Service;

/// Answers at once, and looks at nothing.
#[derive(Debug, Clone, Copy)]
pub struct Trivial;

impl<B> Service<Request<B>> for Trivial {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        ready(Ok(Response::new(Empty::new())))
    }
}

/// What tonic generates for a unary method: decodes the request, and answers with a run id.
#[derive(Debug, Clone, Copy)]
pub struct Tonic;

impl<B> Service<Request<B>> for Tonic
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<temporal_authz::BoxError> + Send,
{
    type Response = Response<TonicBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Box::pin(async move {
            let codec = ProstCodec::<StartWorkflowExecutionResponse, StartWorkflowExecutionRequest>::default();
            Ok(Grpc::new(codec).unary(service_fn(start), request).await)
        })
    }
}

async fn start(
    request: tonic::Request<StartWorkflowExecutionRequest>,
) -> Result<tonic::Response<StartWorkflowExecutionResponse>, Status> {
    let run_id = request.into_inner().request_id;
    Ok(tonic::Response::new(StartWorkflowExecutionResponse { run_id, started: true, ..Default::default() }))
}
