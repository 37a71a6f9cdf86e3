package dev.kelvin.sim;

import java.util.ArrayList;
import java.util.List;

/** How often each {@link Happening} happened. */
final class Tally {
  private final long[] counts = new long[Happening.values().length];

  void count(Happening happening) {
    counts[happening.ordinal()]++;
  }

  long of(Happening happening) {
    return counts[happening.ordinal()];
  }

  void add(Tally other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
  }

  List<Happening> never() {
    var never = new ArrayList<Happening>();
    for (var happening : Happening.values()) {
      if (of(happening) == 0) {
        never.add(happening);
      }
    }
    return never;
  }

  /** A line for each kind. */
  String table() {
    var table = new StringBuilder();
    for (var happening : Happening.values()) {
      table.append("%,14d  %s%n".formatted(of(happening), happening.text()));
    }
    return table.toString();
  }
}
