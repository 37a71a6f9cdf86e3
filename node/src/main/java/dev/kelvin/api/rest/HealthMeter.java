package dev.kelvin.api.rest;

import jakarta.inject.Singleton;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What the checks of health came to. */
@Singleton
public class HealthMeter {
  /** Outcomes of one check. */
  public static final class Outcomes {
    private final LongAdder successes = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private volatile boolean held;

    public long successes() {
      return successes.sum();
    }

    public long errors() {
      return errors.sum();
    }

    /** Of the last time. */
    public boolean held() {
      return held;
    }
  }

  /**
   * A check.
   *
   * @param type livez or readyz
   */
  public record Key(String type, String name) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return (type + '/' + name).compareTo(other.type + '/' + other.name);
    }
  }

  private final LongAdder healthy = new LongAdder();
  private final LongAdder sick = new LongAdder();
  private final Map<Key, Outcomes> checks = new ConcurrentHashMap<>();

  void health(boolean outcome) {
    (outcome ? healthy : sick).increment();
  }

  void check(String type, String name, boolean holds) {
    var outcomes = checks.computeIfAbsent(new Key(type, name), _ -> new Outcomes());
    outcomes.held = holds;
    (holds ? outcomes.successes : outcomes.errors).increment();
  }

  /** Answers of /health that were well. */
  public long healthy() {
    return healthy.sum();
  }

  /** Answers of /health that were not. */
  public long sick() {
    return sick.sum();
  }

  /** Of /livez and /readyz: those that were ever asked for. */
  public Map<Key, Outcomes> checks() {
    return new TreeMap<>(checks);
  }
}
