package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.AlarmMember;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmRequest.AlarmAction;
import dev.kelvin.proto.etcdserverpb.AlarmType;
import dev.kelvin.proto.etcdserverpb.DefragmentRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.HashRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A space quota, from exceeded to well again. */
class UpkeepIT {
  private static final String NO_SPACE = "etcdserver: mvcc: database space exceeded";
  private static final long QUOTA = 12 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path dir;

  private static List<AlarmMember> alarms(NodeProcess node) {
    return alarms(node, AlarmAction.GET, 0);
  }

  private static List<AlarmMember> alarms(NodeProcess node, AlarmAction action, long member) {
    return node.maintenance()
        .alarm(
            AlarmRequest.newBuilder()
                .setAction(action)
                .setMemberID(member)
                .setAlarm(action == AlarmAction.GET ? AlarmType.NONE : AlarmType.NOSPACE)
                .build())
        .getAlarmsList();
  }

  /** Puts values without pattern until one is refused. */
  private static StatusRuntimeException fill(NodeProcess node) {
    var value = new byte[64 << 10];
    for (int i = 0; i < 2 * QUOTA / value.length; i++) {
      ThreadLocalRandom.current().nextBytes(value);
      try {
        node.kv()
            .put(
                PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("fill-%05d".formatted(i)))
                    .setValue(ByteString.copyFrom(value))
                    .build());
      } catch (StatusRuntimeException e) {
        return e;
      }
    }
    throw new AssertionError("twice the quota was written");
  }

  private static boolean compacted(NodeProcess node, RangeRequest old) {
    try {
      node.kv().range(old);
      return false;
    } catch (StatusRuntimeException e) {
      assertEquals(
          "etcdserver: mvcc: required revision has been compacted", e.getStatus().getDescription());
      return true;
    }
  }

  private static void assertFull(StatusRuntimeException e) {
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode());
    assertEquals(NO_SPACE, e.getStatus().getDescription());
  }

  @Test
  void aFullStoreIsEmptiedCompactsItselfGivesSpaceBackAndIsDisarmed() throws Exception {
    try (var cluster =
        LocalCluster.start(
            dir,
            "--quota-backend-bytes",
            "12MiB",
            "--store-memtable-size",
            "4MiB",
            "--auto-compaction-retention",
            "1s")) {
      var full = cluster.nodes.get(1);
      var other = cluster.nodes.get(2);
      assertFull(fill(full));
      long member = full.status().getHeader().getMemberId();
      var alarm = AlarmMember.newBuilder().setMemberID(member).setAlarm(AlarmType.NOSPACE).build();
      for (var node : cluster.nodes) {
        // Each has one of its own once it was asked for more, as its store is as full.
        assertTrue(alarms(node).contains(alarm), alarms(node).toString());
        assertFull(
            assertThrows(StatusRuntimeException.class, () -> Kv.put(node, "small", "value")));
        var grant = LeaseGrantRequest.newBuilder().setTTL(60).build();
        assertFull(
            assertThrows(StatusRuntimeException.class, () -> node.leases().leaseGrant(grant)));
        var status = node.status();
        var error = "memberID:" + Long.toUnsignedString(member) + " alarm:NOSPACE";
        assertTrue(status.getErrorsList().contains(error), status.toString());
        assertEquals(QUOTA, status.getDbSizeQuota());
      }
      var standing = alarms(full);
      assertTrue(standing.contains(alarm), standing.toString());
      assertEquals(standing, alarms(other));

      var before = full.status();
      assertTrue(before.getDbSizeInUse() > QUOTA - (4 << 20), before.toString());
      var deleted =
          other
              .kv()
              .deleteRange(
                  DeleteRangeRequest.newBuilder()
                      .setKey(ByteString.copyFromUtf8("fill-"))
                      .setRangeEnd(ByteString.copyFromUtf8("fill."))
                      .build());
      assertTrue(deleted.getDeleted() > QUOTA / (128 << 10), deleted.toString());
      // Nobody writes any more: in a second the deletion is old enough.
      var undeleted =
          Kv.range("fill-00000").toBuilder()
              .setRevision(deleted.getHeader().getRevision() - 1)
              .build();
      for (var node : cluster.nodes) {
        node.await(node.name + " compacts by itself", PATIENCE, () -> compacted(node, undeleted));
        node.maintenance().defragment(DefragmentRequest.getDefaultInstance());
        node.await(
            node.name + " has given space back",
            PATIENCE,
            () -> node.status().getDbSize() < QUOTA / 4);
      }
      cluster.awaitEqualHashes();
      var hashes =
          cluster.nodes.stream()
              .map(node -> node.maintenance().hash(HashRequest.getDefaultInstance()).getHash())
              .distinct();
      assertEquals(1, hashes.count());

      assertFull(assertThrows(StatusRuntimeException.class, () -> Kv.put(other, "small", "value")));
      for (var one : standing) {
        assertEquals(List.of(one), alarms(other, AlarmAction.DEACTIVATE, one.getMemberID()));
      }
      assertEquals(List.of(), alarms(full));
      Kv.put(full, "small", "value");
      assertEquals("value", Kv.read(other, "small"));
    }
  }
}
