package gateway.real;

import static gateway.real.Check.that;
import static gateway.real.World.unique;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionExecutionStartWorkflow;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleException;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleIntervalSpec;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.ScheduleSpec;
import java.time.Duration;
import java.util.List;

/** The life of a schedule. */
final class Schedules {
  static void schedule(World world) throws Exception {
    try (Connection c = new Connection(Connection.plaintext(world, world.writer()).build())) {
      String queue = unique("queue");
      c.serve(queue);
      ScheduleClient schedules =
          ScheduleClient.newInstance(c.stubs, ScheduleClientOptions.newBuilder().setNamespace(World.NAMESPACE).build());
      ScheduleHandle handle = schedules.createSchedule(unique("schedule"), daily(queue), ScheduleOptions.newBuilder().build());
      handle.trigger();
      Check.until(
          "describe until it ran",
          Duration.ofSeconds(20),
          () -> !handle.describe().getInfo().getRecentActions().isEmpty());
      var started =
          (ScheduleActionExecutionStartWorkflow) handle.describe().getInfo().getRecentActions().get(0).getAction();
      int twice = c.client.newUntypedWorkflowStub(started.getWorkflowId()).getResult(Integer.class);
      that(twice == 8, "the scheduled workflow returned " + twice);
      handle.delete();
      Check.until("gone after delete", Duration.ofSeconds(10), () -> isAbsent(handle));
    }
  }

  private static Schedule daily(String queue) {
    return Schedule.newBuilder()
        .setAction(
            ScheduleActionStartWorkflow.newBuilder()
                .setWorkflowType(Workflows.Twice.class)
                .setArguments(4)
                .setOptions(Connection.workflow(unique("scheduled"), queue).build())
                .build())
        .setSpec(
            ScheduleSpec.newBuilder().setIntervals(List.of(new ScheduleIntervalSpec(Duration.ofHours(24)))).build())
        .build();
  }

  private static boolean isAbsent(ScheduleHandle handle) {
    try {
      handle.describe();
      return false;
    } catch (ScheduleException e) {
      if (e.getCause() instanceof StatusRuntimeException status
          && status.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return true;
      }
      throw e;
    }
  }

  private Schedules() {}
}
