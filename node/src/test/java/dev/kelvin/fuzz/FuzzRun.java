package dev.kelvin.fuzz;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends sessions of one seed to real nodes, while others use the nodes as they should, and checks
 * what docs/fuzz.md says.
 */
final class FuzzRun {
  /**
   * @param frames to be sent, at least
   * @param doors that are fuzzed, and open
   * @param onlySession the one to send again, alone; negative for all
   * @param prefix how many of its frames; negative for all
   * @param brief neither looks for leaks nor waits until slow clients are closed
   */
  record Plan(
      long seed,
      long frames,
      Set<Door> doors,
      int nodes,
      long onlySession,
      int prefix,
      boolean brief,
      Path directory) {}

  /** Connections at a time: each mostly waits, for reads and writes of HTTP follow each other. */
  private static final int WORKERS = 48;

  /** Looks at what the nodes hold; the first is the warm-up's. */
  private static final int PARTS = 6;

  /** From so many frames on, each kind must have happened. */
  private static final long ALL_KINDS = 500_000;

  /** One in so many requests that are as they should be may be refused, and some in any case. */
  private static final long ONE_REFUSED_IN = 200;

  private static final long REFUSED_ANYHOW = 50;
  private static final long AFTERWARDS = 10_000;
  private static final int MOST_FAILURES = 5;
  private static final int SHOWN_BYTES = 160;

  private final Plan plan;
  private final PrintStream out;
  private final Tally tally = new Tally();
  private final AtomicLong next = new AtomicLong();
  private final Map<Session, String> failures = Collections.synchronizedMap(new LinkedHashMap<>());
  private final List<String> violations = new ArrayList<>();
  private final Map<String, List<Footprint>> footprints = new LinkedHashMap<>();
  private final List<LogWatch> logs = new ArrayList<>();
  private final List<Bystander> bystanders = new ArrayList<>();

  FuzzRun(Plan plan, PrintStream out) {
    this.plan = plan;
    this.out = out;
  }

  /** What was wrong. */
  List<String> run() throws Exception {
    out.printf("seed %d, again by: make fuzz FRAMES=%d SEED=%1$d%n", plan.seed, plan.frames);
    Files.createDirectories(plan.directory);
    var directory = Files.createTempDirectory(plan.directory, "run-");
    try (var nodes = new Nodes(directory, plan.nodes, plan.doors)) {
      // Nodes outlive whoever started them.
      Runtime.getRuntime().addShutdownHook(new Thread(nodes::close, "fuzz-end"));
      nodes.processes().forEach(node -> logs.add(new LogWatch(node)));
      if (plan.onlySession >= 0) {
        one(nodes);
      } else {
        all(nodes);
      }
      look(nodes);
    }
    if (violations.isEmpty()) {
      delete(directory);
    } else {
      out.println("logs and data are in " + directory);
    }
    violations.forEach(violation -> out.println("VIOLATION " + violation));
    return List.copyOf(violations);
  }

  private void one(Nodes nodes) throws IOException {
    var session = Session.draw(plan.seed, plan.onlySession);
    var part = plan.prefix < 0 ? session : session.prefix(plan.prefix);
    try (var client = new Client()) {
      var result = client.run(part, nodes.of(session.index()).doors().get(session.door()));
      out.println("as it should be: " + result);
    } catch (Wrong e) {
      violations.add("session %d: %s".formatted(session.index(), e.getMessage()));
    }
  }

  private void all(Nodes nodes) throws Exception {
    bystanders.add(new Bystander("etcd", new Ways.Etcd(nodes)));
    for (var door : plan.doors) {
      bystanders.add(new Bystander(door.name(), Ways.of(door, nodes)));
    }
    try {
      long begin = System.nanoTime();
      int parts = plan.brief ? 1 : PARTS;
      for (int part = 1; part <= parts && quiet(); part++) {
        send(nodes, plan.frames * part / parts);
        footprint(nodes);
        look(nodes);
        out.printf(
            "%,d frames in %d s%n",
            tally.all(), TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin));
      }
      if (quiet()) {
        loris(nodes);
      }
      if (quiet() && !plan.brief) {
        // Whoever comes then is served.
        send(nodes, tally.all() + AFTERWARDS);
      }
      shrink(nodes);
      look(nodes);
    } finally {
      for (var bystander : bystanders) {
        bystander.stop();
        violations.addAll(bystander.wrong());
      }
    }
    tally.print(out, plan.doors);
    bystanders.forEach(bystander -> out.println(bystander.report()));
    judge();
  }

  private boolean quiet() {
    return violations.isEmpty() && failures.isEmpty();
  }

  private void send(Nodes nodes, long upTo) throws InterruptedException, ExecutionException {
    try (var workers = Executors.newFixedThreadPool(WORKERS)) {
      Callable<Void> work =
          () -> {
            work(nodes, upTo);
            return null;
          };
      for (var done : workers.invokeAll(Collections.nCopies(WORKERS, work))) {
        done.get();
      }
    }
  }

  private void work(Nodes nodes, long upTo) throws IOException {
    try (var client = new Client()) {
      while (tally.all() < upTo && failures.size() < MOST_FAILURES) {
        var session = Session.draw(plan.seed, next.getAndIncrement());
        if (!plan.doors.contains(session.door())) {
          continue;
        }
        try {
          var node = nodes.of(session.index());
          tally.add(session, client.run(session, node.doors().get(session.door())));
        } catch (Wrong e) {
          failures.put(session, e.getMessage());
        } catch (IOException e) {
          failures.put(session, "no connection: " + e.getMessage());
        } catch (RuntimeException e) {
          failures.put(session, "what came back cannot be understood: " + e);
        }
      }
    }
  }

  private void footprint(Nodes nodes) throws IOException, InterruptedException {
    for (var node : nodes.all) {
      var process = node.process();
      if (process.alive()) {
        var now = Footprint.of(process);
        footprints.computeIfAbsent(process.name, _ -> new ArrayList<>()).add(now);
        out.printf("%s: %s%n", process.name, now);
      }
    }
  }

  private void look(Nodes nodes) throws IOException {
    nodes
        .processes()
        .filter(node -> !node.alive())
        .forEach(node -> violations.add(node.name + " has ended: " + end(node.output())));
    for (var log : logs) {
      violations.addAll(log.look());
      violations.addAll(log.flood(tally.all()));
    }
    for (var bystander : bystanders) {
      violations.addAll(bystander.wrong());
    }
    nodes
        .processes()
        .filter(node -> node.alive() && node.httpStatus("/readyz") != 200)
        .forEach(node -> violations.add(node.name + " is not ready"));
  }

  private static String end(String log) {
    return log.substring(Math.max(0, log.length() - 1000));
  }

  /** Says of each session that failed how it is sent again, and how little of it is enough. */
  private void shrink(Nodes nodes) throws IOException {
    for (var failure : failures.entrySet()) {
      var session = failure.getKey();
      int enough = session.frames().size();
      var why = failure.getValue();
      var again = fails(nodes, session);
      if (again == null) {
        why += "; not so when it was sent again";
      } else {
        for (int from = 0, to = enough; from < to; ) {
          int middle = (from + to) / 2;
          if (fails(nodes, session.prefix(middle)) == null) {
            from = middle + 1;
          } else {
            to = middle;
          }
          enough = to;
        }
      }
      violations.add(
          "%s, session %d: %s%n  again by: bin/fuzz --seed %d --session %2$d --prefix %d%n  %s"
              .formatted(
                  session.door(), session.index(), why, plan.seed, enough, end(session, enough)));
    }
  }

  private static String fails(Nodes nodes, Session session) throws IOException {
    try (var client = new Client()) {
      client.run(session, nodes.of(session.index()).doors().get(session.door()));
      return null;
    } catch (Wrong | RuntimeException e) {
      return e.getMessage();
    }
  }

  /** The last frames of a prefix, in hexadecimal digits and as text. */
  private static String end(Session session, int count) {
    var text = new StringBuilder();
    for (int i = Math.max(0, count - 2); i < count; i++) {
      var frame = session.frames().get(i);
      int shown = Math.min(SHOWN_BYTES, frame.bytes().length);
      var bytes = java.util.Arrays.copyOf(frame.bytes(), shown);
      var plain = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
      text.append(
          "frame %d, %s, %d bytes: %s = %s%n  "
              .formatted(
                  i,
                  frame.kind(),
                  frame.bytes().length,
                  HexFormat.of().formatHex(bytes),
                  plain.replaceAll("\\p{Cntrl}", ".")));
    }
    return text.toString().strip();
  }

  private void loris(Nodes nodes) throws IOException {
    var all = new ArrayList<Loris>();
    try {
      for (var door : plan.doors) {
        all.add(new Loris(door, nodes.of(0).doors().get(door)));
      }
      for (var loris : all) {
        violations.addAll(loris.awaitRefusals());
      }
      if (!plan.brief) {
        for (var loris : all) {
          violations.addAll(loris.awaitAllClosed());
        }
      }
    } finally {
      for (var loris : all) {
        loris.close();
      }
    }
    out.println("slow clients: bounded");
  }

  private void judge() {
    footprints.forEach((node, looks) -> violations.addAll(grown(node, looks)));
    var missing = tally.missing(plan.doors);
    if (tally.all() >= ALL_KINDS && !missing.isEmpty()) {
      violations.add("never happened: " + missing);
    }
    if (tally.refused() > REFUSED_ANYHOW + tally.all() / ONE_REFUSED_IN) {
      violations.add("%,d good requests were refused".formatted(tally.refused()));
    }
    for (var bystander : bystanders) {
      if (bystander.answers() == 0) {
        violations.add(bystander.report());
      }
    }
  }

  private static List<String> grown(String node, List<Footprint> looks) {
    return looks.size() < PARTS ? List.of() : Footprint.grown(node, looks);
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
