package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.care.BootstrapRequest;
import dev.kelvin.proto.care.Snapshot;
import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmRequest.AlarmAction;
import dev.kelvin.proto.etcdserverpb.AlarmType;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.SnapshotRequest;
import dev.kelvin.proto.etcdserverpb.SnapshotResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots taken of a cluster that is written to, and clusters founded from them. */
class BackupIT {
  private static final long LEASE = 0x1ea5e;

  @TempDir static Path dir;

  private static LocalCluster cluster;

  private record Said(int exit, String out, String err) {}

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = LocalCluster.start(dir);
    Bulk.write(cluster.nodes, 4, Integer.MAX_VALUE);
    var first = cluster.nodes.getFirst();
    first.leases().leaseGrant(LeaseGrantRequest.newBuilder().setID(LEASE).setTTL(600).build());
    first
        .kv()
        .put(
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("leased"))
                .setLease(LEASE)
                .build());
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static Said run(List<String> command) throws Exception {
    var process = NodeProcess.command(command).start();
    var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "hangs: " + command);
    return new Said(process.exitValue(), out, err);
  }

  private static Said status(Path file) throws Exception {
    return run(
        List.of(
            NodeProcess.KELVIN.toString(),
            "snapshot",
            "status",
            file.toString(),
            "--output",
            "json"));
  }

  private static long field(String json, String name) {
    return Long.parseLong(json.replaceAll("(?s).*\"" + name + "\":(\\d+).*", "$1"));
  }

  private static Iterator<SnapshotResponse> open(NodeProcess node) {
    return node.maintenance().snapshot(SnapshotRequest.getDefaultInstance());
  }

  /** As a client with nothing but the API. */
  private static Path save(NodeProcess node, String name) throws IOException {
    var file = dir.resolve(name);
    try (var out = Files.newOutputStream(file)) {
      long sent = 0;
      long whole = -1;
      for (var parts = open(node); parts.hasNext(); ) {
        var part = parts.next();
        part.getBlob().writeTo(out);
        sent += part.getBlob().size();
        whole = whole < 0 ? sent + part.getRemainingBytes() : whole;
        // The digest, which comes last, does not count.
        assertEquals(Math.max(0, whole - sent), part.getRemainingBytes());
        assertEquals("3.6.0", part.getVersion());
      }
      assertEquals(whole + 32, sent);
    }
    return file;
  }

  private static int hash(NodeProcess node, long revision) {
    return node.maintenance()
        .hashKV(HashKVRequest.newBuilder().setRevision(revision).build())
        .getHash();
  }

  /** Checkpoints beside the live database. */
  private static long databases(NodeProcess node) {
    try (var files = Files.list(node.storeDirectory())) {
      return files.filter(Files::isDirectory).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aClusterFoundedFromASnapshotIsTheOldOneAtOneRevision() throws Exception {
    var follower = cluster.nodes.stream().filter(node -> !node.leads()).findFirst().orElseThrow();
    Path file;
    try (var writers = new Writers(cluster.nodes, 4)) {
      follower.await("writes", Duration.ofSeconds(10), () -> writers.acknowledgements.get() > 100);
      file = save(follower, "under-load.db");
      writers.stop();
      assertEquals(0, writers.failedRequests.get(), "requests that failed for 5 s");
    }
    follower.await("the checkpoint to go", Duration.ofSeconds(10), () -> databases(follower) == 1);
    var said = status(file);
    assertEquals(0, said.exit, said.err);
    long revision = field(said.out, "revision");
    assertEquals(Files.size(file), field(said.out, "totalSize"));
    var at = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("\0")).setCountOnly(true);
    at.setRangeEnd(ByteString.copyFrom(new byte[1])).setRevision(revision);
    assertEquals(follower.kv().range(at.build()).getCount(), field(said.out, "totalKey"));
    try (var restored = new NodeProcess(dir, "r1");
        var joined = new NodeProcess(dir, "r2")) {
      restored.start("--bootstrap", "--from-snapshot", file.toString()).awaitReady();
      assertEquals(revision, restored.status().getHeader().getRevision());
      assertEquals(hash(follower, revision), hash(restored, revision));
      var lease =
          restored
              .leases()
              .leaseTimeToLive(
                  LeaseTimeToLiveRequest.newBuilder().setID(LEASE).setKeys(true).build());
      assertEquals(600, lease.getGrantedTTL());
      assertTrue(lease.getTTL() > 590, lease.toString());
      assertEquals("leased", lease.getKeys(0).toStringUtf8());
      var old = follower.status().getHeader();
      var header = restored.status().getHeader();
      assertFalse(header.getClusterId() == old.getClusterId());
      assertEquals(1, restored.care().status(StatusRequest.getDefaultInstance()).getMembersCount());
      joined.start("--join", restored.peerAddress()).awaitReady();
      Kv.put(restored, "new", "here");
      assertEquals("here", Kv.read(joined, "new"));
      assertEquals(hash(restored, revision + 1), hash(joined, revision + 1));
      // Twice is once too often.
      restored.stop();
      restored.start("--bootstrap", "--from-snapshot", file.toString());
      assertEquals(1, restored.awaitExit());
      assertTrue(restored.output().contains("--bootstrap refused"), restored.output());
      restored.start().awaitReady();
      assertEquals("here", Kv.read(restored, "new"));
    }
  }

  @Test
  void etcdctlSavesWhatANewClusterIsFoundedFromWithRevisionsSkipped() throws Exception {
    boolean there = false;
    try {
      there = run(List.of("etcdctl", "version")).exit == 0;
    } catch (IOException e) {
      System.out.println("*** NOT TESTED: etcdctl (3.6 or later) is not on PATH: BackupIT ***");
    }
    assumeTrue(there, "etcdctl is not on PATH");
    var file = dir.resolve("etcdctl.db");
    var node = cluster.nodes.getLast();
    var saved =
        run(
            List.of(
                "etcdctl",
                "--endpoints",
                node.clientAddress(),
                "snapshot",
                "save",
                file.toString()));
    assertEquals(0, saved.exit, saved.err);
    assertEquals("Snapshot saved at " + file + "\nServer version 3.6.0\n", saved.out);
    long revision = field(status(file).out, "revision");
    try (var restored = new NodeProcess(dir, "bumped")) {
      restored.start(
          "--bootstrap",
          "--from-snapshot",
          file.toString(),
          "--bump-revision",
          "1000000000",
          "--mark-compacted");
      restored.awaitReady();
      assertEquals(revision + 1_000_000_000, restored.status().getHeader().getRevision());
      var old = Kv.range("leased").toBuilder().setRevision(revision).build();
      var refused = assertThrows(StatusRuntimeException.class, () -> restored.kv().range(old));
      assertEquals(
          "etcdserver: mvcc: required revision has been compacted",
          refused.getStatus().getDescription());
      assertEquals(1, restored.kv().range(Kv.range("leased")).getCount());
    }
  }

  @Test
  void aDamagedFileFoundsNothingAndTheNextOneDoes() throws Exception {
    var file = save(cluster.nodes.getFirst(), "good.db");
    var content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    var damaged = Files.write(dir.resolve("damaged.db"), content);
    var said = status(damaged);
    assertEquals(1, said.exit);
    assertTrue(said.err.startsWith("kelvin: " + damaged + " is damaged: "), said.err);
    try (var node = new NodeProcess(dir, "d1")) {
      node.start("--bootstrap", "--from-snapshot", damaged.toString());
      assertEquals(1, node.awaitExit());
      assertTrue(
          node.output().contains("kelvin: cannot start: cannot found a cluster from a snapshot: "),
          node.output());
      assertFalse(node.output().contains("\tat "), node.output());
      // As the operator does it: the node waits, and is told.
      node.start();
      node.await("it waits", Duration.ofSeconds(20), () -> node.inState(State.WAITING));
      var waiting = node.care().status(StatusRequest.getDefaultInstance());
      var bootstrap =
          BootstrapRequest.newBuilder()
              .setClusterId(0xc1)
              .setIncarnation(waiting.getIncarnation())
              .setSnapshot(Snapshot.newBuilder().setPath(damaged.toString()))
              .build();
      node.care().bootstrap(bootstrap);
      node.await(
          "a refusal", Duration.ofSeconds(20), () -> !care(node).getRestoreRefusal().isEmpty());
      assertEquals(State.WAITING, care(node).getState());
      assertTrue(care(node).getRestoreRefusal().contains("is damaged"), node.output());
      var good = bootstrap.toBuilder();
      good.getSnapshotBuilder().setPath(file.toString());
      node.care().bootstrap(good.build());
      node.awaitReady();
      assertEquals("", care(node).getRestoreRefusal());
      assertEquals(0xc1, care(node).getClusterId());
      assertEquals(1, node.kv().range(Kv.range("leased")).getCount());
      // A repeat is harmless.
      assertEquals(State.VOTER, node.care().bootstrap(good.build()).getState());
    }
  }

  @Test
  void anAlarmThatStoodStandsInTheNewClusterUntilItIsDisarmed() throws Exception {
    var node = cluster.nodes.getFirst();
    var old =
        AlarmRequest.newBuilder()
            .setMemberID(node.status().getHeader().getMemberId())
            .setAlarm(AlarmType.NOSPACE);
    Path file;
    node.maintenance().alarm(old.setAction(AlarmAction.ACTIVATE).build());
    try {
      file = save(node, "alarmed.db");
    } finally {
      node.maintenance().alarm(old.setAction(AlarmAction.DEACTIVATE).build());
    }
    try (var restored = new NodeProcess(dir, "a1")) {
      restored.start("--bootstrap", "--from-snapshot", file.toString()).awaitReady();
      var refused =
          assertThrows(StatusRuntimeException.class, () -> Kv.put(restored, "more", "data"));
      assertEquals(
          "etcdserver: mvcc: database space exceeded", refused.getStatus().getDescription());
      var said = care(restored).getAlarmsList();
      assertEquals(1, said.size(), said.toString());
      assertEquals("NOSPACE", said.getFirst().getType());
      // Of a member that this cluster does not have: whoever disarms it names what is listed.
      assertEquals(old.getMemberID(), said.getFirst().getMemberId());
      for (var alarm :
          restored.maintenance().alarm(AlarmRequest.getDefaultInstance()).getAlarmsList()) {
        restored
            .maintenance()
            .alarm(
                AlarmRequest.newBuilder()
                    .setAction(AlarmAction.DEACTIVATE)
                    .setMemberID(alarm.getMemberID())
                    .setAlarm(alarm.getAlarm())
                    .build());
      }
      Kv.put(restored, "more", "data");
      assertEquals(List.of(), care(restored).getAlarmsList());
    }
  }

  private static StatusResponse care(NodeProcess node) {
    return node.care().status(StatusRequest.getDefaultInstance());
  }

  @Test
  void aNodeKilledWhileItFoundsHasFoundedOrWaits() throws Exception {
    var file = save(cluster.nodes.getFirst(), "kill.db");
    try (var node = new NodeProcess(dir, "k1")) {
      node.start("--bootstrap", "--from-snapshot", file.toString());
      node.await(
          "it begins", Duration.ofSeconds(20), () -> node.output().contains("founding cluster"));
      node.kill();
      node.start();
      node.await(
          "it knows what it is",
          Duration.ofSeconds(20),
          () -> node.inState(State.WAITING) || node.inState(State.VOTER));
      if (node.inState(State.WAITING)) {
        node.stop();
        node.start("--bootstrap", "--from-snapshot", file.toString());
      }
      node.awaitReady();
      assertEquals(1, node.kv().range(Kv.range("leased")).getCount());
    }
  }

  @Test
  void slowReadersHoldUpNobodyAreFewAndLeaveNothingBehind() throws Exception {
    var node = cluster.nodes.get(1);
    var readers = new ArrayList<Context.CancellableContext>();
    for (int i = 0; i < 2; i++) {
      var reader = Context.current().withCancellation();
      readers.add(reader);
      // Takes the first part, and no more.
      reader.call(() -> open(node).next());
    }
    var third = assertThrows(StatusRuntimeException.class, () -> open(node).next());
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, third.getStatus().getCode());
    assertEquals(
        "kelvin: 2 snapshots are being read from this node already; try again later",
        third.getStatus().getDescription());
    assertEquals(3, databases(node));
    Kv.put(node, "beside", "slow readers");
    assertEquals("slow readers", Kv.read(node, "beside"));
    readers.forEach(reader -> reader.cancel(null));
    node.await("their copies to go", Duration.ofSeconds(10), () -> databases(node) == 1);
    save(node, "after.db");
  }
}
