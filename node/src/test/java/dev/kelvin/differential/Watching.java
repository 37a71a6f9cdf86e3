package dev.kelvin.differential;

import dev.kelvin.proto.etcdserverpb.WatchRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * The streams of watches of one program, on both servers. Every stream has a first watch of its
 * own, on a key that is written whenever both servers should have told all they know.
 */
final class Watching {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** After which a request for progress is made again: one that came too early has no answer. */
  private static final Duration AGAIN = Duration.ofMillis(500);

  private final Object monitor = new Object();
  private final Pair pair;
  private final Coverage coverage;
  private final Map<Integer, Stream> streams = new TreeMap<>();

  /** A watch began in the past since all had caught up. */
  private boolean behind;

  Watching(Pair pair, Coverage coverage) {
    this.pair = pair;
    this.coverage = coverage;
  }

  /** One stream, as both servers have it. */
  private final class Stream {
    final Tape etcd = new Tape(monitor, pair.etcd, coverage);
    final Tape kelvin = new Tape(monitor, pair.kelvin, coverage);

    /** First revisions of the watches there are. */
    final Map<Long, Long> starts = new HashMap<>();

    /** Watches that a compaction ended. */
    final Set<Long> lingering = new HashSet<>();

    /** IDs of watches that clients chose. */
    final Set<Long> chosen = new HashSet<>();

    int ended;

    void send(WatchRequest request) {
      etcd.send(request);
      kelvin.send(request);
    }

    boolean over() {
      return etcd.end != null || kelvin.end != null;
    }

    void update() {
      synchronized (monitor) {
        while (ended < etcd.canceled.size()) {
          var answer = etcd.canceled.get(ended++);
          starts.remove(answer.getWatchId());
          if (answer.getCompactRevision() != 0) {
            lingering.add(answer.getWatchId());
          }
        }
      }
    }

    boolean equal() {
      return etcd.lines.equals(kelvin.lines)
          && etcd.faults.isEmpty()
          && kelvin.faults.isEmpty()
          && Objects.equals(name(etcd), name(kelvin));
    }

    private static String name(Tape tape) {
      return tape.end == null ? null : tape.end.getCode() + " " + tape.end.getDescription();
    }
  }

  /** Whether watches may be about to catch up, or to end. */
  boolean behind() {
    return behind;
  }

  boolean none() {
    return streams.isEmpty();
  }

  /**
   * Makes a request on both servers and waits for what answers it at once.
   *
   * @param request with revisions already resolved
   * @param now current revision
   */
  void send(int number, WatchRequest request, long now) {
    var stream = stream(number);
    switch (request.getRequestUnionCase()) {
      case CREATE_REQUEST -> create(stream, request, now);
      case CANCEL_REQUEST -> cancel(stream, request);
      case PROGRESS_REQUEST -> {
        // Where it is to be answered, it was while all was compared. Here nobody must answer.
        if (stream.lingering.isEmpty() && waits(stream, now)) {
          stream.send(request);
        }
      }
      case REQUESTUNION_NOT_SET -> stream.send(request);
    }
  }

  private Stream stream(int number) {
    var stream = streams.get(number);
    if (stream == null) {
      stream = new Stream();
      streams.put(number, stream);
      create(stream, Requests.watchFence(), 0);
    }
    return stream;
  }

  private void create(Stream stream, WatchRequest request, long now) {
    var create = request.getCreateRequest();
    // Nor would both servers choose the same ID where one of those was chosen by a client.
    boolean next =
        create.getWatchId() == 0 && stream.lingering.stream().anyMatch(stream.chosen::contains);
    if (next || stream.lingering.contains(create.getWatchId())) {
      coverage.met(Deliberate.LINGERING);
      return;
    }
    int before = stream.etcd.created.size();
    stream.send(request);
    if (await(
        () ->
            stream.over()
                || stream.etcd.created.size() > before && stream.kelvin.created.size() > before,
        LIMIT)) {
      synchronized (monitor) {
        if (stream.over()) {
          return;
        }
        var answer = stream.etcd.created.get(before);
        if (!answer.getCanceled()) {
          stream.starts.put(answer.getWatchId(), create.getStartRevision());
          if (create.getWatchId() != 0) {
            stream.chosen.add(create.getWatchId());
          }
          behind |= create.getStartRevision() > 0 && create.getStartRevision() <= now;
        }
      }
    }
  }

  private void cancel(Stream stream, WatchRequest request) {
    long watch = request.getCancelRequest().getWatchId();
    if (stream.lingering.contains(watch)) {
      coverage.met(Deliberate.LINGERING);
      return;
    }
    boolean known = stream.starts.containsKey(watch);
    int before = stream.etcd.canceled.size();
    stream.send(request);
    if (known) {
      await(
          () ->
              stream.over()
                  || stream.etcd.canceled.size() > before && stream.kelvin.canceled.size() > before,
          LIMIT);
    }
    stream.update();
  }

  /** Whether a watch of the stream begins later, so that there is no progress to tell of. */
  private static boolean waits(Stream stream, long now) {
    return stream.starts.values().stream().anyMatch(start -> start > now);
  }

  /**
   * Waits until both servers have told all, and compares.
   *
   * @param now revision at which the fence was just written
   * @return the first difference, or null
   */
  Difference compare(Step step, long now) {
    for (var stream : streams.values()) {
      // Without the watch of the fence there is nothing to wait for but equality.
      if (stream.starts.containsKey(0L)) {
        await(() -> stream.over() || stream.etcd.fence >= now && stream.kelvin.fence >= now, LIMIT);
      }
    }
    if (behind) {
      if (!pair.awaitEtcdCaughtUp()) {
        return new Difference(step, "watches do not catch up", "");
      }
      behind = false;
    }
    for (var stream : streams.values()) {
      stream.update();
      if (!stream.lingering.isEmpty()) {
        coverage.met(Deliberate.LINGERING);
      } else if (!stream.starts.isEmpty() && !waits(stream, now)) {
        askForProgress(stream);
      }
      if (!await(stream::equal, LIMIT)) {
        return difference(step, stream);
      }
      stream.update();
    }
    return null;
  }

  private void askForProgress(Stream stream) {
    int etcd = stream.etcd.progresses;
    int kelvin = stream.kelvin.progresses;
    for (int i = 0; i < LIMIT.dividedBy(AGAIN); i++) {
      if (stream.etcd.progresses == etcd) {
        stream.etcd.send(Requests.progress());
      }
      if (stream.kelvin.progresses == kelvin) {
        stream.kelvin.send(Requests.progress());
      }
      if (await(
          () -> stream.over() || stream.etcd.progresses > etcd && stream.kelvin.progresses > kelvin,
          AGAIN)) {
        coverage.option("WatchRequest.progress_request");
        return;
      }
    }
  }

  private Difference difference(Step step, Stream stream) {
    synchronized (monitor) {
      var watches = new TreeSet<>(stream.etcd.lines.keySet());
      watches.addAll(stream.kelvin.lines.keySet());
      for (long watch : watches) {
        var etcd = stream.etcd.lines.getOrDefault(watch, List.of());
        var kelvin = stream.kelvin.lines.getOrDefault(watch, List.of());
        if (!etcd.equals(kelvin)) {
          int same = 0;
          while (same < Math.min(etcd.size(), kelvin.size())
              && etcd.get(same).equals(kelvin.get(same))) {
            same++;
          }
          return new Difference(step, said(watch, etcd, same), said(watch, kelvin, same));
        }
      }
      return new Difference(
          step,
          "watches: ended %s, faults %s".formatted(Stream.name(stream.etcd), stream.etcd.faults),
          "watches: ended %s, faults %s"
              .formatted(Stream.name(stream.kelvin), stream.kelvin.faults));
    }
  }

  private static String said(long watch, List<String> lines, int same) {
    return "watch %d, after %d equal lines: %s"
        .formatted(
            watch,
            same,
            same < lines.size()
                ? String.join(" | ", lines.subList(same, Math.min(lines.size(), same + 3)))
                : "nothing");
  }

  /** Ends all streams. */
  void stop() {
    for (var stream : streams.values()) {
      stream.etcd.stop();
      stream.kelvin.stop();
    }
    streams.clear();
    behind = false;
  }

  private boolean await(BooleanSupplier condition, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (monitor) {
      while (!condition.getAsBoolean()) {
        long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        if (left <= 0) {
          return false;
        }
        try {
          monitor.wait(left);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return true;
    }
  }
}
