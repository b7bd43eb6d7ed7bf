//! A whole call, described: method, headers, caller, message and framing.

use std::{collections::VecDeque, io::Write};

use base64::Engine as _;
use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use temporal_authz::MethodInfo;
use temporal_interceptor::ConnectionPeer;

use crate::{
    der::Description,
    keys::{STRANGER, TRUSTED, sign},
    message::{put_bytes, put_number},
};

/// Namespaces that requests and permissions name. The sixth is as long as is allowed, the seventh longer.
pub const NAMES: [&str; 9] =
    ["here", "there", "", "Here", "temporal-system", "sixteen--letters", "seventeen-letters", "here ", "wörk"];
pub const MAX_NAME: usize = 16;

const ROLES: [&str; 6] = ["read", "write", "worker", "admin", "WRITE", "owner"];

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

#[derive(Debug, Arbitrary)]
pub enum Path {
    Listed(u8),
    /// One of the few methods that are special.
    Special(u8),
    Odd(u8, u8),
}

#[derive(Debug, Arbitrary)]
pub enum Caller {
    Nobody,
    Good { subject: u8, permissions: Vec<(u8, u8)> },
    Odd { signed: bool, scheme: u8, header: u8, payload: u8, permissions: Vec<(u8, u8)> },
    Header(u8),
}

#[derive(Debug, Arbitrary)]
pub enum Peer {
    Unknown,
    Address,
    Certificate(u8),
    BadCertificate,
}

/// A part of a message.
#[derive(Debug, Arbitrary)]
pub enum Piece {
    /// The field that the method has its namespace in.
    Namespace(u8),
    NamespaceAsNumber,
    TaskToken,
    Command {
        kind: u8,
        members: Vec<(u8, u8)>,
    },
    Operation(Vec<(u8, u8)>),
    Text(u8, u8),
    Group(u8),
    Padding(u16),
    Raw(Vec<u8>),
}

#[derive(Debug, Arbitrary)]
pub struct Framing {
    pub encoding: u8,
    pub compression: Compressed,
    pub flag: Option<u8>,
    pub length: i8,
    pub cut: u8,
    pub trailing: Option<u8>,
    pub chunk: u8,
    pub trailers: bool,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Compressed {
    Not,
    Gzip,
    TwoMembers,
    Zlib,
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
        let body = self.framing.body(&self.message_bytes(info));
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

    fn message_bytes(&self, info: Option<&MethodInfo>) -> Vec<u8> {
        let namespace = info.and_then(MethodInfo::namespace_field).map_or(1, u64::from);
        let task_token = info.and_then(MethodInfo::task_token_field).map_or(1, u64::from);
        let mut out = Vec::new();
        for piece in self.message.iter().take(24) {
            match piece {
                Piece::Namespace(name) => put_bytes(&mut out, namespace, name_of(*name)),
                Piece::NamespaceAsNumber => put_number(&mut out, namespace, 1),
                Piece::TaskToken => put_bytes(&mut out, task_token, b"task"),
                Piece::Command { kind, members } => put_bytes(&mut out, 2, &command(*kind, members)),
                Piece::Operation(members) => put_bytes(&mut out, 2, &nested(members, &[1, 2, 3])),
                Piece::Text(number, name) => put_bytes(&mut out, u64::from(number % 31) + 1, name_of(*name)),
                Piece::Group(depth) => {
                    let depth = usize::from(depth % 110);
                    out.extend(std::iter::repeat_n(0xa3, depth).flat_map(|start| [start, 0x06]));
                    out.extend(std::iter::repeat_n(0xa4, depth).flat_map(|end| [end, 0x06]));
                }
                Piece::Padding(length) => put_bytes(&mut out, 99, &vec![b' '; usize::from(length % 1500)]),
                Piece::Raw(bytes) => out.extend_from_slice(&bytes[..bytes.len().min(64)]),
            }
        }
        out
    }
}

/// One of [`NAMES`], or what is no UTF-8.
fn name_of(choice: u8) -> &'static [u8] {
    if choice > 250 { b"\xff" } else { NAMES[usize::from(choice) % NAMES.len()].as_bytes() }
}

/// A command of a type, with members of the oneof that have a namespace in them.
fn command(kind: u8, members: &[(u8, u8)]) -> Vec<u8> {
    let mut out = Vec::new();
    let kinds = [8, 11, 12, 1, 12 | 1 << 32];
    put_number(&mut out, 1, kinds[usize::from(kind) % kinds.len()]);
    let paired = [9, 12, 13, 2, 13][usize::from(kind) % kinds.len()];
    out.extend(nested(members, &[paired, 9, 12, 13, 16, 3]));
    out
}

fn nested(members: &[(u8, u8)], numbers: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    for (member, name) in members.iter().take(6) {
        let mut inner = Vec::new();
        if *name != 200 {
            put_bytes(&mut inner, 1, name_of(*name));
        }
        match member {
            250.. => put_number(&mut out, numbers[0], 5),
            _ => put_bytes(&mut out, numbers[usize::from(*member) % numbers.len()], &inner),
        }
    }
    out
}

impl Path {
    fn text(&self, methods: &[MethodInfo]) -> String {
        const WORKFLOW: &str = "/temporal.api.workflowservice.v1.WorkflowService";
        let listed = |index: &u8| methods[usize::from(*index) % methods.len()].path().to_owned();
        match self {
            Path::Listed(index) => listed(index),
            Path::Special(index) => {
                let special = [
                    "StartWorkflowExecution",
                    "RespondWorkflowTaskCompleted",
                    "ExecuteMultiOperation",
                    "GetSystemInfo",
                    "ListNamespaces",
                    "RespondQueryTaskCompleted",
                ];
                match special.get(usize::from(index % 9)) {
                    Some(method) => format!("{WORKFLOW}/{method}"),
                    None if *index % 9 == 6 => "/grpc.health.v1.Health/Check".to_owned(),
                    None if *index % 9 == 7 => {
                        let admin = "/temporal.server.api.adminservice.v1.AdminService";
                        format!("{admin}/StreamWorkflowReplicationMessages")
                    }
                    None => "/temporal.server.api.adminservice.v1.AdminService/AddedLater".to_owned(),
                }
            }
            Path::Odd(index, how) => {
                let path = listed(index);
                match how % 12 {
                    0 => path + "/",
                    1 => format!("/{path}"),
                    2 => path.to_lowercase(),
                    3 => path + "?x=/y",
                    4 => path.replacen('.', "%2E", 1),
                    5 => path + "/more",
                    6 => path + "%20",
                    7 => path + "Later",
                    8 => path.replace('/', "//"),
                    9 => path + ";x",
                    10 => format!("http://host{path}"),
                    _ => "*".to_owned(),
                }
            }
        }
    }
}

impl Caller {
    /// The values of the token header, and the token that the trusted signer made.
    fn headers(&self) -> (Vec<Vec<u8>>, Option<String>) {
        let good = |subject: &str, permissions: &[(u8, u8)]| {
            let list: Vec<String> = permissions
                .iter()
                .take(8)
                .map(|(name, role)| {
                    let name = NAMES[usize::from(*name) % NAMES.len()];
                    format!("\"{name}:{}\"", ROLES[usize::from(*role) % ROLES.len()])
                })
                .collect();
            format!(r#""sub":"{subject}","permissions":[{}]"#, list.join(","))
        };
        const HEADER: &str = r#"{"alg":"EdDSA","kid":"ed"}"#;
        const REST: &str = r#""iss":"issuer","aud":"temporal","exp":1900000000"#;
        match self {
            Caller::Nobody => (Vec::new(), None),
            Caller::Good { subject, permissions } => {
                let subject = ["alice", "bob", "Zo\u{eb}"][usize::from(*subject) % 3];
                let token = sign(&TRUSTED, HEADER, format!("{{{REST},{}}}", good(subject, permissions)));
                (vec![format!("Bearer {token}").into_bytes()], Some(token))
            }
            Caller::Odd { signed, scheme, header, payload, permissions } => {
                let headers = [
                    HEADER,
                    r#"{"alg":"EdDSA","kid":""}"#,
                    r#"{"alg":"EdDSA"}"#,
                    r#"{"alg":"RS256","kid":"ed"}"#,
                    r#"{"alg":"none","kid":"ed"}"#,
                    r#"{"alg":"EdDSA","kid":"ed","crit":["x"]}"#,
                    r#"{"alg":"EdDSA","kid":"ed","kid":"ed"}"#,
                    r#"{"alg":"EdDSA","kid":"other"}"#,
                ];
                let payloads = [
                    REST,
                    r#""iss":"issuer","aud":"temporal""#,
                    r#""iss":"issuer","aud":"temporal","exp":1"#,
                    r#""iss":"issuer","aud":"temporal","exp":"1900000000""#,
                    r#""iss":"other","aud":["x"],"exp":1900000000"#,
                    r#""exp":1900000000,"nbf":1850000000"#,
                    r#""iss":"issuer","aud":["temporal",1],"exp":1900000000"#,
                    r#""iss":"issuer","aud":"temporal","exp":0"#,
                ];
                let subject = ["", r"a\nb", "temporal", "alice"][usize::from(*payload >> 4) % 4];
                let payload = payloads[usize::from(*payload) % payloads.len()];
                let signer = if *signed { &TRUSTED } else { &STRANGER };
                let header = headers[usize::from(*header) % headers.len()];
                let token = sign(signer, header, format!("{{{payload},{}}}", good(subject, permissions)));
                let scheme =
                    ["Bearer ", "bearer ", "BEARER ", "Bearer  ", "Basic ", "", "Bearer\t"][usize::from(*scheme) % 7];
                (vec![format!("{scheme}{token}").into_bytes()], signed.then_some(token))
            }
            Caller::Header(choice) => {
                let values: &[&[u8]] = match choice % 6 {
                    0 => &[b""],
                    1 => &[b"", b""],
                    2 => &[b"Bearer \xe9"],
                    3 => &[b"Bearer "],
                    4 => &[b" "],
                    _ => &[b"Bearer a.b.c", b"Bearer a.b.c"],
                };
                (values.iter().map(|value| value.to_vec()).collect(), None)
            }
        }
    }
}

impl Peer {
    fn connection(&self) -> Option<ConnectionPeer> {
        let address = ConnectionPeer::new("192.0.2.1:7".parse().ok());
        match self {
            Peer::Unknown => None,
            Peer::Address => Some(address),
            Peer::Certificate(name) => {
                let uri = format!("spiffe://td/{name}");
                Some(address.with_verified_certificate(&Description::of_uris(&[uri.as_bytes()]).der()))
            }
            Peer::BadCertificate => Some(address.with_verified_certificate(b"\x30\x00")),
        }
    }
}

impl Framing {
    fn encoding(&self) -> Option<&'static str> {
        let usual = match self.compression {
            Compressed::Not => None,
            Compressed::Gzip | Compressed::TwoMembers => Some("gzip"),
            Compressed::Zlib => Some("deflate"),
        };
        match self.encoding {
            240.. => None,
            232.. => Some("zstd"),
            224.. => Some("gzip"),
            216.. => Some("GZIP"),
            208.. => Some("deflate"),
            _ => usual,
        }
    }

    fn body(&self, message: &[u8]) -> Vec<u8> {
        let gzip = |part: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(part).expect("memory");
            encoder.finish().expect("memory")
        };
        let mut sent = match self.compression {
            Compressed::Not => message.to_vec(),
            Compressed::Gzip => gzip(message),
            Compressed::TwoMembers => {
                let (one, two) = message.split_at(message.len() / 2);
                [gzip(one), gzip(two)].concat()
            }
            Compressed::Zlib => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(message).expect("memory");
                encoder.finish().expect("memory")
            }
        };
        // Seldom, so that most bodies are whole.
        if self.cut > 240 {
            sent.truncate(sent.len().saturating_sub(usize::from(self.cut - 240)));
        }
        let usual = u8::from(!matches!(self.compression, Compressed::Not));
        let length = if self.length.unsigned_abs() > 120 {
            sent.len() as i64 + i64::from(self.length)
        } else {
            sent.len() as i64
        };
        let length = u32::try_from(length.max(0)).expect("small");
        let flag = self.flag.filter(|flag| *flag < 8).unwrap_or(usual);
        let mut body = [&[flag][..], &length.to_be_bytes(), &sent].concat();
        match self.trailing {
            Some(0) => body.extend_from_slice(b"\0\0\0\0\0"),
            Some(1) => body.truncate(3),
            Some(2) => body.clear(),
            _ => {}
        }
        body
    }
}

/// A body in pieces.
#[derive(Debug)]
pub struct Body {
    rest: VecDeque<Bytes>,
    trailers: bool,
}

impl Body {
    fn new(body: &[u8], framing: &Framing) -> Self {
        let size = if framing.chunk == 0 { body.len().max(1) } else { usize::from(framing.chunk) };
        let mut rest: VecDeque<Bytes> = body.chunks(size).map(Bytes::copy_from_slice).collect();
        if framing.chunk % 7 == 3 {
            rest.insert(rest.len() / 2, Bytes::new());
        }
        Self { rest, trailers: framing.trailers }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let data = self.rest.pop_front().map(http_body::Frame::data);
        let frame = data.or_else(|| {
            let mut trailers = HeaderMap::new();
            trailers.insert("authorization", HeaderValue::from_static("Bearer in-the-trailers"));
            std::mem::take(&mut self.trailers).then(|| http_body::Frame::trailers(trailers))
        });
        std::task::Poll::Ready(frame.map(Ok))
    }
}

/// The value of a binary header, decoded.
pub fn binary(value: &HeaderValue) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD_NO_PAD.decode(value.as_bytes()).ok()
}
