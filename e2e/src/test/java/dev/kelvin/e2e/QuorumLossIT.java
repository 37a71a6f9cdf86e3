package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Most volumes are lost: what to do is said, and done once when a person asks for it by name. */
class QuorumLossIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private final Cluster cluster = new Cluster(SCENARIO, "demo");

  @BeforeAll
  static void operator() {
    Kubernetes.get().withOperator();
  }

  @Test
  void theNamedRecoveryGoesOnWithTheSurvivorOnceAndWithAllItHad() {
    cluster.apply("{replicas: 3, storage: {size: 1Gi}}");
    cluster.awaitSettled(3);
    var id = cluster.status().clusterId();
    for (int key = 0; key < 5; key++) {
      cluster.etcdctl("put acknowledged/%1$d %1$d".formatted(key));
    }
    var data = cluster.etcdctl("get --prefix acknowledged/");
    assertEquals(10, data.lines().count(), data);
    // The leader has all that was ever acknowledged: nothing may be missing when it survives.
    var survivor = "demo-2";
    cluster.moveLeader(survivor);
    var checker = Checker.start(SCENARIO, "demo");

    cluster.loseVolumes("demo-0", "demo-1");
    var said = cluster.awaitLostQuorum();
    assertFalse(said.is("Available"));
    var todo = said.condition("Degraded").message();
    System.out.println("two of three volumes are lost: " + todo);
    assertTrue(todo.contains("survivor: " + survivor), todo);

    var took = Stopwatch.start();
    recover("night", survivor);
    cluster.await("serves", status -> status.is("Available"));
    System.out.println("serves again " + took + " after the recovery was asked for");
    cluster.awaitSettled(3);
    System.out.println("three members again after " + took);
    var recovered = cluster.status();
    assertNotEquals(id, recovered.clusterId());
    assertEquals(
        "DONE night %s %s %s".formatted(survivor, id, recovered.clusterId()), cluster.recovery());
    assertTrue(cluster.care(survivor).contains("recovered of " + id), cluster.care(survivor));
    assertEquals(data, cluster.etcdctl("get --prefix acknowledged/"));

    System.out.println("through loss and recovery: " + checker.finishAfterOutage());

    checker = Checker.start(SCENARIO, "demo");
    var pods = cluster.pods();
    cluster.patch("{\"recovery\": null}");
    cluster.awaitSettled(3);
    recover("night", survivor);
    cluster.awaitSettled(3);
    recover("again", survivor);
    cluster.await(
        "a recovery that is not needed is refused",
        status -> cluster.recovery().startsWith("REFUSED again"));
    cluster.awaitSettled(3);
    assertEquals(recovered.clusterId(), cluster.status().clusterId());
    assertEquals(recovered.members(), cluster.status().members());
    assertEquals(pods, cluster.pods());
    System.out.println("asked for twice more: " + checker.finish());
  }

  private void recover(String name, String survivor) {
    cluster.patch(
        "{\"recovery\": {\"name\": \"%s\", \"survivor\": \"%s\"}}".formatted(name, survivor));
  }
}
