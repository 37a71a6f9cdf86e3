package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What etcdctl's help lists beyond keys, leases and status ({@link EtcdctlIT}): locks, elections,
 * sessions at a terminal, mirrors, members. Locks and elections of etcdctl are those of etcd's Go
 * client ({@code clientv3/concurrency}), not the services.
 */
class EtcdctlToolsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir static Path dir;

  private static LocalCluster cluster;

  /** With all nodes as endpoints. */
  private static Etcdctl all;

  @BeforeAll
  static void startCluster() throws Exception {
    Etcdctl.assumeThere(EtcdctlToolsIT.class);
    cluster = LocalCluster.start(dir);
    all =
        new Etcdctl(
            cluster.nodes.stream()
                .map(NodeProcess::clientAddress)
                .collect(Collectors.joining(",")));
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static Etcdctl of(int node) {
    return new Etcdctl(cluster.nodes.get(node).clientAddress());
  }

  private static void await(String what, BooleanSupplier condition) {
    cluster.nodes.getFirst().await(what, LIMIT, condition);
  }

  private static int keys(String prefix) {
    return all.ok("get", "--prefix", "--keys-only", prefix).split("\n\n").length;
  }

  @Test
  void aLockIsHeldWhileItsCommandRuns() throws Exception {
    var key = of(0).ok("lock", "job", "--", "sh", "-c", "echo $ETCD_LOCK_KEY");
    assertTrue(key.matches("job/[0-9a-f]+\n"), key);
    assertEquals(3, of(1).run("lock", "job", "--", "sh", "-c", "exit 3").exit());
    try (var holder = of(0).start("lock", "job");
        var next = lockBehind(holder)) {
      assertTrue(next.quiet());
      assertEquals(0, holder.interrupt());
      assertEquals("mine", next.line());
      assertEquals(0, next.exit());
    }
    assertEquals("", all.ok("get", "--prefix", "job/"));
  }

  private static Etcdctl.Running lockBehind(Etcdctl.Running holder) throws Exception {
    assertTrue(holder.line().startsWith("job/"));
    var next = of(2).start("lock", "job", "echo", "mine");
    await("the second in the queue", () -> keys("job/") == 2);
    return next;
  }

  @Test
  void electionsAreWonInOrderAndObserved() throws Exception {
    try (var observer = of(0).start("elect", "-l", "vote");
        var first = of(1).start("elect", "vote", "one")) {
      assertTrue(first.line().startsWith("vote/"));
      assertEquals("one", first.line());
      observer.says("one");
      try (var second = of(2).start("elect", "vote", "two")) {
        await("the second in the queue", () -> keys("vote/") == 2);
        assertTrue(second.quiet());
        assertEquals(0, first.interrupt());
        second.says("two");
        observer.says("two");
        assertEquals(0, second.interrupt());
      }
      assertEquals(0, observer.interrupt());
    }
  }

  @Test
  void aWatchAtATerminalTakesCommandsAndTellsHowFarItIs() throws Exception {
    for (int node = 0; node < 3; node++) {
      try (var watch = of(node).start("watch", "-i")) {
        var written = all.ok("put", "typed/a", "1", "-w", "fields");
        var revision = written.replaceAll("(?s).*\"Revision\" : (\\d+).*", "$1");
        watch.type("watch --prefix --rev=" + revision + " typed/");
        watch.says("PUT", "typed/a", "1");
        all.ok("del", "typed/a");
        watch.says("DELETE", "typed/a");
        watch.type("progress");
        var told = watch.line();
        while (told.isEmpty()) {
          told = watch.line();
        }
        assertTrue(told.matches("progress notify: \\d+"), told);
        var other = "other/" + node;
        watch.type("watch " + other + " -- echo changed");
        // It is there when a write is told of.
        await(
            "an event",
            () -> {
              all.ok("put", other, "x");
              return !watch.quiet();
            });
        watch.says("PUT", other, "x", "changed");
      }
    }
    try (var watch = of(1).start("watch", "run", "--", "sh", "-c", "echo $ETCD_WATCH_EVENT_TYPE")) {
      await(
          "an event",
          () -> {
            all.ok("put", "run", "x");
            return !watch.quiet();
          });
      watch.says("PUT", "run", "x", "\"PUT\"");
    }
  }

  @Test
  void aLeaseIsKeptAliveUntilItIsRevoked() throws Exception {
    var id = of(0).ok("lease", "grant", "2").substring(6, 22);
    try (var keeping = of(1).start("lease", "keep-alive", id)) {
      for (int i = 0; i < 3; i++) {
        assertEquals("lease " + id + " keepalived with TTL(2)", keeping.line());
      }
      of(2).ok("lease", "revoke", id);
      keeping.says("lease " + id + " expired or revoked.");
    }
  }

  @Test
  void membersAreAddedUpdatedAndRemoved() {
    var peer = "http://127.0.0.1:1";
    var added = of(0).ok("member", "add", "n4", "--learner", "--peer-urls=" + peer);
    assertTrue(
        added.matches("(?s)Member +[0-9a-f]+ added as learner to cluster +[0-9a-f]+\n.*"), added);
    var id = added.replaceAll("(?s)Member +([0-9a-f]+) added.*", "$1");
    var again = of(0).refused("member", "add", "n5", "--learner", "--peer-urls=" + peer);
    assertTrue(again.contains("etcdserver: Peer URLs already exists"), again);
    var early = of(0).refused("member", "promote", id);
    assertTrue(
        early.contains(
            "etcdserver: can only promote a learner member which is in sync with leader"),
        early);
    var updated = of(1).ok("member", "update", id, "--peer-urls=http://127.0.0.1:2");
    assertTrue(updated.matches("Member +" + id + " updated in cluster +[0-9a-f]+\n"), updated);
    var line = id + ", unstarted, , http://127.0.0.1:2, , true";
    assertTrue(of(2).ok("member", "list").contains(line));
    assertTrue(of(2).ok("member", "list", "-w", "json").contains("\"isLearner\":true"));
    var removed = of(2).ok("member", "remove", id);
    assertTrue(removed.matches("Member +" + id + " removed from cluster +[0-9a-f]+\n"), removed);
    var gone = of(0).refused("member", "remove", id);
    assertTrue(gone.contains("etcdserver: member not found"), gone);
  }

  @Test
  void theLeaderIsMovedAndTheWholeClusterIsShown() {
    long leader = cluster.leader().status().getLeader();
    var next =
        cluster.nodes.stream()
            .map(node -> node.status().getHeader().getMemberId())
            .filter(id -> id != leader)
            .findFirst()
            .orElseThrow();
    var moved = all.ok("move-leader", Long.toHexString(next));
    assertEquals("Leadership transferred from %x to %x\n".formatted(leader, next), moved);
    await("the new leader", () -> cluster.nodes.getFirst().status().getLeader() == next);
    var healthy = of(0).run("endpoint", "health", "--cluster");
    assertEquals(0, healthy.exit(), healthy.err());
    assertEquals(3, count("is healthy", healthy.out() + healthy.err()));
    var status = of(1).ok("endpoint", "status", "--cluster", "-w", "json");
    assertEquals(3, count("\"dbSize\":", status));
    assertEquals(3, count("\"leader\":" + Long.toUnsignedString(next), status));
    for (var node : cluster.nodes) {
      assertTrue(of(1).ok("endpoint", "status", "--cluster").contains(node.clientAddress()));
    }
    var revision = of(0).ok("get", "none", "-w", "fields");
    var rev = revision.replaceAll("(?s).*\"Revision\" : (\\d+).*", "$1");
    var hashes = of(2).ok("endpoint", "hashkv", "--cluster", "--rev", rev);
    assertEquals(3, hashes.lines().count());
    assertEquals(1, hashes.lines().map(line -> line.split(", ")[1]).distinct().count(), hashes);
  }

  private static int count(String text, String in) {
    return in.split(Pattern.quote(text), -1).length - 1;
  }

  @Test
  void aRangeIsReadInParts() {
    var keys = new ArrayList<String>();
    for (int i = 10; i < 40; i++) {
      keys.add("stream/" + i);
      all.ok("put", "stream/" + i, "value");
    }
    for (int node = 0; node < 3; node++) {
      assertEquals(
          of(node).ok("get", "--prefix", "stream/"),
          of(node).ok("get", "--stream", "--prefix", "stream/"));
      var json = of(node).ok("get", "--stream", "--limit=7", "--prefix", "stream/", "-w", "json");
      assertTrue(json.contains("\"more\":true") && json.contains("\"count\":30"), json);
    }
  }

  @Test
  void aMirrorFollowsFromEtcdToKelvinAndBack() throws Exception {
    var etcd = EtcdProcess.start(dir, EtcdctlToolsIT.class);
    assumeTrue(etcd.isPresent(), "etcd is not on PATH");
    try (var other = etcd.get()) {
      var there = new Etcdctl(other.clientAddress);
      for (int i = 0; i < 20; i++) {
        there.ok("put", "a/" + i, "value " + i);
      }
      var kelvin = cluster.nodes.get(1).clientAddress();
      try (var out = mirror(there, "a/", "b/", kelvin);
          var back = mirror(of(2), "b/", "c/", other.clientAddress)) {
        await("all that was", () -> values(there, "c/").equals(values(there, "a/")));
        there.ok("put", "a/3", "changed");
        there.ok("put", "a/x", "new");
        there.ok("del", "a/7");
        var expected = values(there, "a/");
        assertTrue(expected.contains("changed") && !expected.contains("value 7\n"));
        await("the changes, here", () -> values(of(0), "b/").equals(expected));
        await("the changes, there", () -> values(there, "c/").equals(expected));
        assertTrue(out.process.isAlive() && back.process.isAlive());
      }
    }
  }

  private static Etcdctl.Running mirror(Etcdctl from, String prefix, String as, String to)
      throws Exception {
    return from.start("make-mirror", "--prefix=" + prefix, "--dest-prefix=" + as, to);
  }

  private static String values(Etcdctl of, String prefix) {
    return of.ok("get", "--prefix", "--print-value-only", prefix);
  }

  @Test
  void versionAndCompletionNeedNoServer() {
    var nowhere = new Etcdctl("127.0.0.1:1");
    assertTrue(nowhere.ok("version").startsWith("etcdctl version: 3."));
    assertTrue(nowhere.ok("completion", "bash").contains("etcdctl"));
  }

  @Test
  void usersAndRolesAreRefusedByName() {
    var commands =
        List.of(
            "auth enable",
            "auth disable",
            "auth status",
            "user add u:p",
            "user get u",
            "user list",
            "user delete u",
            "user grant-role u r",
            "user revoke-role u r",
            "role add r",
            "role get r",
            "role list",
            "role delete r",
            "role grant-permission r read k",
            "role revoke-permission r k");
    for (var command : commands) {
      var refusal = of(0).refused(command.split(" "));
      assertTrue(refusal.contains("etcdserverpb.Auth"), () -> command + ": " + refusal);
    }
  }

  /** A minute of load, so only with {@code -Dkelvin.check-perf=true}. */
  @Test
  void theSmallLoadOfCheckPerfPasses() throws Exception {
    if (!Boolean.getBoolean("kelvin.check-perf")) {
      System.out.println("*** NOT TESTED without -Dkelvin.check-perf=true: etcdctl check perf ***");
    }
    assumeTrue(Boolean.getBoolean("kelvin.check-perf"), "takes a minute");
    try (var check = all.start("check", "perf", "--load=s", "--auto-compact")) {
      var said = new StringBuilder();
      assertTrue(check.process.waitFor(120, TimeUnit.SECONDS));
      while (!check.quiet()) {
        said.append(check.line()).append('\n');
      }
      assertEquals(0, check.process.exitValue(), said::toString);
      assertTrue(said.indexOf("PASS") >= 0 && said.indexOf("FAIL") < 0, said::toString);
    }
    assertFalse(all.ok("endpoint", "health").contains("unhealthy"));
  }
}
