package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The charts as Helm sees them: their life on a cluster, and what is made from them. */
class ChartsIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  @TempDir Path directory;

  private final Shell shell = Kubernetes.get().shell();

  @Test
  void lintHasNothingToSay() {
    shell.run("helm lint --strict charts/kelvin-operator charts/kelvin-cluster");
  }

  @Test
  void thePlainManifestsAreWhatTheChartGives() throws Exception {
    shell.run("bin/manifests " + directory);
    assertEquals(
        Files.readString(directory.resolve("kelvin-operator.yaml")),
        Project.read("deploy/kelvin-operator.yaml"),
        "deploy/kelvin-operator.yaml is out of date; run: make manifests");
  }

  @Test
  void valuesThatTheChartsDoNotKnowAreRefused() {
    for (var chart : new String[] {"kelvin-operator", "kelvin-cluster"}) {
      var said =
          shell.attempt(
              "helm template x charts/%s --kube-version 1.34.0 --set replica=3".formatted(chart));
      assertTrue(
          said.output().contains("additional properties 'replica' not allowed"), said.output());
    }
  }

  @Test
  void theOperatorRunsUnderTheRestrictedPodSecurityStandard() {
    Kubernetes.get().withOperator();
    var said =
        shell.run(
            "kubectl label --overwrite --dry-run=server namespace %s pod-security.kubernetes.io/enforce=restricted"
                .formatted(Kubernetes.OPERATOR_NAMESPACE));
    assertTrue(said.contains("labeled"), said);
    assertFalse(said.contains("Warning"), said);
  }

  @Test
  void oneFileInstallsTheOperatorWithoutHelm() {
    Kubernetes.get().withoutOperator();
    var own = "-l app.kubernetes.io/name=kelvin-operator";
    try {
      shell.run("kubectl apply -f deploy/kelvin-operator.yaml");
      shell.run("kubectl -n kelvin-system rollout status deployment/kelvin-operator --timeout=2m");
    } finally {
      shell.run(
          "kubectl -n kelvin-system delete deployment,service,role,rolebinding,serviceaccount "
              + own);
      shell.run("kubectl delete clusterrole,clusterrolebinding " + own);
    }
  }

  @Test
  void aClusterOutlivesTheOperatorsChartAndItsUpgrade() {
    Kubernetes.get().withOperator();
    shell.run(
        "helm install demo charts/kelvin-cluster --namespace %s --set replicas=1 --set storage.size=1Gi --set storage.whenDeleted=Delete"
            .formatted(SCENARIO.namespace()));
    var cluster = new Cluster(SCENARIO, "demo");
    cluster.awaitSettled(1);
    var pod = cluster.awaitReadyPod("demo-0");
    var checker = Checker.start(SCENARIO, "demo");

    shell.run("helm uninstall kelvin-operator --namespace kelvin-system --wait");
    assertEquals(pod, cluster.readyPod("demo-0"));
    SCENARIO.kubectl("get kv demo");
    Kubernetes.get().withOperator();
    cluster.awaitSettled(1);
    assertEquals(pod, cluster.readyPod("demo-0"), "nothing changed, so no pod is made anew");
    System.out.println("the operator's chart goes and comes: " + checker.finish());

    shell.run("helm uninstall demo --namespace %s --wait".formatted(SCENARIO.namespace()));
    Await.until(
        "the volume goes by policy", Duration.ofMinutes(2), cluster::claims, claims -> claims == 0);
  }
}
