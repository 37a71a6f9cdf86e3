package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A drain asks before it takes a pod: the budget keeps a quorum. */
class EvictionIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private final Cluster cluster = new Cluster(SCENARIO, "demo");

  @BeforeAll
  static void operator() {
    Kubernetes.get().withOperator();
  }

  @Test
  void ofTwoPodsThatAreToBeEvictedAtOnceTheSecondHasToWait() {
    cluster.apply("{replicas: 3, storage: {size: 1Gi}}");
    cluster.awaitSettled(3);
    var before = cluster.status();
    var checker = Checker.start(SCENARIO, "demo");

    var first = before.leader();
    var second = first.equals("demo-2") ? "demo-1" : "demo-2";
    var pods = cluster.pods();
    awaitAllowed(1);
    var said = evict(first);
    assertEquals(0, said.exit(), said.output());
    said = evict(second);
    assertTrue(said.output().contains("would violate the pod's disruption budget"), said.output());
    assertEquals(pods.get(second), cluster.readyPod(second));

    cluster.awaitOtherPod(first, pods.get(first));
    cluster.awaitSettled(3);
    awaitAllowed(1);
    said = evict(second);
    assertEquals(0, said.exit(), said.output());
    cluster.awaitOtherPod(second, pods.get(second));
    cluster.awaitSettled(3);
    assertEquals(before.members(), cluster.status().members());
    assertEquals(before.clusterId(), cluster.status().clusterId());
    System.out.println("two pods evicted, one after the other: " + checker.finish());
  }

  private static void awaitAllowed(int pods) {
    Await.until(
        pods + " pods may be evicted",
        Duration.ofMinutes(1),
        () -> SCENARIO.kubectl("get pdb/demo -o jsonpath={.status.disruptionsAllowed}"),
        allowed -> allowed.equals(Integer.toString(pods)));
  }

  /** As {@code kubectl drain} does, without trying again. */
  private static Shell.Said evict(String pod) {
    return SCENARIO.attempt(
        """
        create --raw /api/v1/namespaces/%s/pods/%s/eviction -f - <<'END'
        {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "%2$s"}}
        END
        """
            .formatted(SCENARIO.namespace(), pod));
  }
}
