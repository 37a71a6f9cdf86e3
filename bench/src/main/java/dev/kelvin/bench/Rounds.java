package dev.kelvin.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The results of one system, by workload, one of each round; a workload's number is the median. */
final class Rounds {
  /** What is run in each round, in this order. */
  enum Workload {
    PUT(Op.PUT),
    GET(Op.GET),
    SGET(Op.SGET),
    CAS(Op.CAS),
    ONE_PUT(Op.PUT),
    ONE_GET(Op.GET),
    /** Open loop at half of the rate etcd reached in the same round. */
    STEADY_PUT(Op.PUT);

    final Op op;

    Workload(Op op) {
      this.op = op;
    }

    boolean oneClient() {
      return this == ONE_PUT || this == ONE_GET;
    }
  }

  /** The results of one workload. */
  static final class Medians {
    private final List<LoadResult> results = new ArrayList<>();

    void add(LoadResult result) {
      results.add(result);
    }

    double of(ToDoubleFunction<LoadResult> number) {
      return median(results.stream().mapToDouble(number).toArray());
    }

    /** Calls that failed or were never answered, over all rounds. */
    long failed() {
      return results.stream().mapToLong(result -> result.failed() + result.unanswered()).sum();
    }
  }

  private final Map<Workload, Medians> results = new EnumMap<>(Workload.class);

  void add(Workload workload, LoadResult result) {
    results.computeIfAbsent(workload, _ -> new Medians()).add(result);
  }

  double median(Workload workload, ToDoubleFunction<LoadResult> number) {
    return results.getOrDefault(workload, new Medians()).of(number);
  }

  /** Calls that failed or were never answered, over all rounds and workloads. */
  long failed() {
    return results.values().stream().mapToLong(Medians::failed).sum();
  }

  static double median(double... numbers) {
    if (numbers.length == 0) {
      return Double.NaN;
    }
    double[] sorted = numbers.clone();
    java.util.Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
