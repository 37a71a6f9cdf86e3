package dev.kelvin.chaos;

import dev.kelvin.checker.Answer;
import dev.kelvin.checker.Kv;
import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.RoundHistory;
import dev.kelvin.checker.Violation;
import dev.kelvin.checker.client.Acknowledgements;
import dev.kelvin.checker.client.Clients;
import dev.kelvin.checker.client.Counts;
import dev.kelvin.checker.client.GrpcEndpoint;
import dev.kelvin.checker.client.Patience;
import dev.kelvin.checker.client.Requests;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.sim.Seeds;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * One run: a cluster of real processes, clients, and faults from a seed, in rounds. A round ends
 * with everything mended, all members back, the clients at rest and everything read; then its
 * history is checked. So what is kept in memory is one round's, however long the run.
 */
final class ChaosRun {
  /** Faults run for at most so long in one round. */
  private static final long ROUND = TimeUnit.SECONDS.toNanos(20);

  /** All members are to be back within this after the last fault of a round. */
  private static final long SETTLE = TimeUnit.SECONDS.toNanos(30);

  /** On a machine so slow that this often the time it took to found the cluster is more, that. */
  private static final int FOUNDINGS = 4;

  private static final long READ_LIMIT = TimeUnit.SECONDS.toNanos(10);
  private static final long POLL = TimeUnit.MILLISECONDS.toNanos(20);

  /** A run as long as this or longer has to have met every kind of fault. */
  private static final int SECONDS_FOR_ALL_KINDS = 300;

  private static final int CLIENTS = 6;

  /** Expiry writes, and the history of a round knows only what its clients wrote: by turns. */
  private static final int ROUNDS_BETWEEN_LEASES = 2;

  private static final int WATCHING = 3;

  /** Until a watch that may have been at a member just mended has been told of everything. */
  private static final long WATCH_LIMIT = TimeUnit.SECONDS.toNanos(20);

  /** Until leases that nobody renews are gone everywhere, with all faults gone. */
  private static final long LEASES_END = TimeUnit.SECONDS.toNanos(20);

  private static final long THINK = TimeUnit.MILLISECONDS.toNanos(20);

  private static final Patience PATIENCE =
      new Patience(Duration.ofSeconds(1), Duration.ofSeconds(5));

  /** Makes the nodes' logs grow, so that members who were away need snapshots. */
  private static final String PADDING = "." + "x".repeat(400);

  private final long seed;
  private final int seconds;
  private final Path directory;
  private final boolean keep;
  private final PrintStream out;
  private final long began = System.nanoTime();
  private final AtomicInteger ids = new AtomicInteger();
  private final List<String> violations = new ArrayList<>();
  private final Counts operations = new Counts();

  /** Keys of earlier rounds as they were last seen. */
  private Map<String, Kv> earlier = new TreeMap<>();

  /** Writes of earlier rounds that may yet be carried out. */
  private long pending;

  private long settleNanos = SETTLE;
  private long longestGapMillis;
  private String longestGapWhen = "";
  private int givenUp;
  private long eventsSeen;
  private long leasesHeld;
  private final AtomicLong leaseIds = new AtomicLong();
  private int rounds;

  /**
   * @param seconds of faults
   * @param parent of the directory that this run makes
   * @param keep whether to leave that behind although nothing was wrong
   */
  ChaosRun(long seed, int seconds, Path parent, boolean keep, PrintStream out) throws IOException {
    this.keep = keep;
    this.seed = seed;
    this.seconds = seconds;
    this.out = out;
    Files.createDirectories(parent);
    directory = Files.createTempDirectory(parent, "run-").toAbsolutePath();
  }

  /** What is wrong; empty when nothing is. */
  List<String> run() throws IOException, InterruptedException {
    out.printf("chaos: again with: make chaos SECONDS=%d SEED=%d%n", seconds, seed);
    var links = links();
    var cluster = new Cluster(directory, links, this::complain);
    // Also after Ctrl-C.
    var hook = new Thread(cluster::close);
    Runtime.getRuntime().addShutdownHook(hook);
    var faults = new Faults(cluster, new Schedule(seed, links.canBeCut()), this::tell);
    try {
      long start = System.nanoTime();
      cluster.found();
      settleNanos = Math.max(SETTLE, FOUNDINGS * (System.nanoTime() - start));
      try (var terms = new Terms(cluster, this::complain)) {
        long left = TimeUnit.SECONDS.toNanos(seconds);
        while (left > 0 && violations().isEmpty()) {
          long now = left < ROUND + ROUND / 2 ? left : ROUND;
          round(cluster, faults, now);
          left -= now;
          if (rounds % ROUNDS_BETWEEN_LEASES == 0 && left > 0 && violations().isEmpty()) {
            long leases = Math.min(left, ROUND);
            leaseRound(cluster, faults, leases);
            left -= leases;
          }
        }
        if (seconds >= SECONDS_FOR_ALL_KINDS) {
          faults.never().forEach(kind -> complain("never happened: " + kind.text()));
        }
        report(faults, terms, links.canBeCut());
      }
    } finally {
      cluster.close();
      Runtime.getRuntime().removeShutdownHook(hook);
    }
    if (violations().isEmpty() && !keep) {
      delete();
    } else {
      out.println("chaos: logs, data and history of the last round are in " + directory);
    }
    if (!violations().isEmpty()) {
      out.printf("chaos: again with: make chaos SECONDS=%d SEED=%d%n", seconds, seed);
    }
    return violations();
  }

  private Links links() {
    try {
      return new Namespaces(Cluster.PLACES);
    } catch (UncheckedIOException e) {
      out.println("chaos: ================================================================");
      out.println("chaos: NO LINK IS CUT OR SLOWED IN THIS RUN, only signals are sent and");
      out.println("chaos: members changed: network namespaces cannot be had here (root, ip,");
      out.println("chaos: tc with htb and u32 are needed): " + e.getCause().getMessage());
      out.println("chaos: ================================================================");
      return new Loopback(Cluster.PLACES);
    }
  }

  private void round(Cluster cluster, Faults faults, long nanos)
      throws IOException, InterruptedException {
    int round = ++rounds;
    long base = revision(cluster);
    var acknowledgements = new Acknowledgements(System.nanoTime());
    var clients =
        new Clients(
            (at, _) -> endpoint(cluster, at),
            requests(round),
            PATIENCE,
            ids,
            acknowledgements,
            this::complain);
    var seeds = new Seeds(seed);
    var watching = new ArrayList<Watching>();
    for (int i = 0; i < WATCHING; i++) {
      watching.add(
          new Watching(
              cluster,
              requests(round).prefix(),
              base + 1,
              seeds.of("watch " + i + " of round " + round),
              this::complain));
    }
    clients.start(
        CLIENTS,
        THINK,
        Integer.MAX_VALUE,
        name -> seeds.of("clients of round " + round + " " + name));
    try {
      faults.run(nanos);
      settle(cluster, faults);
    } finally {
      clients.stop();
    }
    if (violations().isEmpty()) {
      verify(cluster, clients, base);
    }
    compareWatches(cluster, watching);
    var history = clients.history();
    count(clients, acknowledgements, history);
    if (!violations().isEmpty() || keep) {
      write(history);
    }
    tell(
        "round %d: %d operations, longest time without a write %d ms"
            .formatted(round, history.size(), acknowledgements.longestMillis()));
  }

  private void settle(Cluster cluster, Faults faults) throws IOException, InterruptedException {
    var missing = cluster.settle(settleNanos);
    if (missing != null) {
      complain(
          "not healthy %d s after the last fault: %s"
              .formatted(TimeUnit.NANOSECONDS.toSeconds(settleNanos), missing));
    }
    faults.settled();
  }

  /** Leases are held and let go; in the end none of them is left anywhere, nor a key of one. */
  private void leaseRound(Cluster cluster, Faults faults, long nanos)
      throws IOException, InterruptedException {
    var prefix = "leased/%05d/".formatted(rounds);
    var seeds = new Seeds(seed);
    var holders = new ArrayList<LeaseHolder>();
    for (int i = 0; i < CLIENTS; i++) {
      holders.add(
          new LeaseHolder(
              cluster,
              prefix,
              leaseIds,
              seeds.of("leases %d after round %d".formatted(i, rounds)),
              this::complain));
    }
    try {
      faults.run(nanos);
      settle(cluster, faults);
    } finally {
      for (var holder : holders) {
        holder.stop();
      }
    }
    long deadline = System.nanoTime() + LEASES_END;
    var left = LeaseHolder.left(cluster.wanted(), prefix);
    while (left != null && System.nanoTime() < deadline) {
      LockSupport.parkNanos(POLL);
      left = LeaseHolder.left(cluster.wanted(), prefix);
    }
    if (left != null) {
      complain("long after the last renewal: " + left);
    }
    int held = holders.stream().mapToInt(LeaseHolder::held).sum();
    leasesHeld += held;
    tell(
        "after round %d: %d leases held, %d of them lapsed for want of a renewal"
            .formatted(rounds, held, holders.stream().mapToInt(LeaseHolder::lapsed).sum()));
  }

  /** All were told the same, and what they were told leads to what there is. */
  private void compareWatches(Cluster cluster, List<Watching> watching)
      throws InterruptedException {
    if (!violations().isEmpty()) {
      for (var one : watching) {
        one.stop();
      }
      return;
    }
    long revision = revision(cluster);
    List<Event> first = null;
    for (var one : watching) {
      var events = one.finish(revision, WATCH_LIMIT);
      if (events == null) {
        complain("a watch is not told of all up to revision " + revision + " with all faults gone");
      } else if (first != null && !first.equals(events)) {
        complain("two watches were told different things: " + difference(first, events));
      }
      first = first == null ? events : first;
    }
    if (first != null) {
      eventsSeen += first.size();
      compareWithKeys(cluster, first);
    }
  }

  private static String difference(List<Event> one, List<Event> other) {
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      if (!one.get(i).equals(other.get(i))) {
        return "event " + i + " is " + one.get(i) + " or " + other.get(i);
      }
    }
    return one.size() + " events, or " + other.size();
  }

  private void compareWithKeys(Cluster cluster, List<Event> events) {
    var keys = new TreeMap<String, Long>();
    for (var event : events) {
      var key = event.getKv().getKey().toStringUtf8();
      if (event.getType() == Event.EventType.DELETE) {
        keys.remove(key);
      } else {
        keys.put(key, event.getKv().getModRevision());
      }
    }
    var found = new TreeMap<String, Long>();
    if (cluster
            .wanted()
            .getFirst()
            .endpoint
            .ask(requests(rounds).everything(), READ_LIMIT / 1_000_000)
        instanceof Answered(long ignored, Answer.Range range)) {
      range.kvs().forEach(kv -> found.put(kv.key(), kv.mod()));
    } else {
      complain(cluster.wanted().getFirst() + " does not answer with all faults gone");
    }
    if (!found.equals(keys)) {
      complain("watches tell of keys %s, and there are %s".formatted(keys, found));
    }
  }

  private long revision(Cluster cluster) {
    var everything = requests(0).everything();
    long deadline = System.nanoTime() + READ_LIMIT;
    while (System.nanoTime() < deadline) {
      for (var member : cluster.wanted()) {
        if (member.endpoint.ask(everything, 1000) instanceof Answered answered) {
          return answered.revision();
        }
      }
    }
    throw new IllegalStateException("no member of a settled cluster answers");
  }

  private void verify(Cluster cluster, Clients clients, long base) throws InterruptedException {
    for (var member : cluster.wanted()) {
      if (!clients.readEverything(member.name(), member.endpoint, READ_LIMIT)) {
        complain(member + " answers no linearizable read with all faults gone");
        return;
      }
    }
    compareHashes(cluster);
    try {
      boolean late = look(cluster);
      var history = new RoundHistory(base, clients.history(), late ? pending : 0);
      history.check();
      pending = Math.max(0, pending + history.undecided());
    } catch (Violation e) {
      complain(shortened(e.getMessage()));
    }
  }

  /** Equal contents on all members, at the newest revision that any of them shows. */
  private void compareHashes(Cluster cluster) {
    long revision = revision(cluster);
    var hashes = new TreeMap<String, Integer>();
    long deadline = System.nanoTime() + READ_LIMIT;
    for (var member : cluster.wanted()) {
      var request = HashKVRequest.newBuilder().setRevision(revision).build();
      while (!hashes.containsKey(member.name())) {
        try {
          hashes.put(member.name(), member.process.maintenance().hashKV(request).getHash());
        } catch (StatusRuntimeException e) {
          // It may be a little behind still.
          if (System.nanoTime() > deadline) {
            complain(member + " gives no hash at revision " + revision + ": " + e.getStatus());
            return;
          }
          LockSupport.parkNanos(POLL);
        }
      }
    }
    if (hashes.values().stream().distinct().count() > 1) {
      complain("contents differ at revision " + revision + ": " + hashes);
    }
  }

  /**
   * Looks at the keys of all rounds.
   *
   * @return whether one of an earlier round was changed since
   */
  private boolean look(Cluster cluster) {
    var all = new Request.Range("r", "s", 0, 0, false);
    var now = new TreeMap<String, Kv>();
    if (cluster.wanted().getFirst().endpoint.ask(all, READ_LIMIT / 1_000_000)
        instanceof Answered(long ignored, Answer.Range found)) {
      found.kvs().forEach(kv -> now.put(kv.key(), kv));
    } else {
      complain(cluster.wanted().getFirst() + " does not answer with all faults gone");
      return false;
    }
    boolean changed = false;
    for (var old : earlier.entrySet()) {
      var kv = now.get(old.getKey());
      if (old.getValue().equals(kv)) {
        continue;
      }
      changed = true;
      if (pending == 0 || (kv != null && kv.mod() < old.getValue().mod())) {
        complain(
            shortened("a key of an earlier round was changed: " + old.getValue() + " -> " + kv));
      }
    }
    changed |= now.keySet().stream().anyMatch(this::reappeared);
    earlier = now;
    return changed;
  }

  /** Whether a key of an earlier round was not there at that round's end. */
  private boolean reappeared(String key) {
    return !earlier.containsKey(key) && key.compareTo(requests(rounds).everything().key()) < 0;
  }

  private void count(Clients clients, Acknowledgements acknowledgements, List<Operation> history) {
    operations.add(history);
    givenUp += clients.givenUp().size();
    if (acknowledgements.longestMillis() > longestGapMillis) {
      longestGapMillis = acknowledgements.longestMillis();
      longestGapWhen =
          "in round %d, until %.1f s after its start"
              .formatted(rounds, acknowledgements.endedMillis() / 1000.0);
    }
  }

  private void report(Faults faults, Terms terms, boolean linksCut) {
    var table = new StringBuilder("chaos: report%n".formatted());
    table.append(operations.table());
    line(table, givenUp, "requests that failed for 5 s");
    line(table, eventsSeen, "events told to each of " + WATCHING + " watching clients");
    line(table, leasesHeld, "leases held for a while");
    line(table, faults.happened().values().stream().mapToLong(n -> n).sum(), "faults, of them");
    for (var kind : FaultKind.values()) {
      if (linksCut || !kind.cutsLinks()) {
        line(table, faults.happened().getOrDefault(kind, 0), "  " + kind.text());
      }
    }
    line(table, terms.elections(), "elections (the highest term was " + terms.highest() + ")");
    line(table, longestGapMillis, "ms at most without an acknowledged write, " + longestGapWhen);
    line(table, violations().size(), "violations");
    out.print(table);
  }

  private static GrpcEndpoint endpoint(Cluster cluster, int at) {
    var members = cluster.endpoints();
    return members.get(at % members.size());
  }

  /** Keys of later rounds come after those of earlier ones. */
  private static Requests requests(int round) {
    return new Requests("r%05d-".formatted(round), PADDING, true);
  }

  /** For people. */
  private static String shortened(String text) {
    return text.replace(PADDING, "");
  }

  private static void line(StringBuilder table, long number, String text) {
    table.append(Counts.line(number, text));
  }

  private void tell(String text) {
    out.printf("%8.2f  %s%n", (System.nanoTime() - began) / 1e9, text);
  }

  private synchronized void complain(String violation) {
    violations.add(violation);
    tell("VIOLATION: " + violation);
  }

  private synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  private void write(List<Operation> history) throws IOException {
    Files.write(
        directory.resolve("history.txt"),
        history.stream().map(op -> shortened(op.toString())).toList());
    Files.write(directory.resolve("violations.txt"), violations());
  }

  private void delete() throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
