package dev.kelvin.peer;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The meters of a node, by member; only members that were let in have one. Any thread. */
public final class PeerMeters {
  private final Map<Long, PeerMeter> meters = new ConcurrentHashMap<>();

  PeerMeter of(long member) {
    return meters.computeIfAbsent(member, _ -> new PeerMeter());
  }

  /** All there are, ordered by member. */
  public Map<Long, PeerMeter> all() {
    return new TreeMap<>(meters);
  }
}
