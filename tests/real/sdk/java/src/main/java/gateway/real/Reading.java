package gateway.real;

import static gateway.real.Check.that;
import static gateway.real.World.unique;

import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import java.time.Duration;
import java.util.List;

/** What a token that may only read is good for. */
final class Reading {
  static void listAndHistory(World world) throws Exception {
    String id = unique("listed");
    try (Connection c = new Connection(Connection.plaintext(world, world.writer()).build())) {
      String queue = unique("queue");
      c.serve(queue);
      c.client.newWorkflowStub(Workflows.Twice.class, Connection.workflow(id, queue).build()).run(5);
    }
    try (Connection c = new Connection(Connection.plaintext(world, world.reader()).build())) {
      String query = "WorkflowId = '" + id + "' AND ExecutionStatus = 'Completed'";
      Check.until("list", Duration.ofSeconds(20), () -> c.client.listExecutions(query).count() == 1);
      List<EventType> events = history(c.client, id);
      that(
          events.get(0) == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
              && events.get(events.size() - 1) == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
          "its history is " + events);
      WorkflowExecutionStatus status = c.client.newUntypedWorkflowStub(id).describe().getStatus();
      that(status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED, "describe: its status is " + status);
    }
  }

  /** The kinds of a workflow's events. */
  static List<EventType> history(WorkflowClient client, String id) {
    return client.fetchHistory(id).getEvents().stream().map(event -> event.getEventType()).toList();
  }

  private Reading() {}
}
