package dev.kelvin.chaos;

import dev.kelvin.proto.care.StatusResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Asks every node again and again who leads in which term: one at most in each. */
final class Terms implements AutoCloseable {
  private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

  private final Map<Long, Long> leaders = new TreeMap<>();
  private final Consumer<String> complain;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean running = true;
  private long highest;

  Terms(Cluster cluster, Consumer<String> complain) {
    this.complain = complain;
    for (var member : cluster.all()) {
      threads.add(Thread.ofVirtual().start(() -> watch(member)));
    }
  }

  private void watch(Member member) {
    while (running) {
      LockSupport.parkNanos(INTERVAL);
      member.endpoint.tryAgain();
      var status = member.wanted && member.process.alive() ? member.status() : null;
      if (status != null) {
        saw(status);
      }
    }
  }

  private synchronized void saw(StatusResponse status) {
    highest = Math.max(highest, status.getTerm());
    if (status.getLeader() != 0) {
      var other = leaders.putIfAbsent(status.getTerm(), status.getLeader());
      if (other != null && other != status.getLeader()) {
        complain.accept(
            "two leaders in term %d: %016x and %016x"
                .formatted(status.getTerm(), other, status.getLeader()));
      }
    }
  }

  /** Terms in which somebody was known to lead. */
  synchronized int elections() {
    return leaders.size();
  }

  synchronized long highest() {
    return highest;
  }

  @Override
  public void close() {
    running = false;
  }
}
