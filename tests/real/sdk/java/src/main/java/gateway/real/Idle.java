package gateway.real;

import static gateway.real.Check.that;
import static gateway.real.World.unique;

import java.time.Duration;

/** A worker with nothing to do. */
final class Idle {
  /** Longer than the minute after which the server ends a long poll that got nothing. */
  static final Duration LENGTH = Duration.ofSeconds(65);

  static void minute(World world) throws Exception {
    String queue = unique("queue");
    Telemetry seen = new Telemetry(queue);
    try (Connection c = new Connection(Connection.plaintext(world, world.writer()).setMetricsScope(seen.scope()).build())) {
      c.serve(queue);
      Duration first = Duration.ofSeconds(5);
      Thread.sleep(first.toMillis());
      long begun = seen.sum("temporal_long_request ", "Poll");
      Thread.sleep(LENGTH.minus(first).toMillis());
      seen.unharmed();
      long all = seen.sum("temporal_long_request ", "Poll");
      that(begun > 0 && all > begun, begun + " polls at first, " + all + " after a minute: none of them came to its end");
      c.runTwice(queue);
      seen.unharmed();
    }
  }

  private Idle() {}
}
