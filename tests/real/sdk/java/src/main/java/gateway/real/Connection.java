package gateway.real;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A client, and the workers on it, until it is closed. */
final class Connection implements AutoCloseable {
  final WorkflowServiceStubs stubs;
  final WorkflowClient client;
  private final List<WorkerFactory> workers = new ArrayList<>();

  Connection(WorkflowServiceStubsOptions options, String identity) {
    stubs = WorkflowServiceStubs.newServiceStubs(options);
    client =
        WorkflowClient.newInstance(
            stubs, WorkflowClientOptions.newBuilder().setNamespace(World.NAMESPACE).setIdentity(identity).build());
  }

  Connection(WorkflowServiceStubsOptions options) {
    this(options, "java");
  }

  /** The server itself; it is only asked what happened. */
  static Connection unguarded(World world) {
    return new Connection(WorkflowServiceStubsOptions.newBuilder().setTarget(world.direct()).build());
  }

  /** The gateway without TLS and without a token. */
  static WorkflowServiceStubsOptions.Builder plaintext(World world) {
    return WorkflowServiceStubsOptions.newBuilder().setTarget(world.plain());
  }

  /** The gateway without TLS. The SDK turns TLS on for whoever has an API key, so it must be told not to. */
  static WorkflowServiceStubsOptions.Builder plaintext(World world, String token) {
    return plaintext(world).addApiKey(() -> token).setEnableHttps(false);
  }

  /** Serves a task queue with all that {@link Workflows} has. */
  void serve(String queue) {
    WorkerFactory factory = WorkerFactory.newInstance(client);
    Worker worker = factory.newWorker(queue);
    worker.registerWorkflowImplementationTypes(
        Workflows.EverythingImpl.class, Workflows.TwiceImpl.class, Workflows.ForeverImpl.class);
    worker.registerActivitiesImplementations(new Workflows.GreetingImpl());
    factory.start();
    // Not before: to shut down what was refused is one more refused call, and throws.
    workers.add(factory);
  }

  /** Options to start a workflow with. */
  static WorkflowOptions.Builder workflow(String id, String queue) {
    return WorkflowOptions.newBuilder().setWorkflowId(id).setTaskQueue(queue);
  }

  /** Runs the workflow of one task and looks at its result. */
  void runTwice(String queue) {
    int twice = client.newWorkflowStub(Workflows.Twice.class, workflow(World.unique("twice"), queue).build()).run(5);
    Check.that(twice == 10, "the result is " + twice);
  }

  @Override
  public void close() {
    workers.forEach(WorkerFactory::shutdownNow);
    workers.forEach(factory -> factory.awaitTermination(5, TimeUnit.SECONDS));
    stubs.shutdownNow();
    stubs.awaitTermination(Duration.ofSeconds(5).toMillis(), TimeUnit.MILLISECONDS);
  }
}
