package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Grown and shrunk by {@code kubectl scale} while a client writes. */
class ScalingIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private final Cluster cluster = new Cluster(SCENARIO, "demo");

  @BeforeAll
  static void operator() {
    Kubernetes.get().withOperator();
  }

  @Test
  void fromOneToFiveAndBackNothingIsLostAndVolumesFollowThePolicy() {
    cluster.apply("{replicas: 1, storage: {size: 1Gi, whenScaled: Retain}}");
    cluster.awaitSettled(1);
    var id = cluster.status().clusterId();
    var checker = Checker.start(SCENARIO, "demo");

    scale(3);
    scale(5);
    assertEquals(5, cluster.claims());
    var five = cluster.status().members();

    scale(3);
    assertEquals(5, cluster.claims(), "volumes are kept");
    scale(5);
    var again = cluster.status().members();
    assertEquals(2, new HashSet<>(cluster.events("DataSetAside")).size(), "what was there before");
    for (var pod : List.of("demo-3", "demo-4")) {
      assertNotEquals(five.get(pod), again.get(pod), pod + " is a new member");
    }

    cluster.patch("{\"storage\": {\"whenScaled\": \"Delete\"}}");
    scale(3);
    awaitClaims(3);
    scale(1);
    awaitClaims(1);

    assertEquals(id, cluster.status().clusterId());
    System.out.println("1, 3, 5, 3, 5, 3, 1: " + checker.finish());
  }

  private void scale(int members) {
    var took = Stopwatch.start();
    SCENARIO.kubectl("scale kv/demo --replicas " + members);
    cluster.awaitSettled(members);
    System.out.println("scaled to " + members + " in " + took);
  }

  private void awaitClaims(int count) {
    Await.until(
        count + " volumes are left", Duration.ofMinutes(1), cluster::claims, c -> c == count);
  }
}
