package dev.kelvin.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.NotDone;
import dev.kelvin.checker.Request;
import dev.kelvin.store.StoreError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Alarms through crashes, snapshots and changes of members: a member that did not know of one would
 * carry out what the others refused.
 */
class AlarmSimulationTest {
  private static final long FAULTY = 15 * Scheduler.SECOND;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void allMembersRefuseTheSame(long seed) {
    var simulation = new Simulation(seed, Sabotage.NONE, null);
    var world = simulation.world();
    try {
      simulation.foundCluster(3);
      var alarming = new Alarming(world);
      alarming.start();
      simulation.clients().start();
      simulation.suffer(FAULTY);
      alarming.stop();
      simulation.comeToRestAndCheck();
      var history = simulation.clients().history();
      var refused = new NotDone(StoreError.NO_SPACE.name());
      assertTrue(history.stream().filter(op -> op.result().equals(refused)).count() > 30);
      assertTrue(history.stream().filter(AlarmSimulationTest::written).count() > 30);
      assertTrue(alarming.changed() > 30);
      var members = world.cluster().members().stream().map(m -> world.machineOf(m.id())).toList();
      var first = members.getFirst().store();
      for (var node : members) {
        assertEquals(first.alarms(), node.store().alarms(), node.name());
        assertEquals(first.hash(), node.store().hash(), node.name());
      }
    } finally {
      world.close();
    }
  }

  private static boolean written(Operation op) {
    return op.request() instanceof Request.Put && op.result() instanceof Answered;
  }
}
