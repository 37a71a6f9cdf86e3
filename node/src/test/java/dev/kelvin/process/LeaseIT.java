package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseStatus;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases of real clients, asked of every node, through the death of leaders. */
class LeaseIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir static Path dir;

  private static LocalCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = LocalCluster.start(dir);
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static LeaseGrantRequest grant(long id, long ttl) {
    return LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl).build();
  }

  private static void put(NodeProcess node, String key, long lease) {
    node.kv().put(PutRequest.newBuilder().setKey(bytes(key)).setLease(lease).build());
  }

  private static long count(NodeProcess node, String prefix) {
    return node.kv()
        .range(
            RangeRequest.newBuilder()
                .setKey(bytes(prefix))
                .setRangeEnd(bytes(prefix + "~"))
                .setCountOnly(true)
                .setSerializable(true)
                .build())
        .getCount();
  }

  private static LeaseTimeToLiveResponse look(NodeProcess node, long lease) {
    return node.leases()
        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(lease).setKeys(true).build());
  }

  private static void assertRefused(Status.Code code, String text, Runnable call) {
    var refusal = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(code, refusal.getStatus().getCode());
    assertEquals(text, refusal.getStatus().getDescription());
  }

  @Test
  void everyNodeGrantsRenewsShowsAndRevokes() throws Exception {
    for (int i = 0; i < 3; i++) {
      var node = cluster.nodes.get(i);
      var other = cluster.nodes.get((i + 1) % 3);
      long id = node.leases().leaseGrant(grant(0, 100)).getID();
      assertTrue(id > 0);
      put(other, "shown/" + i, id);
      for (var asked : cluster.nodes) {
        var shown = look(asked, id);
        assertEquals(100, shown.getGrantedTTL());
        assertTrue(shown.getTTL() > 80 && shown.getTTL() <= 100, shown.toString());
        assertEquals(List.of(bytes("shown/" + i)), shown.getKeysList());
        try (var client = new KeepAliveClient(asked.clientAddress(), false)) {
          client.renew(id);
          client.renew(99);
          client.done();
          var renewed = client.answers.poll(10, TimeUnit.SECONDS);
          assertEquals(100, renewed.getTTL());
          assertTrue(renewed.getHeader().getRevision() > 1);
          var unknown = client.answers.poll(10, TimeUnit.SECONDS);
          assertEquals(99, unknown.getID());
          assertEquals(0, unknown.getTTL());
          asked.await("the end", LIMIT, () -> client.end != null);
          assertEquals(Status.Code.OK, client.end.getCode());
        }
        var all = asked.leases().leaseLeases(LeaseLeasesRequest.getDefaultInstance());
        assertTrue(all.getLeasesList().contains(LeaseStatus.newBuilder().setID(id).build()));
        assertRefused(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: lease already exists",
            () -> asked.leases().leaseGrant(grant(id, 5)));
      }
      other.leases().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
      assertEquals(-1, look(node, id).getTTL());
      assertRefused(
          Status.Code.NOT_FOUND,
          "etcdserver: requested lease not found",
          () -> node.leases().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build()));
      assertRefused(
          Status.Code.NOT_FOUND,
          "etcdserver: requested lease not found",
          () -> put(node, "never", id));
    }
  }

  @Test
  void whatIsKeptAliveLivesThroughTheDeathOfLeadersAndTheRestGoesEverywhere() throws Exception {
    int leases = 30;
    var ids = new ArrayList<Set<Long>>();
    Map<Long, String> keys = new HashMap<>();
    for (int i = 0; i < 3; i++) {
      ids.add(new HashSet<>());
    }
    for (int i = 0; i < leases; i++) {
      var node = cluster.nodes.get(i % 3);
      long id = node.leases().leaseGrant(grant(1000 + i, 4)).getID();
      put(node, "alive/" + i + "/a", id);
      put(node, "alive/" + i + "/b", id);
      ids.get(i % 3).add(id);
      keys.put(id, "alive/" + i + "/");
    }
    try (var first = new LeaseKeeper(cluster.nodes, 0, ids.get(0));
        var second = new LeaseKeeper(cluster.nodes, 1, ids.get(1));
        var third = new LeaseKeeper(cluster.nodes, 2, ids.get(2))) {
      var keepers = List.of(first, second, third);
      for (int i = 0; i < 2; i++) {
        var leader = cluster.leader();
        leader.kill();
        // The last leader's grace is over by then: only renewals can be what keeps them.
        int more = i == 0 ? 5 : 20;
        var from = keepers.stream().map(LeaseKeeper::rounds).toList();
        for (int k = 0; k < 3; k++) {
          var keeper = keepers.get(k);
          int enough = from.get(k) + more;
          leader.await("renewals", LIMIT, () -> keeper.rounds() >= enough);
        }
        leader.start().awaitReady();
      }
      for (var keeper : keepers) {
        assertEquals(Set.of(), keeper.lost);
      }
      for (var node : cluster.nodes) {
        assertEquals(2 * leases, count(node, "alive/"));
      }
    }
    var left = cluster.leader();
    try (var watch = new WatchClient(left.clientAddress(), true, false)) {
      watch.watch("alive/", 0);
      Map<String, List<Long>> deleted = new HashMap<>();
      int events = 0;
      while (events < 2 * leases) {
        var answer = watch.answers.poll(20, TimeUnit.SECONDS);
        for (var event : answer.getEventsList()) {
          var key = event.getKv().getKey().toStringUtf8();
          deleted
              .computeIfAbsent(key.substring(0, key.length() - 1), _ -> new ArrayList<>())
              .add(event.getKv().getModRevision());
          events++;
        }
      }
      assertEquals(Set.copyOf(keys.values()), deleted.keySet());
      deleted.values().forEach(both -> assertEquals(both.get(0), both.get(1)));
    }
    for (var node : cluster.nodes) {
      node.await("no keys", LIMIT, () -> count(node, "alive/") == 0);
      assertEquals(-1, look(node, 1000).getTTL());
    }
    cluster.awaitEqualHashes();
  }
}
