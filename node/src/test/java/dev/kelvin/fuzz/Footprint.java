package dev.kelvin.fuzz;

import dev.kelvin.process.NodeProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a node holds while nobody asks anything of it.
 *
 * @param liveBytes of the Java heap, after a full collection
 * @param otherBytes resident, anonymous and outside of the Java heap
 * @param descriptors open files and sockets
 * @param threads of the process
 */
record Footprint(long liveBytes, long otherBytes, long descriptors, long threads) {
  private static final long MIB = 1 << 20;

  /** Growth that is let pass between the first looks and the last ones. */
  private static final Footprint ALLOWANCE = new Footprint(16 * MIB, 32 * MIB, 24, 16);

  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
  private static final Pattern GENERATION =
      Pattern.compile("(?m)^ *(?:PSYoungGen|ParOldGen) .*\\[0x(\\w+), 0x\\w+, 0x(\\w+)\\)");
  private static final Pattern MAPPING =
      Pattern.compile("(?m)^([0-9a-f]+)-[0-9a-f]+ .*\\n(?:\\w+:.*\\n)*?Rss: +(\\d+) kB");

  static Footprint of(NodeProcess node) throws IOException, InterruptedException {
    long pid = node.pid();
    long live = number(TOTAL, jcmd(pid, "GC.class_histogram"));
    var proc = Path.of("/proc", Long.toString(pid));
    var status = Files.readString(proc.resolve("status"));
    long heap = heapResident(jcmd(pid, "GC.heap_info"), Files.readString(proc.resolve("smaps")));
    long descriptors;
    try (var open = Files.list(proc.resolve("fd"))) {
      descriptors = open.count();
    }
    return new Footprint(
        live,
        number(Pattern.compile("(?m)^RssAnon:\\s+(\\d+)"), status) * 1024 - heap,
        descriptors,
        number(Pattern.compile("(?m)^Threads:\\s+(\\d+)"), status));
  }

  private static long heapResident(String info, String mappings) {
    long from = Long.MAX_VALUE;
    long to = 0;
    for (var generation : GENERATION.matcher(info).results().toList()) {
      from = Math.min(from, Long.parseLong(generation.group(1), 16));
      to = Math.max(to, Long.parseLong(generation.group(2), 16));
    }
    if (to == 0) {
      throw new IllegalStateException("no generations of a heap in: " + info);
    }
    long resident = 0;
    for (var mapping : MAPPING.matcher(mappings).results().toList()) {
      long begin = Long.parseUnsignedLong(mapping.group(1), 16);
      if (begin >= from && begin < to) {
        resident += Long.parseLong(mapping.group(2)) * 1024;
      }
    }
    return resident;
  }

  private static long number(Pattern pattern, String text) {
    var found = pattern.matcher(text);
    if (!found.find()) {
      throw new IllegalStateException("no " + pattern + " in: " + text);
    }
    return Long.parseLong(found.group(1));
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    var tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    var asked =
        new ProcessBuilder(tool, Long.toString(pid), command).redirectErrorStream(true).start();
    var answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (asked.waitFor() != 0) {
      throw new IOException("jcmd " + command + ": " + answer);
    }
    return answer;
  }

  /**
   * What has grown that should not: each number, the least of the last two looks against the most
   * of the first two. One look that met something in passing decides nothing.
   *
   * @param looks at least three, in order
   */
  static List<String> grown(String node, List<Footprint> looks) {
    var found = new ArrayList<String>();
    int last = looks.size() - 1;
    compare(found, node, "live bytes of heap", looks, last, Footprint::liveBytes);
    compare(found, node, "resident bytes beside the heap", looks, last, Footprint::otherBytes);
    compare(found, node, "open descriptors", looks, last, Footprint::descriptors);
    compare(found, node, "threads", looks, last, Footprint::threads);
    return found;
  }

  private static void compare(
      List<String> found,
      String node,
      String what,
      List<Footprint> looks,
      int last,
      java.util.function.ToLongFunction<Footprint> of) {
    long before = Math.max(of.applyAsLong(looks.get(0)), of.applyAsLong(looks.get(1)));
    long after = Math.min(of.applyAsLong(looks.get(last)), of.applyAsLong(looks.get(last - 1)));
    if (after > before + of.applyAsLong(ALLOWANCE)) {
      found.add("%s leaks: %s grew from %,d to %,d".formatted(node, what, before, after));
    }
  }

  @Override
  public String toString() {
    return "heap %.1f MiB live, %.1f MiB beside it, %d descriptors, %d threads"
        .formatted(liveBytes / (double) MIB, otherBytes / (double) MIB, descriptors, threads);
  }
}
