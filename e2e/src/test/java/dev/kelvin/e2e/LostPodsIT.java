package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pods are lost, the first one with its volume too: the cluster stays the same one. */
class LostPodsIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  @BeforeAll
  static void operator() {
    Kubernetes.get().withOperator();
  }

  @Test
  void theLeaderPodIsDeletedThenTheFirstPodWithItsVolume() {
    var cluster = new Cluster(SCENARIO, "demo");
    cluster.apply("{replicas: 3, storage: {size: 1Gi}}");
    cluster.awaitSettled(3);
    var before = cluster.status();
    assertNotNull(before.clusterId());
    var checker = Checker.start(SCENARIO, "demo");

    var leader = before.leader();
    var uid = cluster.awaitReadyPod(leader);
    SCENARIO.kubectl("delete pod " + leader);
    cluster.awaitOtherPod(leader, uid);
    cluster.awaitSettled(3);
    assertEquals(before.clusterId(), cluster.status().clusterId());

    var first = cluster.awaitReadyPod("demo-0");
    SCENARIO.kubectl("delete pvc data-demo-0 --wait=false");
    SCENARIO.kubectl("delete pod demo-0");
    cluster.awaitOtherPod("demo-0", first);
    cluster.awaitSettled(3);
    assertEquals(before.clusterId(), cluster.status().clusterId());

    System.out.println("leader pod, first pod with its volume: " + checker.finish());
  }
}
