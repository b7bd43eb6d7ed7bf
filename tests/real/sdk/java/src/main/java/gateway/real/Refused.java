package gateway.real;

import static gateway.real.Check.that;
import static gateway.real.World.unique;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.errordetails.v1.PermissionDeniedFailure;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.WorkflowStub;
import io.temporal.serviceclient.StatusUtils;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.time.Duration;
import java.util.List;

/** Callers that may not: what they get to see, and that nothing happened. */
final class Refused {
  static void reader(World world) {
    WorkflowServiceStubsOptions options = Connection.plaintext(world, world.reader()).build();
    connects(options);
    toStart(world, options);
    toTouch(world, options);
  }

  static void otherNamespace(World world) {
    var options = Connection.plaintext(world, world.token(Duration.ofHours(1), "other:write")).build();
    connects(options);
    all(world, options);
  }

  static void noToken(World world) {
    var options = Connection.plaintext(world).build();
    connects(options);
    all(world, options);
  }

  static void expiredToken(World world) {
    String token = world.token(Duration.ofMinutes(-1), World.NAMESPACE + ":write");
    invalid(world, Connection.plaintext(world, token).build());
  }

  /** For callers whose credentials are not valid: they cannot even do what everybody may. */
  static void invalid(World world, WorkflowServiceStubsOptions options) {
    denied("connect", catching(StatusRuntimeException.class, () -> connects(options)));
    all(world, options);
  }

  /** To connect is to ask for the server's health, which everybody may. */
  static void connects(WorkflowServiceStubsOptions options) {
    try (Connection c = new Connection(options)) {
      c.stubs.connect(Duration.ofSeconds(10));
    }
  }

  /** For callers that may not even read. */
  private static void all(World world, WorkflowServiceStubsOptions options) {
    toStart(world, options);
    toTouch(world, options);
    // A factory asks about the namespace first, and throws what gRPC threw.
    try (Connection c = new Connection(options)) {
      denied("worker", catching(StatusRuntimeException.class, () -> c.serve(unique("queue"))));
    }
  }

  private static void toStart(World world, WorkflowServiceStubsOptions options) {
    String id = unique("refused");
    try (Connection c = new Connection(options)) {
      WorkflowStub stub = c.client.newUntypedWorkflowStub("Twice", Connection.workflow(id, unique("queue")).build());
      denied("start", causeOf(() -> stub.start(1)));
    }
    absent(world, id);
  }

  /** Signals, cancels and terminates a running workflow. */
  private static void toTouch(World world, WorkflowServiceStubsOptions options) {
    String id = unique("touched");
    try (Connection behind = Connection.unguarded(world);
        Connection c = new Connection(options)) {
      WorkflowStub running =
          behind.client.newUntypedWorkflowStub("Forever", Connection.workflow(id, unique("queue")).build());
      running.start();
      List<EventType> before = Reading.history(behind.client, id);
      WorkflowStub stub = c.client.newUntypedWorkflowStub(id);
      try {
        denied("signal", causeOf(() -> stub.signal("finish", "now")));
        denied("cancel", causeOf(stub::cancel));
        denied("terminate", causeOf(() -> stub.terminate("because")));
        List<EventType> after = Reading.history(behind.client, id);
        that(after.equals(before), "the workflow noticed: " + before + " became " + after);
      } finally {
        if (running.describe().getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
          running.terminate("no longer needed");
        }
      }
    }
  }

  /** Clients throw WorkflowServiceException, caused by what gRPC threw. */
  static StatusRuntimeException causeOf(Runnable call) {
    Throwable cause = catching(WorkflowServiceException.class, call).getCause();
    if (cause instanceof StatusRuntimeException status) {
      return status;
    }
    throw new AssertionError("the cause of the exception is " + cause, cause);
  }

  private static <E extends RuntimeException> E catching(Class<E> wanted, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException thrown) {
      if (wanted.isInstance(thrown)) {
        return wanted.cast(thrown);
      }
      throw thrown;
    }
    throw new AssertionError("wanted " + wanted.getSimpleName() + ", but it worked");
  }

  private static void denied(String what, StatusRuntimeException refusal) {
    Status status = refusal.getStatus();
    that(
        status.getCode() == Status.Code.PERMISSION_DENIED && "Request unauthorized.".equals(status.getDescription()),
        what + ": " + status);
    that(StatusUtils.hasFailure(refusal, PermissionDeniedFailure.class), what + ": no PermissionDeniedFailure");
  }

  /** Asks the server itself. */
  static void absent(World world, String id) {
    try (Connection behind = Connection.unguarded(world)) {
      catching(WorkflowNotFoundException.class, () -> behind.client.newUntypedWorkflowStub(id).describe());
    }
  }

  private Refused() {}
}
