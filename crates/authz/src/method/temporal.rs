//! The methods of Temporal's frontend, as data.
//!
//! Server 1.32.1: scope and access from its method metadata, field numbers from its descriptors. One row a method:
//! `at` is the field number of the request's `namespace`, `token` that of its `task_token`.

use super::{Access, Embedded, MethodInfo, Scope};

macro_rules! row {
    ($service:literal, $package:literal, $name:ident, $scope:ident, $access:ident) => {
        MethodInfo::row(
            concat!("/", $service, "/", stringify!($name)),
            Scope::$scope,
            Access::$access,
            Some(concat!($package, ".", stringify!($name), "Request")),
        )
    };
}

macro_rules! workflow {
    ($name:ident, $scope:ident, $access:ident) => {
        row!(
            "temporal.api.workflowservice.v1.WorkflowService",
            "temporal.api.workflowservice.v1",
            $name,
            $scope,
            $access
        )
    };
}

macro_rules! operator {
    ($name:ident, $scope:ident, $access:ident) => {
        row!(
            "temporal.api.operatorservice.v1.OperatorService",
            "temporal.api.operatorservice.v1",
            $name,
            $scope,
            $access
        )
    };
}

macro_rules! admin {
    ($name:ident) => {
        row!(
            "temporal.server.api.adminservice.v1.AdminService",
            "temporal.server.api.adminservice.v1",
            $name,
            Cluster,
            Admin
        )
    };
}

// Names that Temporal's HTTP handlers authorize under; no gRPC service has them.
macro_rules! nexus {
    ($name:ident) => {
        MethodInfo::row(
            concat!("/temporal.api.nexusservice.v1.NexusService/", stringify!($name)),
            Scope::Namespace,
            Access::Write,
            None,
        )
    };
}

macro_rules! health {
    ($name:ident) => {
        MethodInfo::row(
            concat!("/grpc.health.v1.Health/", stringify!($name)),
            Scope::Unknown,
            Access::Admin,
            Some("grpc.health.v1.HealthCheckRequest"),
        )
    };
}

/// Every method that Temporal's metadata or descriptors name.
#[rustfmt::skip]
pub(super) static TEMPORAL: &[MethodInfo] = &[
    workflow!(CountActivityExecutions, Namespace, ReadOnly).at(1),
    workflow!(CountNexusOperationExecutions, Namespace, ReadOnly).at(1),
    workflow!(CountSchedules, Namespace, ReadOnly).at(1),
    workflow!(CountWorkers, Namespace, ReadOnly).at(1),
    workflow!(CountWorkflowExecutions, Namespace, ReadOnly).at(1),
    workflow!(CreateSchedule, Namespace, Write).at(1),
    workflow!(CreateWorkerDeployment, Namespace, Write).at(1),
    workflow!(CreateWorkerDeploymentVersion, Namespace, Write).at(1),
    workflow!(CreateWorkflowRule, Namespace, Write).at(1),
    workflow!(DeleteActivityExecution, Namespace, Write).at(1),
    workflow!(DeleteNexusOperationExecution, Namespace, Write).at(1),
    workflow!(DeleteSchedule, Namespace, Write).at(1),
    workflow!(DeleteWorkerDeployment, Namespace, Write).at(1),
    workflow!(DeleteWorkerDeploymentVersion, Namespace, Write).at(1),
    workflow!(DeleteWorkflowExecution, Namespace, Write).at(1),
    workflow!(DeleteWorkflowRule, Namespace, Write).at(1),
    workflow!(DeprecateNamespace, Namespace, Admin).at(1),
    workflow!(DescribeActivityExecution, Namespace, ReadOnly).at(1),
    workflow!(DescribeBatchOperation, Namespace, ReadOnly).at(1),
    workflow!(DescribeDeployment, Namespace, ReadOnly).at(1),
    workflow!(DescribeNamespace, Namespace, ReadOnly).at(1).embeds(Embedded::Id),
    workflow!(DescribeNexusOperationExecution, Namespace, ReadOnly).at(1),
    workflow!(DescribeSchedule, Namespace, ReadOnly).at(1),
    workflow!(DescribeTaskQueue, Namespace, ReadOnly).at(1),
    workflow!(DescribeWorker, Namespace, ReadOnly).at(1),
    workflow!(DescribeWorkerDeployment, Namespace, ReadOnly).at(1),
    workflow!(DescribeWorkerDeploymentVersion, Namespace, ReadOnly).at(1),
    workflow!(DescribeWorkflowExecution, Namespace, ReadOnly).at(1),
    workflow!(DescribeWorkflowRule, Namespace, ReadOnly).at(1),
    workflow!(ExecuteMultiOperation, Namespace, Write).at(1).embeds(Embedded::Operations),
    workflow!(FetchWorkerConfig, Namespace, ReadOnly).at(1),
    workflow!(GetClusterInfo, Cluster, ReadOnly),
    workflow!(GetCurrentDeployment, Namespace, ReadOnly).at(1),
    workflow!(GetDeploymentReachability, Namespace, ReadOnly).at(1),
    workflow!(GetSearchAttributes, Cluster, ReadOnly),
    workflow!(GetSystemInfo, Cluster, ReadOnly),
    workflow!(GetWorkerBuildIdCompatibility, Namespace, ReadOnly).at(1),
    workflow!(GetWorkerTaskReachability, Namespace, ReadOnly).at(1),
    workflow!(GetWorkerVersioningRules, Namespace, ReadOnly).at(1),
    workflow!(GetWorkflowExecutionHistory, Namespace, ReadOnly).at(1),
    workflow!(GetWorkflowExecutionHistoryReverse, Namespace, ReadOnly).at(1),
    workflow!(ListActivityExecutions, Namespace, ReadOnly).at(1),
    workflow!(ListArchivedWorkflowExecutions, Namespace, ReadOnly).at(1),
    workflow!(ListBatchOperations, Namespace, ReadOnly).at(1),
    workflow!(ListClosedWorkflowExecutions, Namespace, ReadOnly).at(1),
    workflow!(ListDeployments, Namespace, ReadOnly).at(1),
    workflow!(ListNamespaces, Cluster, ReadOnly),
    workflow!(ListNexusOperationExecutions, Namespace, ReadOnly).at(1),
    workflow!(ListOpenWorkflowExecutions, Namespace, ReadOnly).at(1),
    workflow!(ListScheduleMatchingTimes, Namespace, ReadOnly).at(1),
    workflow!(ListSchedules, Namespace, ReadOnly).at(1),
    workflow!(ListTaskQueuePartitions, Namespace, ReadOnly).at(1),
    workflow!(ListWorkerDeployments, Namespace, ReadOnly).at(1),
    workflow!(ListWorkers, Namespace, ReadOnly).at(1),
    workflow!(ListWorkflowExecutions, Namespace, ReadOnly).at(1),
    workflow!(ListWorkflowRules, Namespace, ReadOnly).at(1),
    workflow!(PatchSchedule, Namespace, Write).at(1),
    workflow!(PauseActivity, Namespace, Write).at(1),
    workflow!(PauseActivityExecution, Namespace, Write).at(1),
    workflow!(PauseWorkflowExecution, Namespace, Write).at(1),
    workflow!(PollActivityExecution, Namespace, ReadOnly).at(1),
    workflow!(PollActivityTaskQueue, Namespace, Write).at(1),
    workflow!(PollNexusOperationExecution, Namespace, ReadOnly).at(1),
    workflow!(PollNexusTaskQueue, Namespace, Write).at(1),
    workflow!(PollWorkflowExecutionTimeSkipping, Namespace, ReadOnly).at(1),
    workflow!(PollWorkflowExecutionUpdate, Namespace, ReadOnly).at(1),
    workflow!(PollWorkflowTaskQueue, Namespace, Write).at(1),
    workflow!(QueryWorkflow, Namespace, ReadOnly).at(1),
    workflow!(RecordActivityTaskHeartbeat, Namespace, Write).at(4).token(1),
    workflow!(RecordActivityTaskHeartbeatById, Namespace, Write).at(1),
    workflow!(RecordWorkerHeartbeat, Namespace, Write).at(1),
    workflow!(RegisterNamespace, Namespace, Admin).at(1),
    workflow!(RequestCancelActivityExecution, Namespace, Write).at(1),
    workflow!(RequestCancelNexusOperationExecution, Namespace, Write).at(1),
    workflow!(RequestCancelWorkflowExecution, Namespace, Write).at(1),
    workflow!(ResetActivity, Namespace, Write).at(1),
    workflow!(ResetActivityExecution, Namespace, Write).at(1),
    workflow!(ResetStickyTaskQueue, Namespace, Write).at(1),
    workflow!(ResetWorkflowExecution, Namespace, Write).at(1),
    workflow!(RespondActivityTaskCanceled, Namespace, Write).at(4).token(1),
    workflow!(RespondActivityTaskCanceledById, Namespace, Write).at(1),
    workflow!(RespondActivityTaskCompleted, Namespace, Write).at(4).token(1),
    workflow!(RespondActivityTaskCompletedById, Namespace, Write).at(1),
    workflow!(RespondActivityTaskFailed, Namespace, Write).at(4).token(1),
    workflow!(RespondActivityTaskFailedById, Namespace, Write).at(1),
    workflow!(RespondNexusTaskCompleted, Namespace, Write).at(1).token(3),
    workflow!(RespondNexusTaskFailed, Namespace, Write).at(1).token(3),
    workflow!(RespondQueryTaskCompleted, Namespace, Write).at(6).token(1),
    workflow!(RespondWorkflowTaskCompleted, Namespace, Write).at(9).token(1).embeds(Embedded::Commands),
    workflow!(RespondWorkflowTaskFailed, Namespace, Write).at(6).token(1),
    workflow!(ScanWorkflowExecutions, Namespace, ReadOnly).at(1),
    workflow!(SetCurrentDeployment, Namespace, Write).at(1),
    workflow!(SetWorkerDeploymentCurrentVersion, Namespace, Write).at(1),
    workflow!(SetWorkerDeploymentManager, Namespace, Write).at(1),
    workflow!(SetWorkerDeploymentRampingVersion, Namespace, Write).at(1),
    workflow!(ShutdownWorker, Namespace, Write).at(1),
    workflow!(SignalWithStartWorkflowExecution, Namespace, Write).at(1),
    workflow!(SignalWorkflowExecution, Namespace, Write).at(1),
    workflow!(StartActivityExecution, Namespace, Write).at(1),
    workflow!(StartBatchOperation, Namespace, Write).at(1),
    workflow!(StartNexusOperationExecution, Namespace, Write).at(1),
    workflow!(StartWorkflowExecution, Namespace, Write).at(1),
    workflow!(StopBatchOperation, Namespace, Write).at(1),
    workflow!(TerminateActivityExecution, Namespace, Write).at(1),
    workflow!(TerminateNexusOperationExecution, Namespace, Write).at(1),
    workflow!(TerminateWorkflowExecution, Namespace, Write).at(1),
    workflow!(TriggerWorkflowRule, Namespace, Write).at(1),
    workflow!(UnpauseActivity, Namespace, Write).at(1),
    workflow!(UnpauseActivityExecution, Namespace, Write).at(1),
    workflow!(UnpauseWorkflowExecution, Namespace, Write).at(1),
    workflow!(UpdateActivityExecutionOptions, Namespace, Write).at(1),
    workflow!(UpdateActivityOptions, Namespace, Write).at(1),
    workflow!(UpdateNamespace, Namespace, Admin).at(1),
    workflow!(UpdateSchedule, Namespace, Write).at(1),
    workflow!(UpdateTaskQueueConfig, Namespace, Write).at(1),
    workflow!(UpdateWorkerBuildIdCompatibility, Namespace, Write).at(1),
    workflow!(UpdateWorkerConfig, Namespace, Write).at(1),
    workflow!(UpdateWorkerDeploymentVersionComputeConfig, Namespace, Write).at(1),
    workflow!(UpdateWorkerDeploymentVersionMetadata, Namespace, Write).at(1),
    workflow!(UpdateWorkerVersioningRules, Namespace, Write).at(1),
    workflow!(UpdateWorkflowExecution, Namespace, Write).at(1),
    workflow!(UpdateWorkflowExecutionOptions, Namespace, Write).at(1),
    workflow!(ValidateWorkerDeploymentVersionComputeConfig, Namespace, ReadOnly).at(1),

    operator!(AddOrUpdateRemoteCluster, Cluster, Admin),
    operator!(AddSearchAttributes, Namespace, Admin).at(2),
    operator!(CreateNexusEndpoint, Cluster, Admin),
    operator!(DeleteNamespace, Namespace, Admin).at(1).embeds(Embedded::Id),
    operator!(DeleteNexusEndpoint, Cluster, Admin),
    operator!(GetNexusEndpoint, Cluster, Admin),
    operator!(ListClusters, Cluster, Admin),
    operator!(ListNexusEndpoints, Cluster, Admin),
    operator!(ListSearchAttributes, Namespace, ReadOnly).at(1),
    operator!(RemoveRemoteCluster, Cluster, Admin),
    operator!(RemoveSearchAttributes, Namespace, Admin).at(2),
    operator!(UpdateNexusEndpoint, Cluster, Admin),

    nexus!(CompleteNexusOperation),
    nexus!(CompleteNexusOperationChasm),
    nexus!(DispatchByEndpoint),
    nexus!(DispatchByNamespaceAndTaskQueue),
    nexus!(DispatchNexusTask),

    admin!(RebuildMutableState).at(1),
    admin!(ImportWorkflowExecution).at(1),
    admin!(DescribeMutableState).at(1),
    admin!(DescribeHistoryHost).at(3),
    admin!(GetShard),
    admin!(CloseShard),
    admin!(ListHistoryTasks),
    admin!(RemoveTask),
    admin!(GetWorkflowExecutionRawHistoryV2),
    admin!(GetWorkflowExecutionRawHistory),
    admin!(GetReplicationMessages),
    admin!(GetNamespaceReplicationMessages),
    admin!(GetDLQReplicationMessages),
    admin!(ReapplyEvents),
    admin!(AddSearchAttributes).at(4),
    admin!(RemoveSearchAttributes).at(3),
    admin!(GetSearchAttributes).at(2),
    admin!(DescribeCluster),
    admin!(ListClusters),
    admin!(ListClusterMembers),
    admin!(AddOrUpdateRemoteCluster),
    admin!(RemoveRemoteCluster),
    admin!(GetDLQMessages),
    admin!(PurgeDLQMessages),
    admin!(MergeDLQMessages),
    admin!(RefreshWorkflowTasks),
    admin!(StartAdminBatchOperation).at(1),
    admin!(ResendReplicationTasks),
    admin!(GetTaskQueueTasks).at(1),
    admin!(DeleteWorkflowExecution).at(1),
    admin!(StreamWorkflowReplicationMessages).streams(),
    admin!(GetNamespace).at(1),
    admin!(GetDLQTasks),
    admin!(PurgeDLQTasks),
    admin!(MergeDLQTasks),
    admin!(DescribeDLQJob),
    admin!(CancelDLQJob),
    admin!(AddTasks),
    admin!(ListQueues),
    admin!(DeepHealthCheck),
    admin!(SyncWorkflowState),
    admin!(GenerateLastHistoryReplicationTasks).at(1),
    admin!(DescribeTaskQueuePartition).at(1),
    admin!(ForceUnloadTaskQueuePartition).at(1),
    admin!(GetTaskQueueUserData).at(1),
    admin!(MigrateSchedule).at(1),

    health!(Check),
    health!(Watch).streams(),
];
