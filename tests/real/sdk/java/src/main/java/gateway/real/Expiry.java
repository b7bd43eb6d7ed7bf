package gateway.real;

import static gateway.real.Check.that;
import static gateway.real.World.unique;

import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.List;

/** A token that expires while a long poll is open. */
final class Expiry {
  /** The poll was authorized, so it may go on; what the worker does with the task is a new call, and refused. */
  static void tokenExpiresInPoll(World world) throws Exception {
    String queue = unique("queue");
    Telemetry seen = new Telemetry(queue);
    try (Connection good = new Connection(Connection.plaintext(world, world.writer()).build(), "good")) {
      // To load the SDK's classes can take as long as the token lives.
      good.serve(unique("another"));
      expires(world, queue, seen, good);
    }
  }

  private static void expires(World world, String queue, Telemetry seen, Connection good) throws Exception {
    String brief = world.token(Duration.ofSeconds(5), World.NAMESPACE + ":write");
    var options = Connection.plaintext(world, brief).setMetricsScope(seen.scope()).build();
    try (Connection expiring = new Connection(options, "expiring")) {
      expiring.serve(queue);
      Thread.sleep(8000);
      seen.unharmed();

      WorkflowStub stub =
          good.client.newUntypedWorkflowStub(
              "Twice",
              Connection.workflow(unique("expires"), queue).setWorkflowTaskTimeout(Duration.ofSeconds(2)).build());
      stub.start(5);
      Check.until(
          "the worker sees its refusal",
          Duration.ofSeconds(10),
          () -> seen.warned("Request unauthorized.") && seen.sum("request_failure ", "PERMISSION_DENIED") > 0);
      Thread.sleep(2000);
      WorkflowExecutionStatus status = stub.describe().getStatus();
      that(
          status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING,
          "with an expired token alone the workflow is " + status);

      good.serve(queue);
      int twice = stub.getResult(Integer.class);
      that(twice == 10, "the second worker's result is " + twice);
      completedOnce(good.client.fetchHistory(stub.getExecution().getWorkflowId()).getEvents());
    }
  }

  private static void completedOnce(List<HistoryEvent> events) {
    for (HistoryEvent event : events) {
      String worker = event.getWorkflowTaskCompletedEventAttributes().getIdentity();
      that(
          event.getEventType() != EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED || worker.equals("good"),
          "a task was completed by " + worker);
    }
    long completed =
        events.stream().filter(e -> e.getEventType() == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED).count();
    that(completed == 1, "it completed " + completed + " times");
  }

  private Expiry() {}
}
