//! A call, down to its bytes.

/// A call with any header list and any body.
#[derive(Clone)]
pub struct Call {
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
    pub trailers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Bytes in a DATA frame.
    pub chunk: usize,
}

pub const START: &str = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
pub const LIST_NAMESPACES: &str = "/temporal.api.workflowservice.v1.WorkflowService/ListNamespaces";
pub const SYSTEM_INFO: &str = "/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo";
pub const HEALTH: &str = "/grpc.health.v1.Health/Check";
pub const REPLICATION: &str = "/temporal.server.api.adminservice.v1.AdminService/StreamWorkflowReplicationMessages";

pub fn workflow(method: &str) -> String {
    format!("/temporal.api.workflowservice.v1.WorkflowService/{method}")
}

impl Call {
    /// A gRPC call with one empty message and no credentials.
    pub fn to(path: impl AsRef<[u8]>) -> Self {
        let fields = [
            (&b":method"[..], &b"POST"[..]),
            (b":scheme", b"http"),
            (b":path", path.as_ref()),
            (b":authority", b"gateway.example"),
            (b"content-type", b"application/grpc"),
            (b"te", b"trailers"),
        ];
        let fields = fields.map(|(name, value)| (name.to_vec(), value.to_vec())).to_vec();
        Self { fields, body: framed(0, b""), trailers: Vec::new(), chunk: 16_384 }
    }

    /// Starts a workflow in a namespace.
    pub fn start(namespace: &str) -> Self {
        Self::to(START).message(&field(1, namespace.as_bytes()))
    }

    pub fn token(self, token: &str) -> Self {
        self.field("authorization", format!("Bearer {token}"))
    }

    /// One more header.
    pub fn field(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.fields.push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(other, _)| other != name.as_bytes());
        self
    }

    /// Another value of a header that is there.
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        for (other, old) in &mut self.fields {
            if other == name.as_bytes() {
                *old = value.as_ref().to_vec();
            }
        }
        self
    }

    pub fn message(self, message: &[u8]) -> Self {
        self.body(framed(0, message))
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn trailer(mut self, name: &str, value: &str) -> Self {
        self.trailers.push((name.into(), value.into()));
        self
    }

    pub fn in_chunks_of(mut self, bytes: usize) -> Self {
        self.chunk = bytes;
        self
    }
}

/// A gRPC message with its prefix.
pub fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flag], &length[..], message].concat()
}

/// A field of bytes in protobuf.
pub fn field(number: u32, value: &[u8]) -> Vec<u8> {
    [varint(u64::from(number) << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// A field of a number in protobuf.
pub fn number(field: u32, value: u64) -> Vec<u8> {
    [varint(u64::from(field) << 3), varint(value)].concat()
}

pub fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 128 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
