//! A call as it goes over the wire.

use http::{HeaderName, HeaderValue, Method, Request};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use temporal_authz::MethodInfo;

use super::{
    body::{Body, Framing},
    caller::Caller,
    message::{Piece, encoded},
    path::Path,
    peer::Peer,
};

#[derive(Debug, Arbitrary)]
pub struct Call {
    pub settings: Settings,
    pub verb: u8,
    pub content_type: u8,
    pub path: Path,
    pub caller: Caller,
    pub peer: Peer,
    pub extra: Option<u8>,
    pub forged_principal: bool,
    pub message: Vec<Piece>,
    pub framing: Framing,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub struct Settings {
    pub strict: bool,
    pub commands: bool,
    pub streams_pass: bool,
    pub propagate: bool,
}

/// What goes over the wire, as far as the model has to know it.
pub struct Wire {
    pub request: Request<Body>,
    pub body: Vec<u8>,
    /// The compact token that the trusted signer made.
    pub signed: Option<String>,
}

impl Call {
    /// The call among these methods, which are in an order that does not change.
    pub fn wire(&self, methods: &[MethodInfo]) -> Option<Wire> {
        let path = self.path.text(methods);
        let info = methods.iter().find(|method| method.path() == path);
        let body = self.framing.body(&encoded(&self.message, info));
        let verb =
            [Method::POST, Method::POST, Method::POST, Method::GET, Method::PUT][usize::from(self.verb) % 5].clone();
        let content_type = [
            "application/grpc",
            "application/grpc+proto",
            "application/grpc;x",
            "application/grpc",
            "application/grpc-web",
            "application/json",
            "",
            "Application/gRPC",
        ];
        let mut request = Request::new(Body::new(&body, &self.framing));
        *request.method_mut() = verb;
        *request.uri_mut() = path.parse().ok()?;
        let headers = request.headers_mut();
        let mut add = |name: &'static str, value: &[u8]| {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).expect("a header value"));
        };
        add("content-type", content_type[usize::from(self.content_type) % content_type.len()].as_bytes());
        add("te", b"trailers");
        add("content-length", body.len().to_string().as_bytes());
        if let Some(encoding) = self.framing.encoding() {
            add("grpc-encoding", encoding.as_bytes());
        }
        if self.forged_principal {
            add("temporal-principal-type", b"forged");
            add("temporal-principal-name", b"forged");
            add("temporal-principal-name", b"twice");
        }
        match self.extra.map(|extra| extra % 4) {
            None => {}
            Some(0) => add("authorization-extras", b"extra"),
            Some(1) => add("authorization-extras", b"\xe9xtra"),
            Some(2) => ["a", "a"].iter().for_each(|value| add("authorization-extras", value.as_bytes())),
            Some(_) => add("authorization-extras", &vec![b'x'; (16 << 10) + 1]),
        }
        let (values, signed) = self.caller.headers();
        values.iter().for_each(|value| add("authorization", value));
        if let Some(peer) = self.peer.connection() {
            request.extensions_mut().insert(peer);
        }
        Some(Wire { request, body, signed })
    }
}
