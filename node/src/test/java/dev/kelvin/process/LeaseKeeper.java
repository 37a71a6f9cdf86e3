package dev.kelvin.process;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Keeps leases alive as clients do: again and again, at the next node when one does not answer. */
final class LeaseKeeper implements AutoCloseable {
  private static final long PERIOD_MILLIS = 300;
  private static final long PATIENCE_MILLIS = 1_500;

  /** Leases that a node said do not exist. */
  final Set<Long> lost = ConcurrentHashMap.newKeySet();

  private final List<NodeProcess> nodes;
  private final Set<Long> leases;
  private final Thread thread;
  private int at;
  private volatile int rounds;
  private volatile boolean stopped;

  LeaseKeeper(List<NodeProcess> nodes, int first, Set<Long> leases) {
    this.nodes = nodes;
    this.leases = leases;
    at = first;
    thread = Thread.ofPlatform().name("lease-keeper-" + first).start(this::run);
  }

  /** Times that all leases were renewed. */
  int rounds() {
    return rounds;
  }

  private void run() {
    try {
      while (!stopped) {
        try (var client =
            new KeepAliveClient(nodes.get(at++ % nodes.size()).clientAddress(), true)) {
          while (!stopped && renewed(client)) {
            rounds++;
            TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean renewed(KeepAliveClient client) throws InterruptedException {
    leases.forEach(client::renew);
    var missing = new HashSet<>(leases);
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    while (!missing.isEmpty() && client.end == null && System.nanoTime() < deadline) {
      var answer = client.answers.poll(20, TimeUnit.MILLISECONDS);
      if (answer != null) {
        missing.remove(answer.getID());
        if (answer.getTTL() <= 0) {
          lost.add(answer.getID());
        }
      }
    }
    return missing.isEmpty();
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
