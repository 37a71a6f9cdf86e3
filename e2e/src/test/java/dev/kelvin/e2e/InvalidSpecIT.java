package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be is refused by the API server, in words, and the cluster serves on as it was. */
class InvalidSpecIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Cluster CLUSTER = new Cluster(SCENARIO, "demo");
  private static Map<String, String> pods;
  private static Checker checker;

  @BeforeAll
  static void oneMember() {
    Kubernetes.get().withOperator();
    CLUSTER.apply("{replicas: 1, storage: {size: 2Gi}}");
    CLUSTER.awaitSettled(1);
    pods = CLUSTER.pods();
    checker = Checker.start(SCENARIO, "demo");
  }

  @AfterAll
  static void nothingHappened() {
    CLUSTER.awaitSettled(1);
    assertEquals(pods, CLUSTER.pods());
    System.out.println("refused specs: " + checker.finish());
  }

  private static String refused(String spec) {
    var said =
        SCENARIO.attempt(
            """
            apply --dry-run=server -f - <<'END'
            {"apiVersion": "kelvin.dev/v1alpha1", "kind": "KvCluster", "metadata": {"name": "demo"}, "spec": %s}
            END
            """
                .formatted(spec));
    assertNotEquals(0, said.exit(), "accepted: " + spec);
    return said.output();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"replicas\": 2}| replicas must be 1, 3, 5 or 7",
        "{\"replicas\": 9}| replicas must be 1, 3, 5 or 7",
        "{\"version\": \"1\", \"image\": \"a:1\"}| set version or image, not both",
        "{\"replica\": 3}| unknown field \"spec.replica\"",
        "{\"storage\": {\"ephemeral\": \"Memory\", \"storageClassName\": \"a\"}}| leave it away with storage.ephemeral",
        "{\"storage\": {\"size\": \"much\"}}| spec.storage.size",
        "{\"recovery\": {\"name\": \"r\", \"survivor\": \"other-0\"}}| recovery.survivor must be a pod of this cluster",
        "{\"node\": {\"electionTimeout\": \"soon\"}}| spec.node.electionTimeout",
        "{\"bootstrap\": {\"fromSnapshot\": {\"claimName\": \"a\"}}}| spec.bootstrap.fromSnapshot.path",
        "{\"bootstrap\": {\"fromSnapshot\": {\"claimName\": \"a\", \"path\": \"../b\"}}}| fromSnapshot.path is relative to the volume",
        "{\"bootstrap\": {\"fromSnapshot\": {\"claimName\": \"a\", \"path\": \"b\", \"bumpRevision\": 5}}}| fromSnapshot.bumpRevision and markCompacted go together",
      })
  void aClusterThatCannotBeIsRefused(String spec, String reason) {
    var said = refused(spec);
    assertTrue(said.contains(reason), said);
  }

  @Test
  void whatCannotBeChangedIsRefusedWhenItIsChanged() {
    var shrunk = refused("{\"storage\": {\"size\": \"1Gi\"}}");
    assertTrue(shrunk.contains("storage.size can grow, not shrink"), shrunk);
    var moved = refused("{\"storage\": {\"size\": \"2Gi\", \"storageClassName\": \"other\"}}");
    assertTrue(moved.contains("storage.storageClassName cannot be changed"), moved);
    var scaled = SCENARIO.attempt("scale kv/demo --replicas 4");
    assertNotEquals(0, scaled.exit());
    assertTrue(scaled.output().contains("replicas must be 1, 3, 5 or 7"), scaled.output());
  }

  @Test
  void explainAndGetShowWhatOneLooksFor() {
    var spec = SCENARIO.kubectl("explain kvcluster.spec");
    assertTrue(spec.contains("What the cluster is to be."), spec);
    assertFalse(spec.contains("<no description>"), spec);
    var explained = SCENARIO.kubectl("explain kvcluster.spec.storage");
    assertTrue(explained.contains("whenDeleted"), explained);
    var columns = SCENARIO.kubectl("get kv").lines().findFirst().orElse("");
    assertEquals(
        "NAME READY DESIRED AVAILABLE DEGRADED LEADER VERSION OPERATION AGE",
        columns.strip().replaceAll(" +", " "));
  }
}
