package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A KvCluster is deleted and created again over its volumes: it goes on as the same cluster. */
class RecreationIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Cluster CLUSTER = new Cluster(SCENARIO, "demo");
  private static final String SPEC = "{replicas: 3, storage: {size: 1Gi}}";

  private static String id;

  @BeforeAll
  static void threeMembers() {
    Kubernetes.get().withOperator();
    CLUSTER.apply(SPEC);
    CLUSTER.awaitSettled(3);
    id = CLUSTER.status().clusterId();
  }

  @Test
  void overAllItsVolumes() {
    var members = CLUSTER.status().members();
    CLUSTER.etcdctl("put again yes");
    CLUSTER.delete();
    assertEquals(3, CLUSTER.claims());
    created();
    assertEquals(members, CLUSTER.status().members());
  }

  @Test
  void withItsFirstVolumeBlank() {
    CLUSTER.etcdctl("put again yes");
    CLUSTER.delete();
    SCENARIO.kubectl("delete pvc data-demo-0");
    created();
  }

  private static void created() {
    var took = Stopwatch.start();
    CLUSTER.apply(SPEC);
    CLUSTER.await("is available", status -> status.is("Available"));
    var checker = Checker.start(SCENARIO, "demo");
    CLUSTER.awaitSettled(3);
    System.out.println("created again, three members after " + took);
    assertEquals("again\nyes\n", CLUSTER.etcdctl("get again"));
    assertEquals(id, CLUSTER.status().clusterId());
    System.out.println("created again: " + checker.finish());
  }
}
