package gateway.real;

import io.temporal.serviceclient.Version;
import java.time.Duration;
import java.util.List;

/**
 * Works through the gateway as users of Temporal's Java SDK do. The one argument is the path of world.json; it prints a line a
 * check.
 */
final class Main {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private static final List<Check> CHECKS =
      List.of(
          new Check("idle-minute", BOUND.plus(Idle.LENGTH), Idle::minute),
          new Check("workflow", BOUND, Features::workflow),
          new Check("cancel", BOUND, Features::cancel),
          new Check("schedule", BOUND, Schedules::schedule),
          new Check("list-and-history", BOUND, Reading::listAndHistory),
          new Check("reader-refused", BOUND, Refused::reader),
          new Check("other-namespace-refused", BOUND, Refused::otherNamespace),
          new Check("no-token-refused", BOUND, Refused::noToken),
          new Check("expired-token-refused", BOUND, Refused::expiredToken),
          new Check("tls", BOUND, Encrypted::tls),
          new Check("tls-wrong-ca", BOUND, Encrypted::wrongCa),
          new Check("mtls", BOUND, Encrypted::mtls),
          new Check("mtls-no-certificate", BOUND, Encrypted::noCertificate),
          new Check("mtls-unmapped-certificate", BOUND, Encrypted::unmappedCertificate),
          new Check("token-renewed", BOUND, Renewal::tokenRenewed),
          new Check("token-expires-in-poll", BOUND, Expiry::tokenExpiresInPoll));

  public static void main(String[] args) throws Exception {
    if (args.length != 1) {
      System.err.println("usage: java -jar sdk-java.jar WORLD.json");
      System.exit(2);
    }
    World world = World.read(args[0]);
    System.out.println("version io.temporal:temporal-sdk " + Version.LIBRARY_VERSION);
    boolean held = Check.runAll(CHECKS, world);
    // What a check gave up on may still have threads.
    System.exit(held ? 0 : 1);
  }

  private Main() {}
}
