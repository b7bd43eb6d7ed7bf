//! A gRPC client of a few lines: one HTTP/2 connection, unary calls, nothing generated.

use std::fmt::Debug;

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::Incoming,
    client::conn::http2::{SendRequest, handshake},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use temporal_gateway::demo::frontend::{Frontend, serve};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tonic::{Code, Status};

pub const WORKFLOW_SERVICE: &str = "/temporal.api.workflowservice.v1.WorkflowService";

/// A running frontend and a connection to it.
pub struct Harness {
    pub frontend: Frontend,
    pub client: SendRequest<Full<Bytes>>,
    /// Tells the server to end.
    pub stop: oneshot::Sender<()>,
    pub server: JoinHandle<()>,
}

pub fn path(method: &str) -> String {
    format!("{WORKFLOW_SERVICE}/{method}")
}

pub fn framed(flag: u8, message: &[u8]) -> Bytes {
    let mut body = BytesMut::new();
    body.put_u8(flag);
    body.put_u32(message.len().try_into().unwrap());
    body.put_slice(message);
    body.freeze()
}

impl Harness {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let frontend = Frontend::new(["default", "payments"]);
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        let server = tokio::spawn(serve(listener, frontend.clone(), shutdown));
        let stream = TcpStream::connect(address).await.unwrap();
        let (client, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self { frontend, client, stop, server }
    }

    /// A WorkflowService method.
    pub async fn call<Q: Message, A: Message + Default>(&self, method: &str, request: Q) -> Result<A, Status> {
        self.unary(&path(method), request).await
    }

    /// Any unary method.
    pub async fn unary<Q: Message, A: Message + Default>(&self, path: &str, request: Q) -> Result<A, Status> {
        answer_of(self.send(unary_request(path, request)).await).await
    }

    pub async fn send(&self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        self.client.clone().send_request(request).await.unwrap()
    }
}

pub fn request_to(path: &str) -> http::request::Builder {
    Request::post(format!("http://frontend{path}")).header("content-type", "application/grpc").header("te", "trailers")
}

pub fn unary_request<Q: Message>(path: &str, request: Q) -> Request<Full<Bytes>> {
    request_to(path).body(Full::new(framed(0, &request.encode_to_vec()))).unwrap()
}

/// The message of an answer with status 0, else the status.
pub async fn answer_of<A, B>(response: Response<B>) -> Result<A, Status>
where
    A: Message + Default,
    B: Body<Data = Bytes, Error: Debug>,
{
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/grpc");
    let head = response.headers().clone();
    let collected = response.into_body().collect().await.unwrap();
    let trailers = collected.trailers().cloned().unwrap_or(head);
    let status = Status::from_header_map(&trailers).expect("a grpc-status");
    if status.code() != Code::Ok {
        return Err(status);
    }
    let body = collected.to_bytes();
    assert_eq!(body[..5], framed(0, &body[5..])[..5], "one message, uncompressed");
    Ok(A::decode(&body[5..]).unwrap())
}
