package gateway.real;

import static gateway.real.Check.that;
import static gateway.real.World.unique;

import io.temporal.authorization.AuthorizationGrpcMetadataProvider;
import java.time.Duration;
import java.time.Instant;

/** Hands out tokens that live six seconds, and fetches another after two. */
final class Renewal {
  private static final Duration LENGTH = Duration.ofSeconds(15);

  private final World world;
  private String current;
  private Instant fetched = Instant.MIN;
  private int fetches;

  private Renewal(World world) {
    this.world = world;
  }

  private synchronized String token() {
    if (fetched.plusSeconds(2).isBefore(Instant.now())) {
      current = world.token(Duration.ofSeconds(6), World.NAMESPACE + ":write");
      fetched = Instant.now();
      fetches++;
    }
    return current;
  }

  /** Uses the SDK's two ways: the worker has an API key from a callback, the client a provider of metadata. */
  static void tokenRenewed(World world) throws Exception {
    String queue = unique("queue");
    Telemetry seen = new Telemetry(queue);
    Renewal workers = new Renewal(world);
    Renewal clients = new Renewal(world);
    var working =
        Connection.plaintext(world).addApiKey(workers::token).setEnableHttps(false).setMetricsScope(seen.scope()).build();
    var calling =
        Connection.plaintext(world)
            .addGrpcMetadataProvider(new AuthorizationGrpcMetadataProvider(() -> "Bearer " + clients.token()))
            .build();
    try (Connection worker = new Connection(working);
        Connection client = new Connection(calling)) {
      worker.serve(queue);
      Instant end = Instant.now().plus(LENGTH);
      while (Instant.now().isBefore(end)) {
        client.runTwice(queue);
        Thread.sleep(500);
      }
      that(
          workers.fetches >= 4 && clients.fetches >= 4,
          "only " + workers.fetches + " and " + clients.fetches + " tokens were asked for");
      seen.unharmed();
    }
  }
}
