package dev.kelvin.bench;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;

/**
 * What a load run measured, in its window after the warm-up.
 *
 * @param seconds length of the window
 * @param done answers without error
 * @param errors failed calls by gRPC code, and reads that found nothing as {@code ABSENT}
 * @param lost transactions whose comparison failed (also counted in {@code done})
 * @param unanswered calls still without an answer when the run ended
 * @param latency of {@code done}, nanoseconds
 * @param serverCpuNanos CPU the measured servers used, together; -1 if none were named
 * @param residentBytes of each measured server at the window's end
 * @param ownCpuNanos CPU of the generator itself
 */
record LoadResult(
    Op op,
    double seconds,
    long done,
    Map<String, Long> errors,
    long lost,
    long unanswered,
    AbstractHistogram latency,
    long serverCpuNanos,
    List<Long> residentBytes,
    long ownCpuNanos) {

  double perSecond() {
    return done / seconds;
  }

  /** Server CPU per operation, microseconds; NaN where not measured. */
  double serverCpuMicros() {
    return serverCpuNanos < 0 || done == 0 ? Double.NaN : serverCpuNanos / 1e3 / done;
  }

  double ownCpuMicros() {
    return done == 0 ? Double.NaN : ownCpuNanos / 1e3 / done;
  }

  /** A percentile of the latency, milliseconds. */
  double millis(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e6;
  }

  LoadResult withUnanswered(long calls) {
    return new LoadResult(
        op,
        seconds,
        done,
        errors,
        lost,
        calls,
        latency,
        serverCpuNanos,
        residentBytes,
        ownCpuNanos);
  }

  long failed() {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }

  String json() {
    var json = new StringBuilder();
    json.append("{\"op\":\"").append(op.name().toLowerCase(java.util.Locale.ROOT)).append('"');
    number(json, "seconds", seconds);
    json.append(",\"operations\":").append(done);
    number(json, "perSecond", perSecond());
    number(json, "p50Millis", millis(50));
    number(json, "p90Millis", millis(90));
    number(json, "p99Millis", millis(99));
    number(json, "p999Millis", millis(99.9));
    number(json, "maxMillis", latency.getMaxValue() / 1e6);
    number(json, "serverCpuMicrosPerOperation", serverCpuMicros());
    number(json, "generatorCpuMicrosPerOperation", ownCpuMicros());
    json.append(",\"residentBytes\":").append(residentBytes.toString().replace(" ", ""));
    json.append(",\"comparisonsLost\":").append(lost);
    json.append(",\"unanswered\":").append(unanswered);
    json.append(",\"errors\":{");
    var separator = "";
    for (var error : errors.entrySet()) {
      json.append(separator).append('"').append(error.getKey()).append("\":");
      json.append(error.getValue());
      separator = ",";
    }
    return json.append("}}").toString();
  }

  private static void number(StringBuilder json, String name, double value) {
    json.append(",\"").append(name).append("\":");
    json.append(Double.isFinite(value) ? Table.plain(value, 4) : "null");
  }
}
