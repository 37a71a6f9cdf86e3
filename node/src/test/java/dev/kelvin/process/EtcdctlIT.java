package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** etcd's own command line client, through each node in turn. */
class EtcdctlIT {
  @TempDir static Path dir;

  private static LocalCluster cluster;

  private record Result(int exit, String out, String err) {}

  @BeforeAll
  static void startCluster() throws Exception {
    boolean there = false;
    try {
      there = run("", List.of("etcdctl", "version")).exit == 0;
    } catch (IOException e) {
      System.out.println("*** NOT TESTED: etcdctl (3.6 or later) is not on PATH: EtcdctlIT ***");
    }
    assumeTrue(there, "etcdctl is not on PATH");
    cluster = LocalCluster.start(dir);
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static Result run(String input, List<String> command)
      throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).start();
    process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new AssertionError("etcdctl hangs: " + command);
    }
    return new Result(process.exitValue(), out, err);
  }

  private static Result etcdctl(String input, String endpoints, String... arguments) {
    var command = new ArrayList<>(List.of("etcdctl", "--endpoints", endpoints));
    command.addAll(List.of(arguments));
    try {
      return run(input, command);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String ok(NodeProcess node, String... arguments) {
    var result = etcdctl("", node.clientAddress(), arguments);
    assertEquals(0, result.exit, () -> String.join(" ", arguments) + "\n" + result.err);
    return result.out;
  }

  private static String all() {
    return cluster.nodes.stream().map(NodeProcess::clientAddress).collect(Collectors.joining(","));
  }

  @Test
  void keysAreWrittenReadAndDeletedThroughEveryNode() {
    for (var node : cluster.nodes) {
      var prefix = "kv-" + node.name + "/";
      for (var key : List.of("a", "b", "c")) {
        assertEquals("OK\n", ok(node, "put", prefix + key, "value-" + key));
      }
      assertEquals(prefix + "a\nvalue-a\n", ok(node, "get", prefix + "a"));
      assertEquals(
          prefix + "a\nvalue-a\n" + prefix + "b\nvalue-b\n" + prefix + "c\nvalue-c\n",
          ok(node, "get", "--prefix", prefix));
      assertEquals(
          prefix + "b\n\n" + prefix + "c\n\n",
          ok(node, "get", "--from-key", "--keys-only", "--limit", "2", prefix + "b"));
      assertEquals(
          "value-c\nvalue-b\n",
          ok(
              node,
              "get",
              "--prefix",
              prefix,
              "--sort-by",
              "KEY",
              "--order",
              "DESCEND",
              "--limit",
              "2",
              "--print-value-only"));
      assertTrue(
          ok(node, "get", "--prefix", prefix, "--count-only", "-w", "fields")
              .contains("\"Count\" : 3"));
      assertTrue(ok(node, "get", prefix + "a", "-w", "json").contains("\"version\":1"));
      assertEquals("1\n" + prefix + "a\nvalue-a\n", ok(node, "del", "--prev-kv", prefix + "a"));
      assertEquals("", ok(node, "get", prefix + "a"));
    }
  }

  @Test
  void oldRevisionsAreReadUntilTheyAreCompacted() {
    for (var node : cluster.nodes) {
      var key = "history-" + node.name;
      ok(node, "put", key, "old");
      long revision = revision(ok(node, "get", key, "-w", "json"));
      ok(node, "put", key, "new");
      assertEquals(key + "\nold\n", ok(node, "get", key, "--rev", Long.toString(revision)));
      long now = revision(ok(node, "get", key, "-w", "json"));
      assertEquals("compacted revision " + now + "\n", ok(node, "compaction", Long.toString(now)));
      var refused = etcdctl("", node.clientAddress(), "get", key, "--rev", Long.toString(revision));
      assertNotEquals(0, refused.exit);
      assertTrue(
          refused.err.contains("etcdserver: mvcc: required revision has been compacted"),
          refused.err);
      var again = etcdctl("", node.clientAddress(), "compaction", Long.toString(now));
      assertTrue(
          again.err.contains("etcdserver: mvcc: required revision has been compacted"), again.err);
      var future = etcdctl("", node.clientAddress(), "compaction", "999999999");
      assertTrue(
          future.err.contains("etcdserver: mvcc: required revision is a future revision"),
          future.err);
    }
  }

  @Test
  void leasesAreGrantedKeptAliveShownAndRevoked() {
    for (var node : cluster.nodes) {
      var granted = ok(node, "lease", "grant", "100");
      assertTrue(granted.matches("lease [0-9a-f]{16} granted with TTL\\(100s\\)\n"), granted);
      var id = granted.substring(6, 22);
      var key = "leased-" + node.name;
      assertEquals("OK\n", ok(node, "put", "--lease", id, key, "value"));
      for (var other : cluster.nodes) {
        var shown = ok(other, "lease", "timetolive", "--keys", id);
        assertTrue(shown.startsWith("lease " + id + " granted with TTL(100s), remaining("), shown);
        assertTrue(shown.endsWith("s), attached keys([" + key + "])\n"), shown);
        assertEquals(
            "lease " + id + " keepalived with TTL(100)\n",
            ok(other, "lease", "keep-alive", "--once", id));
        var list = ok(other, "lease", "list");
        assertTrue(list.matches("(?s)found [0-9]+ leases\n.*") && list.contains(id), list);
      }
      assertEquals("lease " + id + " revoked\n", ok(node, "lease", "revoke", id));
      assertEquals("", ok(node, "get", key));
      assertEquals("lease " + id + " already expired\n", ok(node, "lease", "timetolive", id));
      var unknown = etcdctl("", node.clientAddress(), "put", "--lease", id, key, "value");
      assertTrue(unknown.err.contains("etcdserver: requested lease not found"), unknown.err);
      var large = etcdctl("", node.clientAddress(), "lease", "grant", "9000000001");
      assertTrue(large.err.contains("etcdserver: too large lease TTL"), large.err);
    }
  }

  private static long revision(String json) {
    var digits = json.replaceAll("(?s).*?\"revision\":(\\d+).*", "$1");
    return Long.parseLong(digits);
  }

  @Test
  void transactionsTakeTheBranchTheirComparesChoose() {
    for (var node : cluster.nodes) {
      var key = "txn-" + node.name;
      ok(node, "put", key, "one");
      var program =
          """
          value("%1$s") = "one"
          version("%1$s") = "1"

          put %1$s two
          get %1$s

          get %1$s

          """
              .formatted(key);
      var first = etcdctl(program, node.clientAddress(), "txn");
      assertEquals("SUCCESS\n\nOK\n\n" + key + "\ntwo\n", first.out, first.err);
      var second = etcdctl(program, node.clientAddress(), "txn");
      assertEquals("FAILURE\n\n" + key + "\ntwo\n", second.out, second.err);
    }
  }

  @Test
  void watchesTellOfPastAndPresentThroughEveryNode() throws Exception {
    for (var node : cluster.nodes) {
      var before = ok(node, "put", "watched", "1", "-w", "fields");
      var revision = before.replaceAll("(?s).*\"Revision\" : (\\d+).*", "$1");
      var command =
          List.of(
              "etcdctl",
              "--endpoints",
              node.clientAddress(),
              "watch",
              "watched",
              "--rev",
              revision,
              "--prev-kv");
      var watching = new ProcessBuilder(command).start();
      try (var lines = watching.inputReader(StandardCharsets.UTF_8)) {
        assertEquals("PUT", lines.readLine());
        // The key of the event; before it comes the version before, if there was one.
        for (var line = lines.readLine(); !"1".equals(line); line = lines.readLine()) {
          assertNotEquals("DELETE", line);
        }
        ok(node, "del", "watched");
        assertEquals(
            List.of("DELETE", "watched", "1", "watched", ""),
            List.of(
                lines.readLine(),
                lines.readLine(),
                lines.readLine(),
                lines.readLine(),
                lines.readLine()));
      } finally {
        watching.destroyForcibly();
      }
    }
  }

  @Test
  void maintenanceIsDoneThroughEveryNode() {
    for (var node : cluster.nodes) {
      ok(node, "put", "maintained", "old");
      ok(node, "put", "maintained", "new");
      var now = Long.toString(revision(ok(node, "get", "maintained", "-w", "json")));
      assertEquals("compacted revision " + now + "\n", ok(node, "compaction", "--physical", now));
      var defragmented = ok(node, "defrag");
      assertTrue(defragmented.startsWith("Finished defragmenting etcd member["), defragmented);
      assertEquals("", ok(node, "alarm", "disarm"));
      var refused = etcdctl("", node.clientAddress(), "downgrade", "validate", "3.5");
      assertTrue(refused.err.contains("etcdserver: invalid downgrade target version"), refused.err);
      assertEquals(
          "Downgrade cancel success, cluster version 3.6\n", ok(node, "downgrade", "cancel"));
    }
  }

  @Test
  void membersAndStatusAreShownByEveryNode() {
    for (var node : cluster.nodes) {
      ok(node, "member", "list", "-w", "table");
      var members = ok(node, "member", "list");
      for (var member : cluster.nodes) {
        var line =
            ", started, %s, http://%s, http://%s, false"
                .formatted(member.name, member.peerAddress(), member.clientAddress());
        assertTrue(members.contains(line), members);
      }
      ok(node, "endpoint", "health");
    }
    var status = etcdctl("", all(), "endpoint", "status", "-w", "json");
    assertEquals(0, status.exit, status.err);
    assertEquals(3, status.out.split("\"leader\":", -1).length - 1, status.out);
    assertEquals(0, etcdctl("", all(), "endpoint", "status", "-w", "table").exit);
    assertEquals(0, etcdctl("", all(), "endpoint", "hashkv").exit);
    assertEquals("", ok(cluster.nodes.getFirst(), "alarm", "list"));
  }
}
