package dev.kelvin.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.store.Outcome;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leases through crashes, pauses, partitions, wrong clocks, snapshots and changes of members. */
class LeaseSimulationTest {
  private static final long FAULTY = 40 * Scheduler.SECOND;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void noneEndsWhileItIsKeptAliveAndNoKeyOutlivesIts(long seed) {
    var simulation = new Simulation(seed, Sabotage.NONE, null);
    var world = simulation.world();
    try {
      var leasing = new Leasing(world);
      simulation.foundCluster(seed % 2 == 0 ? 3 : 5);
      leasing.start();
      simulation.suffer(FAULTY);
      // Now nothing is in the way of renewals.
      long mended = world.scheduler().now();
      simulation.until(
          "leases kept", () -> world.scheduler().now() > mended + 15 * Scheduler.SECOND);
      assertTrue(leasing.kept() > 0, "some leases were kept alive");
      assertTrue(leasing.ended() > 0, "some leases ended");
      leasing.stop();
      simulation.until(
          "the end of all leases",
          () ->
              world.machines().stream().allMatch(n -> n.serving() && n.store().leases().isEmpty()));
      simulation.rest();
      for (var node : world.machines()) {
        assertEquals(0, leasedKeys(node), node.name());
        assertEquals(Set.of(), Set.copyOf(node.store().leases()));
      }
    } finally {
      world.close();
    }
  }

  private static long leasedKeys(SimNode node) {
    var all =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("lease/"))
            .setRangeEnd(ByteString.copyFromUtf8("lease0"));
    var outcome = node.store().range(all.setCountOnly(true).build(), false);
    return ((RangeResponse) ((Outcome.Done) outcome).response()).getCount();
  }
}
