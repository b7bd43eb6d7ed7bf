package gateway.real;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One line of the output. */
record Check(String name, Duration bound, Body body) {

  /** What a check does; it throws when something does not hold. */
  interface Body {
    void run(World world) throws Exception;
  }

  /** Runs all checks at the same time, prints each as it ends, and tells whether all held. */
  static boolean runAll(List<Check> checks, World world) {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<CompletableFuture<Boolean>> running = checks.stream().map(check -> check.start(threads, world)).toList();
    return running.stream().map(CompletableFuture::join).toList().stream().allMatch(Boolean::booleanValue);
  }

  private CompletableFuture<Boolean> start(ExecutorService threads, World world) {
    return CompletableFuture.runAsync(() -> run(world), threads)
        .orTimeout(bound.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (nothing, thrown) -> {
              System.out.println(thrown == null ? "ok " + name : "FAIL " + name + ": " + oneLine(thrown));
              return thrown == null;
            });
  }

  private void run(World world) {
    try {
      body.run(world);
    } catch (Throwable thrown) {
      throw new CompletionException(thrown);
    }
  }

  private String oneLine(Throwable thrown) {
    thrown.printStackTrace();
    if (thrown instanceof TimeoutException) {
      return "did not end within " + bound.toSeconds() + " s";
    }
    StringBuilder line = new StringBuilder();
    for (Throwable at = thrown instanceof CompletionException ? thrown.getCause() : thrown; at != null; at = at.getCause()) {
      line.append(line.isEmpty() ? "" : ", caused by ").append(at);
    }
    return line.toString().replaceAll("\\s+", " ");
  }

  /** Throws when something is not as it must be. */
  static void that(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  /** Asks again and again until the answer is yes, an exception, or too late. */
  static void until(String what, Duration limit, Callable<Boolean> ask) throws Exception {
    Instant deadline = Instant.now().plus(limit);
    while (!ask.call()) {
      that(Instant.now().isBefore(deadline), what + ": not within " + limit.toSeconds() + " s");
      Thread.sleep(200);
    }
  }
}
