package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The image of a whole cluster is changed while a client writes: to a good one, and to a bad one.
 */
class RolloutIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Cluster CLUSTER = new Cluster(SCENARIO, "demo");

  @BeforeAll
  static void threeMembers() {
    Kubernetes.get().withOperator();
    CLUSTER.apply("{replicas: 3, storage: {size: 1Gi}}");
    CLUSTER.awaitSettled(3);
  }

  @Test
  void anotherImageReachesEveryPodOneAtATimeWithOneTransferOfLeadership() {
    var before = CLUSTER.status();
    var pods = CLUSTER.pods();
    long term = CLUSTER.term();
    int transfers = CLUSTER.events("LeaderMoved").size();
    var checker = Checker.start(SCENARIO, "demo");

    try (var watch = new PodWatch(SCENARIO, "demo")) {
      var took = Stopwatch.start();
      CLUSTER.patch("{\"version\": \"%s\"}".formatted(Kubernetes.OTHER_VERSION));
      CLUSTER.awaitSettled(3);
      System.out.println("another image on three pods: " + took);
      assertEquals(1, watch.mostAway(), "pods away at a time");
    }

    CLUSTER.pods().forEach((name, uid) -> assertNotEquals(pods.get(name), uid, name));
    assertEquals(term + 1, CLUSTER.term(), "one term more: one transfer, no election");
    assertEquals(transfers + 1, CLUSTER.events("LeaderMoved").size());
    assertEquals(before.members(), CLUSTER.status().members());
    assertEquals(before.clusterId(), CLUSTER.status().clusterId());
    System.out.println("another image: " + checker.finish());
  }

  @Test
  void anImageThatIsNotThereStopsAtTheFirstPodAndTheWayBackTouchesNoOther() {
    var before = CLUSTER.status();
    var pods = new HashMap<>(CLUSTER.pods());
    long term = CLUSTER.term();
    var version = SCENARIO.kubectl("get kv/demo -o jsonpath={.spec.version}");
    var checker = Checker.start(SCENARIO, "demo");

    CLUSTER.patch("{\"version\": \"no-such-version\"}");
    var stopped =
        CLUSTER.await(
            "the conditions say why",
            status -> status.condition("Progressing").message().contains("ImagePull"));
    System.out.println("a bad image: " + stopped.condition("Progressing").message());
    assertTrue(stopped.is("Degraded") && stopped.is("Available"), stopped.toString());
    assertEquals("PodsNotRunning", stopped.condition("Degraded").reason());
    assertEquals(2, stopped.readyReplicas());

    CLUSTER.patch("{\"version\": %s}".formatted(version.isEmpty() ? null : '"' + version + '"'));
    CLUSTER.awaitSettled(3);
    pods.entrySet().removeAll(CLUSTER.pods().entrySet());
    assertEquals(1, pods.size(), "one pod was made anew: " + pods);
    assertEquals(term, CLUSTER.term(), "the leader stays");
    assertEquals(before.members(), CLUSTER.status().members());
    assertEquals(before.clusterId(), CLUSTER.status().clusterId());
    System.out.println("a bad image and the way back: " + checker.finish());
  }
}
