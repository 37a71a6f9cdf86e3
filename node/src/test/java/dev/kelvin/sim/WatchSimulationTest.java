package dev.kelvin.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Watches through crashes, pauses, partitions, compactions, snapshots and changes of members. */
class WatchSimulationTest {
  private static final long FAULTY = 30 * Scheduler.SECOND;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyRevisionIsToldOnceWholeAndInOrder(long seed) {
    var simulation = new Simulation(seed, Sabotage.NONE, null);
    var world = simulation.world();
    try {
      var watching = new Watching(world);
      simulation.foundCluster(seed % 2 == 0 ? 3 : 5);
      simulation.clients().start();
      watching.start();
      simulation.suffer(FAULTY);
      simulation.comeToRestAndCheck();
      watching.end();
      var node = world.machines().getFirst();
      simulation.until("all is told", () -> watching.told(node.store().revision()));
      watching.check(node);
      assertTrue(watching.events() > 20, "events: " + watching.events());
    } finally {
      world.close();
    }
  }
}
