package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Grown and shrunk by {@code kubectl scale} while a client writes. */
class ScalingIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  @BeforeAll
  static void operator() {
    Kubernetes.get().withOperator();
  }

  @Test
  void fromOneToThreeAndBackNothingIsLostAndVolumesFollowThePolicy() {
    var cluster = new Cluster(SCENARIO, "demo");
    cluster.apply("{replicas: 1, storage: {size: 1Gi, whenScaled: Delete}}");
    cluster.awaitSettled(1);
    var id = cluster.status().clusterId();
    var checker = Checker.start(SCENARIO, "demo");

    SCENARIO.kubectl("scale kv/demo --replicas 3");
    cluster.awaitSettled(3);
    assertEquals(3, cluster.claims());
    SCENARIO.kubectl("scale kv/demo --replicas 1");
    cluster.awaitSettled(1);
    Await.until(
        "the claims of members that left are deleted",
        Duration.ofMinutes(1),
        cluster::claims,
        claims -> claims == 1);

    System.out.println("1, 3, 1: " + checker.finish());
    assertEquals(id, cluster.status().clusterId());
  }
}
