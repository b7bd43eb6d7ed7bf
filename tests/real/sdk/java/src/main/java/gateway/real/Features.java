package gateway.real;

import static gateway.real.Check.that;
import static gateway.real.World.unique;

import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.authorization.AuthorizationGrpcMetadataProvider;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.failure.CanceledFailure;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.time.Duration;

/** What workflows can do, with a token that may write. */
final class Features {
  static void workflow(World world) throws Exception {
    try (Connection c = new Connection(Connection.plaintext(world, world.writer()).build())) {
      String queue = unique("queue");
      c.serve(queue);
      Workflows.Everything everything =
          c.client.newWorkflowStub(Workflows.Everything.class, Connection.workflow(unique("everything"), queue).build());
      WorkflowClient.start(everything::run, "gateway");
      Check.until("query stage", Duration.ofSeconds(20), () -> everything.stage().equals("waiting"));
      that(refusesUpdate(everything), "the update's validator was not asked");
      int total = everything.add(3);
      that(total == 3, "the update answered " + total);
      everything.finish("enough");
      Workflows.Outcome outcome = WorkflowStub.fromTyped(everything).getResult(Workflows.Outcome.class);
      Workflows.Outcome want = new Workflows.Outcome("hello gateway", true, 42, "enough", 3);
      that(outcome.equals(want), "the workflow returned " + outcome + " instead of " + want);
    }
  }

  private static boolean refusesUpdate(Workflows.Everything everything) {
    try {
      everything.add(-1);
      return false;
    } catch (WorkflowUpdateException refused) {
      return true;
    }
  }

  /** Uses the metadata provider, the SDK's older way for tokens. */
  static void cancel(World world) {
    String token = world.writer();
    WorkflowServiceStubsOptions options =
        Connection.plaintext(world)
            .addGrpcMetadataProvider(new AuthorizationGrpcMetadataProvider(() -> "Bearer " + token))
            .build();
    try (Connection c = new Connection(options)) {
      String queue = unique("queue");
      c.serve(queue);
      WorkflowStub forever = c.client.newUntypedWorkflowStub("Forever", Connection.workflow(unique("cancel"), queue).build());
      forever.start();
      forever.cancel();
      try {
        forever.getResult(Void.class);
        throw new AssertionError("it ended without an exception");
      } catch (WorkflowFailedException failed) {
        that(failed.getCause() instanceof CanceledFailure, "it ended with " + failed.getCause());
      }
      WorkflowExecutionStatus status = forever.describe().getStatus();
      that(status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED, "its status is " + status);
    }
  }

  private Features() {}
}
