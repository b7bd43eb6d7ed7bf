package gateway.real;

import static gateway.real.Check.that;
import static gateway.real.World.unique;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.temporal.client.WorkflowStub;
import io.temporal.serviceclient.RpcRetryOptions;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Certificates, the gateway's and the caller's. */
final class Encrypted {
  /**
   * In TLS 1.3 a client has finished before the server looks at its certificate. It may be writing when the server's alert and
   * the end of the connection arrive, and then the rest is all that it tells.
   */
  private static final String[] NONE_SHOWN = {"CERTIFICATE_REQUIRED", "Broken pipe", "Connection reset"};

  static void tls(World world) throws SSLException {
    String token = world.writer();
    runsTwice(options(world, world.tls(), world.ca(), null, null).addApiKey(() -> token).build());
  }

  static void wrongCa(World world) throws SSLException {
    String token = world.writer();
    var options = options(world, world.tls(), world.wrongCa(), null, null).addApiKey(() -> token).build();
    cannotConnect(world, options, "PKIX path building failed");
  }

  static void mtls(World world) throws SSLException {
    runsTwice(options(world, world.mtls(), world.ca(), world.workerCert(), world.workerKey()).build());
  }

  static void noCertificate(World world) throws SSLException {
    cannotConnect(world, options(world, world.mtls(), world.ca(), null, null).build(), NONE_SHOWN);
  }

  /** The SDK keeps a certificate to itself that none of the CAs signed which the gateway names. */
  static void unmappedCertificate(World world) throws SSLException {
    Refused.invalid(world, options(world, world.mtls(), world.ca(), world.unmappedCert(), world.unmappedKey()).build());
    cannotConnect(
        world, options(world, world.mtls(), world.ca(), world.strangerCert(), world.strangerKey()).build(), NONE_SHOWN);
  }

  /** A gateway with TLS, whose certificate one CA vouches for; the caller has a certificate, or null. */
  private static WorkflowServiceStubsOptions.Builder options(
      World world, String target, String ca, String cert, String key) throws SSLException {
    var context = GrpcSslContexts.forClient().trustManager(new File(ca));
    if (cert != null) {
      context.keyManager(new File(cert), new File(key));
    }
    return WorkflowServiceStubsOptions.newBuilder()
        .setTarget(target)
        .setSslContext(context.build())
        .setChannelInitializer(channel -> channel.overrideAuthority(world.serverName()));
  }

  private static void runsTwice(WorkflowServiceStubsOptions options) {
    try (Connection c = new Connection(options)) {
      String queue = unique("queue");
      c.serve(queue);
      c.runTwice(queue);
    }
  }

  /** Wants the same from connecting and from a call: an exception, soon, that is no answer of the server and tells why. */
  private static void cannotConnect(World world, WorkflowServiceStubsOptions options, String... why) {
    // The SDK goes on trying for a minute otherwise.
    RpcRetryOptions once = RpcRetryOptions.newBuilder(options.getRpcRetryOptions()).setExpiration(Duration.ofSeconds(10)).build();
    String id = unique("unreachable");
    try (Connection c = new Connection(WorkflowServiceStubsOptions.newBuilder(options).setRpcRetryOptions(once).build())) {
      try {
        c.stubs.connect(Duration.ofSeconds(10));
        throw new AssertionError("connect: it worked");
      } catch (StatusRuntimeException e) {
        unreachable("connect", e, why);
      }
      WorkflowStub stub = c.client.newUntypedWorkflowStub("Twice", Connection.workflow(id, unique("queue")).build());
      unreachable("start", Refused.causeOf(() -> stub.start(1)), why);
    }
    Refused.absent(world, id);
  }

  private static void unreachable(String what, StatusRuntimeException e, String... why) {
    StringBuilder said = new StringBuilder();
    for (Throwable at = e; at != null; at = at.getCause()) {
      said.append(at).append("; ");
    }
    that(
        e.getStatus().getCode() == Status.Code.UNAVAILABLE && Stream.of(why).anyMatch(said.toString()::contains),
        what + ": wanted " + List.of(why) + ", not " + said);
  }

  private Encrypted() {}
}
