package dev.kelvin.operator.observe;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What is known of one cluster from one round to the next. A process that begins without it is more
 * patient, never bolder. Used by one thread at a time.
 */
public final class Memory {
  private final Map<String, Instant> silent = new HashMap<>();

  /**
   * A pod's node did not answer.
   *
   * @return when that began
   */
  Instant silent(String uid, Instant now) {
    return silent.computeIfAbsent(uid, u -> now);
  }

  void answered(String uid) {
    silent.remove(uid);
  }

  void keep(Collection<String> uids) {
    silent.keySet().retainAll(uids);
  }
}
