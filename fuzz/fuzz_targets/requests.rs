//! Every request of Temporal's that has a namespace, decoded whole by prost. Those that the oracle knows are not repeated.

use prost::Message as _;
use temporalio_protos::temporal::api::{operatorservice::v1 as operator, workflowservice::v1 as workflow};

/// What a handler finds in the namespace of a request; `None` for what does not decode.
pub type Handler = fn(&[u8]) -> Option<String>;

/// A method, and its handler.
pub type Request = (&'static str, Handler);

macro_rules! requests {
    ($service:literal, $package:ident, $($method:ident $request:ident),+) => {
        &[$((concat!($service, stringify!($method)), |message| {
            $package::$request::decode(message).ok().map(|request| request.namespace)
        })),+]
    };
}

#[rustfmt::skip]
pub const WORKFLOW: &[Request] = requests!["/temporal.api.workflowservice.v1.WorkflowService/", workflow,
    CountActivityExecutions CountActivityExecutionsRequest,
    CountNexusOperationExecutions CountNexusOperationExecutionsRequest, CountSchedules CountSchedulesRequest,
    CountWorkers CountWorkersRequest, CountWorkflowExecutions CountWorkflowExecutionsRequest,
    CreateSchedule CreateScheduleRequest, CreateWorkerDeployment CreateWorkerDeploymentRequest,
    CreateWorkerDeploymentVersion CreateWorkerDeploymentVersionRequest, CreateWorkflowRule CreateWorkflowRuleRequest,
    DeleteActivityExecution DeleteActivityExecutionRequest,
    DeleteNexusOperationExecution DeleteNexusOperationExecutionRequest, DeleteSchedule DeleteScheduleRequest,
    DeleteWorkerDeployment DeleteWorkerDeploymentRequest,
    DeleteWorkerDeploymentVersion DeleteWorkerDeploymentVersionRequest,
    DeleteWorkflowExecution DeleteWorkflowExecutionRequest, DeleteWorkflowRule DeleteWorkflowRuleRequest,
    DeprecateNamespace DeprecateNamespaceRequest, DescribeActivityExecution DescribeActivityExecutionRequest,
    DescribeBatchOperation DescribeBatchOperationRequest, DescribeDeployment DescribeDeploymentRequest,
    DescribeNamespace DescribeNamespaceRequest,
    DescribeNexusOperationExecution DescribeNexusOperationExecutionRequest, DescribeSchedule DescribeScheduleRequest,
    DescribeTaskQueue DescribeTaskQueueRequest, DescribeWorker DescribeWorkerRequest,
    DescribeWorkerDeployment DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentVersion DescribeWorkerDeploymentVersionRequest,
    DescribeWorkflowExecution DescribeWorkflowExecutionRequest, DescribeWorkflowRule DescribeWorkflowRuleRequest,
    FetchWorkerConfig FetchWorkerConfigRequest, GetCurrentDeployment GetCurrentDeploymentRequest,
    GetDeploymentReachability GetDeploymentReachabilityRequest,
    GetWorkerBuildIdCompatibility GetWorkerBuildIdCompatibilityRequest,
    GetWorkerTaskReachability GetWorkerTaskReachabilityRequest,
    GetWorkerVersioningRules GetWorkerVersioningRulesRequest,
    GetWorkflowExecutionHistory GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryReverse GetWorkflowExecutionHistoryReverseRequest,
    ListActivityExecutions ListActivityExecutionsRequest,
    ListArchivedWorkflowExecutions ListArchivedWorkflowExecutionsRequest,
    ListBatchOperations ListBatchOperationsRequest, ListClosedWorkflowExecutions ListClosedWorkflowExecutionsRequest,
    ListDeployments ListDeploymentsRequest, ListNexusOperationExecutions ListNexusOperationExecutionsRequest,
    ListOpenWorkflowExecutions ListOpenWorkflowExecutionsRequest,
    ListScheduleMatchingTimes ListScheduleMatchingTimesRequest, ListSchedules ListSchedulesRequest,
    ListTaskQueuePartitions ListTaskQueuePartitionsRequest, ListWorkerDeployments ListWorkerDeploymentsRequest,
    ListWorkers ListWorkersRequest, ListWorkflowExecutions ListWorkflowExecutionsRequest,
    ListWorkflowRules ListWorkflowRulesRequest, PatchSchedule PatchScheduleRequest,
    PauseActivity PauseActivityRequest, PauseActivityExecution PauseActivityExecutionRequest,
    PauseWorkflowExecution PauseWorkflowExecutionRequest, PollActivityExecution PollActivityExecutionRequest,
    PollActivityTaskQueue PollActivityTaskQueueRequest,
    PollNexusOperationExecution PollNexusOperationExecutionRequest, PollNexusTaskQueue PollNexusTaskQueueRequest,
    PollWorkflowExecutionTimeSkipping PollWorkflowExecutionTimeSkippingRequest,
    PollWorkflowExecutionUpdate PollWorkflowExecutionUpdateRequest,
    PollWorkflowTaskQueue PollWorkflowTaskQueueRequest, QueryWorkflow QueryWorkflowRequest,
    RecordActivityTaskHeartbeat RecordActivityTaskHeartbeatRequest,
    RecordActivityTaskHeartbeatById RecordActivityTaskHeartbeatByIdRequest,
    RecordWorkerHeartbeat RecordWorkerHeartbeatRequest, RegisterNamespace RegisterNamespaceRequest,
    RequestCancelActivityExecution RequestCancelActivityExecutionRequest,
    RequestCancelNexusOperationExecution RequestCancelNexusOperationExecutionRequest,
    RequestCancelWorkflowExecution RequestCancelWorkflowExecutionRequest, ResetActivity ResetActivityRequest,
    ResetActivityExecution ResetActivityExecutionRequest, ResetStickyTaskQueue ResetStickyTaskQueueRequest,
    ResetWorkflowExecution ResetWorkflowExecutionRequest,
    RespondActivityTaskCanceled RespondActivityTaskCanceledRequest,
    RespondActivityTaskCanceledById RespondActivityTaskCanceledByIdRequest,
    RespondActivityTaskCompletedById RespondActivityTaskCompletedByIdRequest,
    RespondActivityTaskFailed RespondActivityTaskFailedRequest,
    RespondActivityTaskFailedById RespondActivityTaskFailedByIdRequest,
    RespondNexusTaskCompleted RespondNexusTaskCompletedRequest, RespondNexusTaskFailed RespondNexusTaskFailedRequest,
    RespondWorkflowTaskFailed RespondWorkflowTaskFailedRequest, ScanWorkflowExecutions ScanWorkflowExecutionsRequest,
    SetCurrentDeployment SetCurrentDeploymentRequest,
    SetWorkerDeploymentCurrentVersion SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentManager SetWorkerDeploymentManagerRequest,
    SetWorkerDeploymentRampingVersion SetWorkerDeploymentRampingVersionRequest, ShutdownWorker ShutdownWorkerRequest,
    SignalWithStartWorkflowExecution SignalWithStartWorkflowExecutionRequest,
    SignalWorkflowExecution SignalWorkflowExecutionRequest, StartActivityExecution StartActivityExecutionRequest,
    StartBatchOperation StartBatchOperationRequest, StartNexusOperationExecution StartNexusOperationExecutionRequest,
    StopBatchOperation StopBatchOperationRequest, TerminateActivityExecution TerminateActivityExecutionRequest,
    TerminateNexusOperationExecution TerminateNexusOperationExecutionRequest,
    TerminateWorkflowExecution TerminateWorkflowExecutionRequest, TriggerWorkflowRule TriggerWorkflowRuleRequest,
    UnpauseActivity UnpauseActivityRequest, UnpauseActivityExecution UnpauseActivityExecutionRequest,
    UnpauseWorkflowExecution UnpauseWorkflowExecutionRequest,
    UpdateActivityExecutionOptions UpdateActivityExecutionOptionsRequest,
    UpdateActivityOptions UpdateActivityOptionsRequest, UpdateNamespace UpdateNamespaceRequest,
    UpdateSchedule UpdateScheduleRequest, UpdateTaskQueueConfig UpdateTaskQueueConfigRequest,
    UpdateWorkerBuildIdCompatibility UpdateWorkerBuildIdCompatibilityRequest,
    UpdateWorkerConfig UpdateWorkerConfigRequest,
    UpdateWorkerDeploymentVersionComputeConfig UpdateWorkerDeploymentVersionComputeConfigRequest,
    UpdateWorkerDeploymentVersionMetadata UpdateWorkerDeploymentVersionMetadataRequest,
    UpdateWorkerVersioningRules UpdateWorkerVersioningRulesRequest,
    UpdateWorkflowExecution UpdateWorkflowExecutionRequest,
    UpdateWorkflowExecutionOptions UpdateWorkflowExecutionOptionsRequest,
    ValidateWorkerDeploymentVersionComputeConfig ValidateWorkerDeploymentVersionComputeConfigRequest
];

#[rustfmt::skip]
pub const OPERATOR: &[Request] = requests!["/temporal.api.operatorservice.v1.OperatorService/", operator,
    DeleteNamespace DeleteNamespaceRequest, ListSearchAttributes ListSearchAttributesRequest,
    RemoveSearchAttributes RemoveSearchAttributesRequest
];
