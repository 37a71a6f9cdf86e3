package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A larger spec.storage.size. How a volume becomes larger is its driver's business, and those for
 * tests cannot: what is looked at is what the operator asks for and says.
 */
class VolumeGrowthIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String GROWS = "kelvin-e2e-grows";
  private static final String STAYS = "kelvin-e2e-stays";

  /** Classes as the default one, but for whether volumes can grow. */
  @BeforeAll
  static void operatorAndClasses() {
    StorageClasses.create(GROWS, true);
    StorageClasses.create(STAYS, false);
    Kubernetes.get().withOperator();
  }

  @AfterAll
  static void noClasses() {
    StorageClasses.delete(GROWS);
    StorageClasses.delete(STAYS);
  }

  private static Cluster cluster(String name, String storageClass) {
    var cluster = new Cluster(SCENARIO, name);
    cluster.apply(
        "{replicas: 3, storage: {size: 1Gi, storageClassName: %s}}".formatted(storageClass));
    cluster.awaitSettled(3);
    return cluster;
  }

  private static void enlarge(String name) {
    SCENARIO.kubectl(
        "patch kv/%s --type merge --patch '{\"spec\": {\"storage\": {\"size\": \"2Gi\"}}}'"
            .formatted(name));
  }

  private static Map<String, String> sizes(String name) {
    var sizes = new TreeMap<String, String>();
    for (int ordinal = 0; ordinal < 3; ordinal++) {
      var claim = "data-%s-%d".formatted(name, ordinal);
      sizes.put(
          claim,
          SCENARIO.kubectl(
              "get pvc %s --output jsonpath='{.spec.resources.requests.storage}'"
                  .formatted(claim)));
    }
    return sizes;
  }

  private static String template(String name) {
    return SCENARIO.kubectl(
        "get statefulset %s --output jsonpath='{.spec.volumeClaimTemplates[0].spec.resources.requests.storage}'"
            .formatted(name));
  }

  @Test
  void whereTheClassAllowsEveryClaimGrowsAndNoPodIsMadeAnew() {
    var cluster = cluster("grows", GROWS);
    var pods = cluster.pods();
    var small = sizes("grows");
    var checker = Checker.start(SCENARIO, "grows");

    enlarge("grows");
    Await.until(
        "every claim has grown",
        PATIENCE,
        () -> sizes("grows"),
        s -> s.values().stream().noneMatch(small::containsValue));
    cluster.awaitSettled(3);
    assertTrue(sizes("grows").containsValue(template("grows")), template("grows"));
    assertEquals(pods, cluster.pods());

    System.out.println("volumes grown: " + checker.finish());
  }

  @Test
  void whereItDoesNotThisIsSaidAndNothingElseIsKeptFromBeingDone() {
    var cluster = cluster("stays", STAYS);
    var small = sizes("stays");
    var checker = Checker.start(SCENARIO, "stays");

    enlarge("stays");
    Await.until(
        "the condition says why",
        PATIENCE,
        () ->
            SCENARIO.kubectl(
                "get kv stays --output jsonpath='{.status.conditions[?(@.type==\"Degraded\")].reason} {.status.conditions[?(@.type==\"Degraded\")].message}'"),
        said ->
            said.startsWith("VolumeCannotGrow ")
                && said.contains("allowVolumeExpansion")
                && said.contains("stays-0, stays-1, stays-2"));
    assertEquals(small, sizes("stays"));

    SCENARIO.kubectl("scale kv/stays --replicas 1");
    Await.until("scaled", PATIENCE, () -> cluster.pods().size(), pods -> pods == 1);

    SCENARIO.kubectl(
        "patch storageclass %s --patch '{\"allowVolumeExpansion\": true}'".formatted(STAYS));
    Await.until(
        "the claim grows when its class allows it",
        PATIENCE,
        () -> sizes("stays").get("data-stays-0"),
        size -> !small.containsValue(size));
    cluster.awaitSettled(1);

    System.out.println("volumes that could not grow at first: " + checker.finish());
  }
}
