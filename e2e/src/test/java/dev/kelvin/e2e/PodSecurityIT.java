package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes and operator run where the restricted Pod Security Standard is enforced. */
class PodSecurityIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  @BeforeAll
  static void operator() {
    Kubernetes.get().withOperator();
  }

  @Test
  void whatIsNotRestrictedIsRefusedAndKelvinRuns() {
    for (var namespace : List.of(SCENARIO.namespace(), Kubernetes.OPERATOR_NAMESPACE)) {
      var said =
          Kubernetes.get()
              .shell()
              .attempt(
                  "kubectl --namespace %s run other --image=%s"
                      .formatted(namespace, Kubernetes.image("node")));
      assertNotEquals(0, said.exit(), namespace);
      assertTrue(said.output().contains("violates PodSecurity \"restricted"), said.output());
    }
    Kubernetes.get()
        .shell()
        .run(
            "kubectl --namespace %s rollout restart deployment/%s && kubectl --namespace %1$s rollout status deployment/%2$s --timeout 2m"
                .formatted(Kubernetes.OPERATOR_NAMESPACE, Kubernetes.RELEASE));
    var cluster = new Cluster(SCENARIO, "demo");
    cluster.apply("{replicas: 1, storage: {size: 1Gi, whenDeleted: Delete}}");
    cluster.awaitSettled(1);
    System.out.println("restricted: " + Checker.start(SCENARIO, "demo").finish());
  }
}
