package gateway.real;

import com.uber.m3.tally.Buckets;
import com.uber.m3.tally.Capabilities;
import com.uber.m3.tally.CapableOf;
import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import com.uber.m3.tally.StatsReporter;
import com.uber.m3.util.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What an operator of a worker sees of it: the SDK's counters, and its warnings. */
final class Telemetry implements StatsReporter {
  private static final int REPORT_MILLIS = 50;
  // The log manager forgets loggers that nobody holds.
  private static final Logger SDK = Logger.getLogger("io.temporal");

  /** Names, operations and status codes, for example "temporal_long_request PollWorkflowTaskQueue ". */
  private final Map<String, Long> counters = new ConcurrentHashMap<>();

  private final List<String> warnings = new CopyOnWriteArrayList<>();

  /** Watches the worker of one task queue: its threads have the queue in their names. */
  Telemetry(String queue) {
    SDK.addHandler(
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            String text = record.getMessage() + " " + record.getThrown() + " in " + Thread.currentThread().getName();
            if (record.getLevel().intValue() >= Level.WARNING.intValue() && text.contains(queue)) {
              warnings.add(text);
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        });
  }

  /** For WorkflowServiceStubsOptions. */
  Scope scope() {
    return new RootScopeBuilder().reporter(this).reportEvery(Duration.ofMillis(REPORT_MILLIS));
  }

  /** Adds up the counters whose text has all parts. */
  long sum(String... parts) throws InterruptedException {
    Thread.sleep(4 * REPORT_MILLIS);
    return counters.entrySet().stream()
        .filter(counter -> Stream.of(parts).allMatch(counter.getKey()::contains))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  boolean warned(String text) {
    return warnings.stream().anyMatch(warning -> warning.contains(text));
  }

  /** Throws when any request failed, every attempt counted, or anything was warned about. */
  void unharmed() throws InterruptedException {
    Check.that(sum("request_failure") == 0 && warnings.isEmpty(), toString());
  }

  @Override
  public String toString() {
    String failures =
        counters.entrySet().stream()
            .filter(counter -> counter.getKey().contains("request_failure"))
            .map(counter -> counter.getValue() + " x " + counter.getKey())
            .collect(Collectors.joining(", "));
    return "failed requests: " + failures + "; warnings: " + warnings;
  }

  @Override
  public void reportCounter(String name, Map<String, String> tags, long value) {
    String key = name + " " + tags.getOrDefault("operation", "") + " " + tags.getOrDefault("status_code", "");
    counters.merge(key, value, Long::sum);
  }

  @Override
  public void reportGauge(String name, Map<String, String> tags, double value) {}

  @Override
  public void reportTimer(String name, Map<String, String> tags, Duration interval) {}

  @Override
  @Deprecated
  public void reportHistogramValueSamples(
      String name, Map<String, String> tags, @SuppressWarnings("rawtypes") Buckets buckets, double lower, double upper, long n) {}

  @Override
  @Deprecated
  public void reportHistogramDurationSamples(
      String name,
      Map<String, String> tags,
      @SuppressWarnings("rawtypes") Buckets buckets,
      Duration lower,
      Duration upper,
      long n) {}

  @Override
  public Capabilities capabilities() {
    return CapableOf.REPORTING;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
