package gateway.real;

import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.UpdateValidatorMethod;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.time.Duration;

/** What the workers of this program can do. */
final class Workflows {
  private static final Duration SHORT = Duration.ofMillis(300);

  /** A trace of everything that {@link Everything} did. */
  public record Outcome(String activity, boolean slept, int child, String signal, int updates) {}

  /** Runs an activity, a timer and a child, and ends after an update and a signal. */
  @WorkflowInterface
  public interface Everything {
    @WorkflowMethod
    Outcome run(String name);

    @QueryMethod
    String stage();

    @UpdateMethod
    int add(int n);

    @UpdateValidatorMethod(updateName = "add")
    void positive(int n);

    @SignalMethod
    void finish(String how);
  }

  /** A workflow of one task. */
  @WorkflowInterface
  public interface Twice {
    @WorkflowMethod
    int run(int n);
  }

  /** Ends only when it is cancelled. */
  @WorkflowInterface
  public interface Forever {
    @WorkflowMethod
    void run();

    @SignalMethod
    void finish(String how);
  }

  @ActivityInterface
  public interface Greeting {
    String greet(String name);
  }

  public static final class EverythingImpl implements Everything {
    private String stage = "working";
    private String signal;
    private int updates;

    @Override
    public Outcome run(String name) {
      ActivityOptions options = ActivityOptions.newBuilder().setStartToCloseTimeout(Duration.ofSeconds(10)).build();
      String greeting = Workflow.newActivityStub(Greeting.class, options).greet(name);
      long before = Workflow.currentTimeMillis();
      Workflow.sleep(SHORT);
      boolean slept = Workflow.currentTimeMillis() - before >= SHORT.toMillis();
      int child = Workflow.newChildWorkflowStub(Twice.class, ChildWorkflowOptions.getDefaultInstance()).run(21);
      stage = "waiting";
      Workflow.await(() -> signal != null && updates > 0 && Workflow.isEveryHandlerFinished());
      return new Outcome(greeting, slept, child, signal, updates);
    }

    @Override
    public String stage() {
      return stage;
    }

    @Override
    public int add(int n) {
      return updates += n;
    }

    @Override
    public void positive(int n) {
      if (n <= 0) {
        throw new IllegalArgumentException("not positive");
      }
    }

    @Override
    public void finish(String how) {
      signal = how;
    }
  }

  public static final class TwiceImpl implements Twice {
    @Override
    public int run(int n) {
      return 2 * n;
    }
  }

  public static final class ForeverImpl implements Forever {
    @Override
    public void run() {
      Workflow.await(() -> false);
    }

    @Override
    public void finish(String how) {}
  }

  public static final class GreetingImpl implements Greeting {
    @Override
    public String greet(String name) {
      return "hello " + name;
    }
  }

  private Workflows() {}
}
