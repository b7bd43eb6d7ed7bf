//! Calls, one after the other.

use std::{convert::Infallible, future::poll_fn, pin::pin};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Request, Response, Uri, Version,
    header::{AUTHORIZATION, CONTENT_TYPE, TE},
};
use http_body::Body;
use http_body_util::Full;
use tower_service::Service;

/// What is sent.
#[derive(Clone)]
pub struct Call {
    uri: Uri,
    body: Bytes,
}

impl Call {
    /// A StartWorkflowExecution with this body, in its frame.
    pub fn new(body: Bytes) -> Self {
        let path = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
        Self { uri: Uri::from_static(path), body }
    }

    fn request(&self, token: &HeaderValue) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.version_mut() = Version::HTTP_2;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(AUTHORIZATION, token.clone());
        request
    }

    /// Makes one call, and says whether its status is 0. `open` is what the service's answer becomes, nothing for a refusal
    /// that is not gRPC.
    pub async fn make<S, B>(
        &self,
        service: &mut S,
        token: &HeaderValue,
        open: impl Fn(S::Response) -> Option<Response<B>>,
    ) -> bool
    where
        S: Service<Request<Full<Bytes>>, Error = Infallible>,
        B: Body,
    {
        let Ok(()) = poll_fn(|context| service.poll_ready(context)).await;
        let Ok(answer) = service.call(self.request(token)).await;
        let Some(answer) = open(answer) else { return false };
        if answer.headers().contains_key("grpc-status") {
            return is_ok(answer.headers());
        }
        let mut body = pin!(answer.into_body());
        while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
            let Ok(frame) = frame else { return false };
            if let Some(trailers) = frame.trailers_ref() {
                return is_ok(trailers);
            }
        }
        false
    }
}

fn is_ok(headers: &HeaderMap) -> bool {
    headers.get("grpc-status").is_some_and(|status| status == "0")
}
