package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The operator halts as if killed before and after every kind of step, in each thing that it does
 * for a cluster anew: what comes of it is the same as without.
 */
class OperatorFaultsIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final String CLASS = "kelvin-e2e-growing";

  /** Where the operator remembers at which places it has halted. */
  private static final String SPENT = "/tmp/kelvin-operator-faults";

  private final Cluster cluster = new Cluster(SCENARIO, "demo");

  @BeforeAll
  static void operatorThatHalts() {
    Kubernetes.get()
        .withOperator(
            "--set leaderElection=false --set-json 'env=[{\"name\": \"KELVIN_OPERATOR_FAULT\", \"value\": \"before:*,after:*\"}]'");
    // The kubelet would find it dead, and wait longer and longer before it starts it again.
    var forever =
        "while :; do java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m -jar /opt/kelvin-operator/quarkus-run.jar; done";
    Kubernetes.get()
        .shell()
        .run(
            """
            kubectl --namespace %s patch deployment %s --patch '
              {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 1, "containers":
                [{"name": "operator", "command": ["sh", "-c", "%s"], "livenessProbe": {"failureThreshold": 1000}}]}}}}' &&
            kubectl --namespace %1$s rollout status deployment %2$s --timeout 3m
            """
                .formatted(Kubernetes.OPERATOR_NAMESPACE, Kubernetes.RELEASE, forever));
    StorageClasses.create(CLASS, true);
  }

  @AfterAll
  static void operatorAsEver() {
    Kubernetes.get().withoutOperator();
    StorageClasses.delete(CLASS);
  }

  @Test
  void whereverTheOperatorHaltsTheEndIsTheSame() {
    cluster.apply("{replicas: 1, storage: {size: 1Gi, storageClassName: %s}}".formatted(CLASS));
    cluster.awaitSettled(1);
    var id = cluster.status().clusterId();
    halted("founding", "ApplyChildren", "RecordFounding", "MarkFounding", "Bootstrap");
    var checker = Checker.start(SCENARIO, "demo");

    forget("ApplyChildren");
    cluster.patch("{\"storage\": {\"size\": \"2Gi\"}}");
    cluster.awaitSettled(1);
    halted("a volume grows", "GrowVolume", "RenewStatefulSet", "ApplyChildren");

    forget("ApplyChildren", "MarkFounding");
    SCENARIO.kubectl("scale kv/demo --replicas 3");
    cluster.awaitSettled(3);
    halted("two join", "ApplyChildren", "MarkFounding", "Join");

    var members = cluster.status().members();
    forget("ApplyChildren");
    cluster.patch("{\"pod\": {\"annotations\": {\"round\": \"2\"}}}");
    cluster.awaitSettled(3);
    halted("rollout", "ApplyChildren", "DeletePod", "Transfer");
    assertEquals(members, cluster.status().members());

    cluster.moveLeader("demo-2");
    forget("ApplyChildren", "Transfer");
    SCENARIO.kubectl("scale kv/demo --replicas 1");
    cluster.awaitSettled(1);
    halted("two leave", "Transfer", "Remove", "ApplyChildren");

    forget("Join");
    SCENARIO.kubectl("scale kv/demo --replicas 3");
    cluster.awaitSettled(3);
    halted("two come back over kept volumes", "SetAside", "Join");

    cluster.wipeStatus();
    cluster.awaitSettled(3);
    halted("a wiped status", "AdoptFounding");
    assertEquals(id, cluster.status().clusterId());
    assertEquals(1, new HashSet<>(cluster.events("FoundingRecorded")).size());
    System.out.println("operator halted everywhere: " + checker.finish());

    cluster.loseVolumes("demo-1", "demo-2");
    cluster.awaitLostQuorum();
    forget("Join");
    cluster.patch("{\"recovery\": {\"name\": \"lost two\", \"survivor\": \"demo-0\"}}");
    cluster.awaitSettled(3);
    halted("recovery", "RecordRecovery", "Recover", "Join");
    assertNotEquals(id, cluster.status().clusterId());
    assertEquals(1, new HashSet<>(cluster.events("Recovering")).size());

    forget("Remove");
    cluster.patch("{\"replicas\": 1, \"storage\": {\"whenScaled\": \"Delete\"}}");
    cluster.awaitSettled(1);
    Await.until("two volumes go", Duration.ofMinutes(3), cluster::claims, claims -> claims == 1);
    halted("two leave with their volumes", "Remove", "DeleteClaim");
  }

  /** The operator has halted before and after each of these steps. */
  private static void halted(String during, String... steps) {
    var places = inOperator("ls " + SPENT).lines().toList();
    for (var step : steps) {
      for (var place : List.of("before-" + step, "after-" + step)) {
        assertTrue(places.contains(place), "%s: did not halt %s".formatted(during, place));
      }
    }
    System.out.printf("operator halted through %s: %s%n", during, String.join(", ", steps));
  }

  /** Has the operator halt at these steps once more. */
  private static void forget(String... steps) {
    for (var step : steps) {
      inOperator("rm %s/*-%s".formatted(SPENT, step));
    }
  }

  private static String inOperator(String command) {
    return Kubernetes.get()
        .shell()
        .run(
            "kubectl --namespace %s exec deployment/%s -- sh -c '%s'"
                .formatted(Kubernetes.OPERATOR_NAMESPACE, Kubernetes.RELEASE, command));
  }
}
