package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What three nodes say on /metrics after some requests, against what etcd's mixin asks for and what
 * a real etcd 3.7.3 says (resources of this package).
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MetricsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int PUTS = 200;

  @TempDir static Path dir;

  private static LocalCluster cluster;
  private static NodeProcess asked;

  @BeforeAll
  static void startClusterAndAskIt() throws Exception {
    cluster = LocalCluster.start(dir);
    var leader = cluster.leader();
    asked = cluster.nodes.stream().filter(n -> n != leader).findFirst().orElseThrow();
    for (int i = 0; i < PUTS; i++) {
      Kv.put(asked, "key" + i % 10, "value " + i);
    }
    Kv.read(asked, "key1");
    var future = Kv.range("key1").toBuilder().setRevision(1_000_000).build();
    assertThrows(StatusRuntimeException.class, () -> asked.kv().range(future));
    var read = RequestOp.newBuilder().setRequestRange(Kv.range("key2")).build();
    asked.kv().txn(TxnRequest.newBuilder().addSuccess(read).build());
    var key = ByteString.copyFromUtf8("key3");
    asked.kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
    asked.leases().leaseGrant(LeaseGrantRequest.newBuilder().setID(7).setTTL(60).build());
    asked.leases().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(7).build());
    try (var renewals = new KeepAliveClient(asked.clientAddress(), false)) {
      asked.leases().leaseGrant(LeaseGrantRequest.newBuilder().setID(8).setTTL(60).build());
      renewals.renew(8);
      assertNotNull(renewals.answers.poll(10, TimeUnit.SECONDS), "no renewal");
    }
    asked.kv().compact(CompactionRequest.newBuilder().setRevision(PUTS).build());
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  /** A family of etcd's. */
  private record Family(String name, String type, Set<String> labels, List<String> bounds) {
    static Family of(String line) {
      var words = line.split(" ");
      var labels = words[2].equals("-") ? Set.<String>of() : Set.of(words[2].split(","));
      return new Family(words[0], words[1], labels, Arrays.asList(words).subList(3, words.length));
    }
  }

  private static List<String> resource(String name) throws IOException {
    try (var in = MetricsIT.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    }
  }

  private static String docs(String page) throws IOException {
    return Files.readString(Path.of("..", "docs", page));
  }

  /** Series that the table of docs/compatibility.md says are not there. */
  private static Set<String> exceptions() throws IOException {
    var page = docs("compatibility.md");
    var section = page.substring(page.indexOf("## Series of etcd's that are not there"));
    var firstColumn = section.lines().filter(l -> l.startsWith("|")).map(l -> l.split("\\|")[1]);
    return names(firstColumn.collect(Collectors.joining("\n")));
  }

  private static Set<String> names(String text) {
    return Pattern.compile("`([a-z_0-9]+)`")
        .matcher(text)
        .results()
        .map(m -> m.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  @Order(1)
  void everySeriesOfTheMixinIsThereOnEveryNodeOrHasItsReason() throws Exception {
    var mixin = resource("etcd-mixin-series.txt");
    assertTrue(mixin.size() > 20, mixin::toString);
    var exceptions = exceptions();
    for (var node : cluster.nodes) {
      var scrape = Scrape.of(node);
      var missing = mixin.stream().filter(s -> !scrape.has(s) && !exceptions.contains(s)).toList();
      assertEquals(List.of(), missing, node.name);
    }
  }

  @Test
  @Order(2)
  void whatIsThereHasEtcdsTypesLabelsAndBoundsAndWhatIsNotHasItsReason() throws Exception {
    // Else two of the families have nothing to say.
    asked.get("/readyz");
    var scrape = Scrape.of(asked);
    var exceptions = exceptions();
    var differences = new ArrayList<String>();
    for (var family : resource("etcd-3.7.3-series.txt").stream().map(Family::of).toList()) {
      var name = family.name;
      boolean there = scrape.has(name) || scrape.has(name + "_count");
      if (there == exceptions.contains(name)) {
        differences.add(name + (there ? " is there after all" : " is not there"));
      } else if (there) {
        var found =
            new Family(name, scrape.types.get(name), scrape.labels(name), scrape.bounds(name));
        if (!found.equals(family)) {
          differences.add(found + " instead of " + family);
        }
      }
    }
    assertEquals(List.of(), differences);
  }

  @Test
  @Order(3)
  void everySeriesIsExplained() throws Exception {
    var explained = names(docs("metrics.md"));
    var unexplained =
        Scrape.of(asked).types.keySet().stream()
            .filter(name -> name.matches("(etcd|grpc|kelvin|os)_.*"))
            .filter(name -> !explained.contains(name))
            .toList();
    assertEquals(List.of(), unexplained);
  }

  @Test
  @Order(4)
  void theyCountWhatWasAskedFor() {
    asked.await(
        "all calls counted",
        LIMIT,
        () -> Scrape.of(asked).sum("grpc_server_handled_total", "Put", "OK") == PUTS);
    var scrape = Scrape.of(asked);
    assertEquals(PUTS, scrape.sum("grpc_server_started_total", "Put"));
    assertEquals(PUTS, scrape.sum("grpc_server_handling_seconds_count", "Put"));
    assertEquals(1, scrape.sum("grpc_server_handled_total", "Range", "OutOfRange"));
    assertEquals(1, scrape.sum("grpc_server_msg_received_total", "LeaseKeepAlive"));
    assertTrue(scrape.sum("etcd_network_client_grpc_received_bytes_total") > 10.0 * PUTS);
    double renewed = 0;
    for (var node : cluster.nodes) {
      node.await(
          node.name + " has applied and removed all",
          LIMIT,
          () ->
              Scrape.of(node)
                      .sum("etcd_debugging_mvcc_db_compaction_total_duration_milliseconds_count")
                  == 1);
      var each = Scrape.of(node);
      assertEquals(PUTS, each.sum("etcd_mvcc_put_total"));
      assertEquals(1, each.sum("etcd_mvcc_txn_total"));
      assertEquals(1, each.sum("etcd_mvcc_delete_total"));
      assertEquals(2, each.sum("etcd_debugging_lease_granted_total"));
      assertEquals(2, each.sum("etcd_debugging_lease_ttl_total_count"));
      assertEquals(120, each.sum("etcd_debugging_lease_ttl_total_sum"));
      assertEquals(1, each.sum("etcd_debugging_lease_revoked_total"));
      assertTrue(each.sum("etcd_debugging_mvcc_db_compaction_keys_total") > PUTS / 2);
      assertTrue(each.sum("etcd_disk_wal_fsync_duration_seconds_count") > 0);
      assertTrue(each.sum("etcd_disk_backend_commit_duration_seconds_count") > 0);
      assertTrue(each.sum("etcd_server_leader_changes_seen_total") > 0);
      assertTrue(each.sum("process_resident_memory_bytes") > 1 << 20);
      double size = each.sum("etcd_mvcc_db_total_size_in_bytes");
      assertTrue(each.sum("etcd_server_quota_backend_bytes") > size);
      assertEquals(3, each.sum("etcd_network_known_peers"));
      assertEquals(2, each.sum("etcd_network_active_peers"));
      renewed += each.sum("etcd_debugging_lease_renewed_total");
    }
    // Asked again of another leader, should it change just then.
    assertTrue(renewed >= 1);
  }

  @Test
  @Order(5)
  void membersAreMeasuredFromBothEndsAndADeadOneShows() throws Exception {
    var dead = cluster.leader();
    var witness = cluster.nodes.stream().filter(n -> n != dead).findFirst().orElseThrow();
    var id = Long.toHexString(dead.status().getHeader().getMemberId());
    witness.await(
        "there and back",
        LIMIT,
        () -> Scrape.of(witness).sum("etcd_network_peer_round_trip_time_seconds_count", id) > 0);
    var before = Scrape.of(witness);
    assertTrue(before.sum("etcd_network_peer_sent_bytes_total", id) > 0);
    assertTrue(before.sum("etcd_network_peer_received_bytes_total", id) > 0);
    double changes = before.sum("etcd_server_leader_changes_seen_total");
    double failures = before.sum("etcd_network_peer_sent_failures_total", id);
    dead.kill();
    witness.await(
        "failures to send and another leader",
        LIMIT,
        () -> {
          var now = Scrape.of(witness);
          return now.sum("etcd_network_peer_sent_failures_total", id) > failures + 1
              && now.sum("etcd_server_leader_changes_seen_total") > changes
              && now.sum("etcd_network_active_peers") == 1
              && now.sum("etcd_server_has_leader") == 1;
        });
  }
}
