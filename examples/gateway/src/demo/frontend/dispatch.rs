//! From path to handler: one line a method.

use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use tonic::Status;

use super::{
    Frontend, system,
    wire::{decode, encode},
    world::World,
};

/// Answers one call: the framed answer, or the status to refuse it with. `timeout` is the caller's own.
pub(super) async fn dispatch(
    frontend: &Frontend,
    path: &str,
    message: Bytes,
    timeout: Option<Duration>,
) -> Result<Bytes, Status> {
    let (service, method) = path
        .strip_prefix('/')
        .and_then(|path| path.rsplit_once('/'))
        .ok_or_else(|| Status::unimplemented("malformed method name"))?;
    match service {
        "temporal.api.workflowservice.v1.WorkflowService" => workflow_service(frontend, method, message, timeout).await,
        "grpc.health.v1.Health" if method == "Check" => encode(&system::health(&decode(message)?)?),
        _ => Err(unknown(service, method)),
    }
}

async fn workflow_service(
    frontend: &Frontend,
    method: &str,
    message: Bytes,
    timeout: Option<Duration>,
) -> Result<Bytes, Status> {
    let call = Call { frontend, message };
    match method {
        "CountWorkflowExecutions" => call.read(World::count_executions),
        "DescribeNamespace" => call.read(World::describe_namespace),
        "DescribeWorkflowExecution" => call.read(World::describe_execution),
        "GetClusterInfo" => call.read(|_, request| Ok(system::cluster_info(&request))),
        "GetSystemInfo" => call.read(|_, request| Ok(system::system_info(&request))),
        "GetWorkflowExecutionHistory" => encode(&frontend.history(decode(call.message)?, timeout).await?),
        "ListNamespaces" => call.read(World::list_namespaces),
        "ListWorkflowExecutions" => call.read(World::list_executions),
        "PollWorkflowTaskQueue" => encode(&frontend.poll_workflow_task(decode(call.message)?, timeout).await?),
        "RegisterNamespace" => call.change(World::register_namespace),
        "RequestCancelWorkflowExecution" => call.change(World::request_cancel),
        "SignalWorkflowExecution" => call.change(World::signal),
        "StartWorkflowExecution" => call.change(World::start),
        "TerminateWorkflowExecution" => call.change(World::terminate),
        _ => Err(unknown("temporal.api.workflowservice.v1.WorkflowService", method)),
    }
}

/// A call on its way to its handler.
struct Call<'a> {
    frontend: &'a Frontend,
    message: Bytes,
}

impl Call<'_> {
    fn read<Q: Message + Default, A: Message>(
        self,
        handler: impl FnOnce(&World, Q) -> Result<A, Status>,
    ) -> Result<Bytes, Status> {
        let request = decode(self.message)?;
        encode(&handler(&self.frontend.world(), request)?)
    }

    fn change<Q: Message + Default, A: Message>(
        self,
        handler: impl FnOnce(&mut World, Q) -> Result<A, Status>,
    ) -> Result<Bytes, Status> {
        let request = decode(self.message)?;
        encode(&self.frontend.change(|world| handler(world, request))?)
    }
}

/// grpc-go's wording for a method that a server does not have.
fn unknown(service: &str, method: &str) -> Status {
    Status::unimplemented(format!("unknown method {method} for service {service}"))
}
