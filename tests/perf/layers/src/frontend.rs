//! The service that is guarded.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use http::{Request, Response};
use temporalio_protos::temporal::api::workflowservice::v1::{
    StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
};
use tonic::{
    Status,
    body::Body,
    codegen::{Body as HttpBody, StdError},
    server::{Grpc, NamedService, UnaryService},
};
use tonic_prost::ProstCodec;
use tower_service::Service;

/// Answers StartWorkflowExecution with an empty message, and counts. It is what tonic's generated code comes to.
#[derive(Clone, Debug, Default)]
pub struct Frontend {
    seen: Arc<AtomicU64>,
}

impl Frontend {
    /// How many calls have reached the handler.
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }
}

impl NamedService for Frontend {
    const NAME: &'static str = "temporal.api.workflowservice.v1.WorkflowService";
}

impl UnaryService<StartWorkflowExecutionRequest> for Frontend {
    type Response = StartWorkflowExecutionResponse;
    type Future = Ready<Result<tonic::Response<Self::Response>, Status>>;

    fn call(&mut self, _: tonic::Request<StartWorkflowExecutionRequest>) -> Self::Future {
        self.seen.fetch_add(1, Ordering::Relaxed);
        ready(Ok(tonic::Response::new(StartWorkflowExecutionResponse::default())))
    }
}

impl<B> Service<Request<B>> for Frontend
where
    B: HttpBody + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let handler = self.clone();
        let codec = ProstCodec::<StartWorkflowExecutionResponse, StartWorkflowExecutionRequest>::default();
        Box::pin(async move { Ok(Grpc::new(codec).unary(handler, request).await) })
    }
}
