//! The callers of the demo: what each shows, what it calls, and what the gateway has to say.

use std::time::Duration;

use http::uri::PathAndQuery;
use prost::Message;
use temporalio_protos::temporal::api::{
    common::v1::{WorkflowExecution, WorkflowType},
    taskqueue::v1::TaskQueue,
    workflowservice::v1 as api,
};
use tonic::{
    Code, Request, Status,
    client::Grpc,
    metadata::MetadataValue,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};
use tonic_prost::ProstCodec;

use super::{
    issuer::TokenRequest,
    world::{AUDIENCE, World},
};

/// What became of one call.
pub(super) struct Outcome {
    pub(super) call: Call,
    pub(super) verdict: Verdict,
    /// Whether the frontend saw it.
    pub(super) arrived: bool,
}

/// What the caller was told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allow,
    Deny(String),
}

/// One call, and the reason that it has to be denied for.
pub(super) struct Call {
    pub(super) caller: &'static str,
    credential: Credential,
    pub(super) method: &'static str,
    pub(super) namespace: &'static str,
    expected: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Credential {
    Absent,
    Certificate,
    Token(&'static [&'static str]),
    Expired,
    WrongSignature,
    WrongAudience,
}

impl Outcome {
    pub(super) fn caller(&self) -> &str {
        self.call.caller
    }

    /// Allowed and arrived, or denied for the right reason and never arrived.
    pub(super) fn is_right(&self) -> bool {
        match (&self.verdict, self.call.expected) {
            (Verdict::Allow, None) => self.arrived,
            (Verdict::Deny(reason), Some(expected)) => reason == expected && !self.arrived,
            _ => false,
        }
    }
}

/// The calls, in the order in which they are made: one that signals a workflow needs one that started it.
fn calls() -> Vec<Call> {
    use Credential::*;
    const READER: Credential = Token(&["default:read"]);
    const WRITER: Credential = Token(&["default:write"]);
    const WORKER: Credential = Token(&["default:worker"]);
    const ADMIN: Credential = Token(&["default:admin"]);
    const SYSTEM_READER: Credential = Token(&["temporal-system:read"]);
    const SYSTEM_ADMIN: Credential = Token(&["temporal-system:admin"]);
    const STRANGER: Credential = Token(&["payments:write"]);
    let role = Some("insufficient_role");
    [
        ("writer", WRITER, "StartWorkflowExecution", "default", None),
        ("writer", WRITER, "SignalWorkflowExecution", "default", None),
        ("writer", WRITER, "StartWorkflowExecution", "payments", role),
        ("reader", READER, "DescribeWorkflowExecution", "default", None),
        ("reader", READER, "TerminateWorkflowExecution", "default", role),
        ("worker", WORKER, "DescribeNamespace", "default", role),
        ("namespace admin", ADMIN, "TerminateWorkflowExecution", "default", None),
        ("namespace admin", ADMIN, "ListNamespaces", "", role),
        ("system reader", SYSTEM_READER, "ListNamespaces", "", None),
        ("system reader", SYSTEM_READER, "StartWorkflowExecution", "default", role),
        ("system admin", SYSTEM_ADMIN, "RegisterNamespace", "orders", None),
        ("payments writer", STRANGER, "StartWorkflowExecution", "default", role),
        ("client certificate", Certificate, "StartWorkflowExecution", "payments", None),
        ("client certificate", Certificate, "DescribeNamespace", "default", role),
        ("nobody", Absent, "GetSystemInfo", "", None),
        ("nobody", Absent, "DescribeNamespace", "default", Some("missing_credentials")),
        ("expired token", Expired, "DescribeNamespace", "default", Some("expired")),
        ("wrong signature", WrongSignature, "DescribeNamespace", "default", Some("bad_signature")),
        ("wrong audience", WrongAudience, "DescribeNamespace", "default", Some("wrong_audience")),
    ]
    .map(|(caller, credential, method, namespace, expected)| Call { caller, credential, method, namespace, expected })
    .into()
}

/// Makes every call over its own socket.
pub(super) async fn call_all(world: &World) -> anyhow::Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for call in calls() {
        let path = format!("/temporal.api.workflowservice.v1.WorkflowService/{}", call.method);
        let before = world.frontend.calls(&path);
        let answer = make(world, &call, path.parse()?).await?;
        let arrived = world.frontend.calls(&path) > before;
        let verdict = match answer {
            Ok(()) => Verdict::Allow,
            Err(status) => Verdict::Deny(reason(&status)),
        };
        outcomes.push(Outcome { call, verdict, arrived });
    }
    Ok(outcomes)
}

async fn make(world: &World, call: &Call, path: PathAndQuery) -> anyhow::Result<Result<(), Status>> {
    let mut client = Grpc::new(connect(world, call.credential).await?);
    let token = token(world, call.credential)?;
    macro_rules! unary {
        ($request:expr, $response:ty) => {{
            let mut request = Request::new($request);
            if let Some(token) = token {
                request.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Bearer {token}"))?);
            }
            client.ready().await?;
            client.unary(request, path, ProstCodec::<_, $response>::default()).await.map(|_| ())
        }};
    }
    let namespace = call.namespace.to_owned();
    let workflow = WorkflowExecution { workflow_id: "order-1".into(), ..Default::default() };
    Ok(match call.method {
        "StartWorkflowExecution" => unary!(start(namespace), api::StartWorkflowExecutionResponse),
        "SignalWorkflowExecution" => unary!(
            api::SignalWorkflowExecutionRequest {
                namespace,
                workflow_execution: Some(workflow),
                signal_name: "paid".into(),
                ..Default::default()
            },
            api::SignalWorkflowExecutionResponse
        ),
        "DescribeWorkflowExecution" => unary!(
            api::DescribeWorkflowExecutionRequest { namespace, execution: Some(workflow) },
            api::DescribeWorkflowExecutionResponse
        ),
        "TerminateWorkflowExecution" => unary!(
            api::TerminateWorkflowExecutionRequest {
                namespace,
                workflow_execution: Some(workflow),
                ..Default::default()
            },
            api::TerminateWorkflowExecutionResponse
        ),
        "DescribeNamespace" => {
            unary!(api::DescribeNamespaceRequest { namespace, ..Default::default() }, api::DescribeNamespaceResponse)
        }
        "ListNamespaces" => unary!(api::ListNamespacesRequest::default(), api::ListNamespacesResponse),
        "RegisterNamespace" => unary!(
            api::RegisterNamespaceRequest {
                namespace,
                workflow_execution_retention_period: Some(Duration::from_secs(86_400).try_into()?),
                ..Default::default()
            },
            api::RegisterNamespaceResponse
        ),
        "GetSystemInfo" => unary!(api::GetSystemInfoRequest {}, api::GetSystemInfoResponse),
        other => anyhow::bail!("the demo cannot call {other}"),
    })
}

fn start(namespace: String) -> api::StartWorkflowExecutionRequest {
    api::StartWorkflowExecutionRequest {
        namespace,
        workflow_id: "order-1".into(),
        workflow_type: Some(WorkflowType { name: "Order".into() }),
        task_queue: Some(TaskQueue { name: "orders".into(), ..Default::default() }),
        request_id: "demo".into(),
        ..Default::default()
    }
}

async fn connect(world: &World, credential: Credential) -> anyhow::Result<Channel> {
    let Credential::Certificate = credential else {
        return Ok(Endpoint::from_shared(format!("http://{}", world.plaintext))?.connect().await?);
    };
    let client = world.pki.client();
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(world.pki.ca()))
        .identity(Identity::from_pem(&client.certificate, &client.key));
    Ok(Endpoint::from_shared(format!("https://{}", world.mutual_tls))?.tls_config(tls)?.connect().await?)
}

fn token(world: &World, credential: Credential) -> anyhow::Result<Option<String>> {
    let request = |audience| TokenRequest::new("demo", ["default:admin"]).audience(audience);
    Ok(match credential {
        Credential::Absent | Credential::Certificate => None,
        Credential::Token(permissions) => Some(world.token("demo", permissions)?),
        Credential::Expired => Some(world.issuer.token(&request(AUDIENCE).lifetime(-60))?),
        Credential::WrongSignature => Some(world.issuer.wrong_signature_token(&request(AUDIENCE))?),
        Credential::WrongAudience => Some(world.issuer.token(&request("billing"))?),
    })
}

/// The reason code, which the demo's layer puts into the status details; without one, whatever the status says.
fn reason(status: &Status) -> String {
    let told = RpcStatus::decode(status.details())
        .ok()
        .and_then(|details| details.details.into_iter().next())
        .and_then(|detail| PermissionDeniedFailure::decode(&detail.value[..]).ok())
        .map(|failure| failure.reason);
    match told {
        Some(reason) if status.code() == Code::PermissionDenied && !reason.is_empty() => reason,
        _ => format!("{:?}: {}", status.code(), status.message()),
    }
}

#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(message, repeated, tag = "3")]
    details: Vec<Detail>,
}

#[derive(Clone, PartialEq, Message)]
struct Detail {
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct PermissionDeniedFailure {
    #[prost(string, tag = "1")]
    reason: String,
}
