package dev.kelvin.chaos;

import dev.kelvin.process.WatchClient;
import dev.kelvin.proto.etcdserverpb.WatchResponse;
import dev.kelvin.proto.mvccpb.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * One client that watches a round's keys through all faults: it goes on where it was, at another
 * member, when a stream ends and every few seconds anyway.
 */
final class Watching {
  private final Cluster cluster;
  private final String prefix;
  private final RandomGenerator random;
  private final Consumer<String> complain;
  private final Thread thread;
  private final List<Event> events = new ArrayList<>();
  private volatile long next;
  private volatile long until = Long.MAX_VALUE;
  private volatile boolean running = true;

  /**
   * @param first revision it is to be told of
   */
  Watching(
      Cluster cluster,
      String prefix,
      long first,
      RandomGenerator random,
      Consumer<String> complain) {
    this.cluster = cluster;
    this.prefix = prefix;
    this.random = random;
    this.complain = complain;
    next = first;
    thread = Thread.ofPlatform().name("watching").daemon().start(this::run);
  }

  private void run() {
    try {
      while (running && next <= until) {
        var members = cluster.wanted();
        var member = members.get(random.nextInt(members.size()));
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextLong(500, 4000));
        try (var stream = new WatchClient(member.process.clientAddress(), true, false)) {
          stream.watch(prefix, next);
          while (running && next <= until && stream.end == null && System.nanoTime() < end) {
            var answer = stream.answers.poll(100, TimeUnit.MILLISECONDS);
            if (answer != null) {
              told(member, answer);
            } else if (until != Long.MAX_VALUE) {
              stream.askForProgress();
            }
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void told(Member member, WatchResponse answer) {
    if (answer.getCanceled()) {
      complain.accept("%s ends a watch from %d: %s".formatted(member, next, answer));
      running = false;
      return;
    }
    for (var event : answer.getEventsList()) {
      long revision = event.getKv().getModRevision();
      if (revision < next) {
        complain.accept(
            "%s tells a watch from %d of revision %d".formatted(member, next, revision));
        running = false;
        return;
      }
      events.add(event);
    }
    if (answer.getEventsCount() > 0) {
      // A revision is never split: the next one is the first that can be missing.
      next = answer.getEvents(answer.getEventsCount() - 1).getKv().getModRevision() + 1;
    } else if (answer.getWatchId() == -1) {
      next = Math.max(next, answer.getHeader().getRevision() + 1);
    }
  }

  /**
   * Waits until it was told of everything up to a revision, with all faults gone.
   *
   * @return all events; null if that takes too long
   */
  List<Event> finish(long revision, long limitNanos) throws InterruptedException {
    until = revision;
    thread.join(TimeUnit.NANOSECONDS.toMillis(limitNanos));
    boolean done = !thread.isAlive();
    running = false;
    thread.join();
    return done ? events : null;
  }

  void stop() throws InterruptedException {
    running = false;
    thread.join();
  }
}
