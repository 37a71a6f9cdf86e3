package dev.kelvin.chaos;

import dev.kelvin.process.NodeProcess.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Each node in a network namespace of its own, all on one bridge, by which clients reach them too.
 * The bridge has a namespace of its own as well: in that of the machine a firewall would filter
 * what passes it, as Docker's does. What comes to a node is sorted by sender at the bridge's end of
 * its link: a sender can be given a narrow class or one with no room for any packet. There nobody
 * is told that a packet is lost, as on a real network.
 *
 * <p>Needs root, {@code ip}, {@code tc}, and the kernel's htb and u32. Everything made carries the
 * process ID of this JVM in its name; what a dead one left is removed at the start.
 */
final class Namespaces implements Links {
  private static final Pattern OURS = Pattern.compile("\\bkch(\\d+)(b|h|n\\d+)\\b");
  private static final String BRIDGE = "bridge";
  private static final int FIRST_HOST = 11;
  private static final int QUEUE_MILLIS = 500;

  private final String prefix = "kch" + ProcessHandle.current().pid();
  private final String hub = prefix + "h";
  private final String net;
  private final int nodes;

  /**
   * @throws UncheckedIOException when something of it is not to be had here; nothing is left then
   */
  Namespaces(int nodes) {
    this.nodes = nodes;
    long pid = ProcessHandle.current().pid();
    net = "10.%d.%d.".formatted(128 + pid / 250 % 100, pid % 250);
    removeLeftovers();
    try {
      if (run("ip", "-4", "-o", "addr").contains(" " + net)) {
        throw new UncheckedIOException(new IOException(net + "0/24 is in use"));
      }
      make();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void make() {
    run("ip", "netns", "add", hub);
    run("ip", "-n", hub, "link", "add", BRIDGE, "type", "bridge");
    run("ip", "-n", hub, "link", "set", BRIDGE, "up");
    var clients = prefix + "b";
    run("ip", "link", "add", clients, "type", "veth", "peer", "name", "clients", "netns", hub);
    run("ip", "-n", hub, "link", "set", "clients", "master", BRIDGE);
    run("ip", "-n", hub, "link", "set", "clients", "up");
    run("ip", "addr", "add", net + "1/24", "dev", clients);
    run("ip", "link", "set", clients, "up");
    for (int i = 0; i < nodes; i++) {
      var name = name(i);
      run("ip", "netns", "add", name);
      run(
          ("ip -n %s link add %s type veth peer name eth0 netns %s")
              .formatted(hub, name, name)
              .split(" "));
      run("ip", "-n", hub, "link", "set", name, "master", BRIDGE);
      run("ip", "-n", hub, "link", "set", name, "up");
      run("ip", "-n", name, "link", "set", "lo", "up");
      run("ip", "-n", name, "addr", "add", host(i) + "/24", "dev", "eth0");
      run("ip", "-n", name, "link", "set", "eth0", "up");
      run("tc", "-n", hub, "qdisc", "add", "dev", name, "root", "handle", "1:", "htb");
    }
    // Shows now, and not in the middle of a run, whether this kernel can do it.
    cut(0, 1);
    mend(0, 1);
  }

  private String name(int node) {
    return prefix + "n" + node;
  }

  private String host(int node) {
    return net + (FIRST_HOST + node);
  }

  @Override
  public Place place(int node) {
    return new Place(List.of("ip", "netns", "exec", name(node)), host(node), 7001, 7002, 7003);
  }

  @Override
  public boolean canBeCut() {
    return true;
  }

  @Override
  public void cut(int from, int to) {
    // A queue too short for any packet.
    sort(from, to, 64, 1);
  }

  @Override
  public void slow(int from, int to, int kbits) {
    sort(from, to, kbits, Math.max(4000, kbits * QUEUE_MILLIS / 8));
  }

  private void sort(int from, int to, int kbits, int queueBytes) {
    var link = name(to);
    var rank = Integer.toString(FIRST_HOST + from);
    var classId = "1:" + rank;
    mend(from, to);
    run(
        ("tc -n %s class replace dev %s parent 1: classid %s htb rate %dkbit burst 2k quantum 1500")
            .formatted(hub, link, classId, kbits)
            .split(" "));
    run(
        "tc -n %s qdisc replace dev %s parent %s handle %s: bfifo limit %d"
            .formatted(hub, link, classId, rank, queueBytes)
            .split(" "));
    run(
        "tc -n %s filter add dev %s parent 1: protocol ip prio %s u32 match ip src %s/32 flowid %s"
            .formatted(hub, link, rank, host(from), classId)
            .split(" "));
  }

  @Override
  public void mend(int from, int to) {
    tryRun(
        "tc -n %s filter del dev %s parent 1: prio %d"
            .formatted(hub, name(to), FIRST_HOST + from)
            .split(" "));
  }

  @Override
  public void close() {
    remove(prefix);
  }

  /** Removes what runs of this kind left that died without removing it. */
  private static void removeLeftovers() {
    var dead = new TreeSet<String>();
    var found = OURS.matcher(tryRun("ip", "netns", "list") + tryRun("ip", "-o", "link"));
    while (found.find()) {
      if (ProcessHandle.of(Long.parseLong(found.group(1))).isEmpty()) {
        dead.add("kch" + found.group(1));
      }
    }
    dead.forEach(Namespaces::remove);
  }

  private static void remove(String prefix) {
    var names = new TreeSet<String>();
    var found = OURS.matcher(tryRun("ip", "netns", "list") + "\n" + tryRun("ip", "-o", "link"));
    while (found.find()) {
      if (found.group().matches(Pattern.quote(prefix) + "(b|h|n\\d+)")) {
        names.add(found.group());
      }
    }
    for (var name : names) {
      tryRun("ip", "netns", "pids", name)
          .lines()
          .map(Long::parseLong)
          .flatMap(pid -> ProcessHandle.of(pid).stream())
          .forEach(ProcessHandle::destroyForcibly);
      tryRun("ip", "link", "del", name);
      tryRun("ip", "netns", "del", name);
    }
  }

  private static String tryRun(String... command) {
    try {
      return run(command);
    } catch (UncheckedIOException e) {
      return "";
    }
  }

  private static String run(String... command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes());
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output.strip());
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while " + new ArrayList<>(List.of(command)), e);
    }
  }
}
