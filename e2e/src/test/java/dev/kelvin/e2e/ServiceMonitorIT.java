package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A ServiceMonitor is made where its type is installed, also when that happens later. */
class ServiceMonitorIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String TYPE = "crd servicemonitors.monitoring.coreos.com";

  /** The type's name and as much of its schema as is looked at. */
  private static final String CRD =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: servicemonitors.monitoring.coreos.com
        labels: {kelvin-e2e: "true"}
      spec:
        group: monitoring.coreos.com
        scope: Namespaced
        names: {kind: ServiceMonitor, plural: servicemonitors, singular: servicemonitor}
        versions:
        - name: v1
          served: true
          storage: true
          schema:
            openAPIV3Schema:
              type: object
              properties:
                spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
      """;

  @BeforeAll
  static void operatorWithoutTheType() {
    uninstall();
    Assumptions.assumeTrue(
        SCENARIO.attempt("get " + TYPE).exit() != 0,
        "somebody's ServiceMonitors are installed here, and are not taken away for a test");
    Kubernetes.get().withOperator();
  }

  /** What an earlier run of this test may have left, too; nobody else's. */
  @AfterAll
  static void uninstall() {
    SCENARIO.kubectl("delete crd --selector kelvin-e2e=true --ignore-not-found");
  }

  @Test
  void itComesWithItsTypeAndGoesWithTheSpec() {
    var cluster = new Cluster(SCENARIO, "demo");
    cluster.apply("{replicas: 1, storage: {size: 1Gi}}");
    cluster.awaitSettled(1);
    var pods = cluster.pods();
    var checker = Checker.start(SCENARIO, "demo");

    long installed = System.nanoTime();
    SCENARIO.kubectl("apply -f - <<'END'\n%sEND".formatted(CRD));
    SCENARIO.kubectl("wait --for=condition=Established --timeout=1m " + TYPE);
    awaitMonitors("servicemonitor.monitoring.coreos.com/demo\n");
    double noticed = (System.nanoTime() - installed) / 1e9;
    assertEquals(
        "http /metrics 30s",
        SCENARIO.kubectl(
            "get servicemonitor demo --output jsonpath='{.spec.endpoints[0].port} {.spec.endpoints[0].path} {.spec.endpoints[0].interval}'"));
    assertEquals(
        "service/demo-peers\n", SCENARIO.kubectl("get service --output name " + scraped()));

    off(true);
    awaitMonitors("");
    off(false);
    awaitMonitors("servicemonitor.monitoring.coreos.com/demo\n");
    cluster.awaitSettled(1);
    assertEquals(pods, cluster.pods(), "no pod is made anew");

    System.out.printf(
        "ServiceMonitor %.1f s after its type was installed; %s%n", noticed, checker.finish());
  }

  /** The services whose pods it has scraped. */
  private static String scraped() {
    var labels =
        SCENARIO.kubectl(
            "get servicemonitor demo --output go-template='{{range $k, $v := .spec.selector.matchLabels}}{{$k}}={{$v}},{{end}}'");
    return "--selector " + labels.substring(0, labels.length() - 1);
  }

  private static void off(boolean off) {
    SCENARIO.kubectl(
        "patch kv/demo --type merge --patch '{\"spec\": {\"metrics\": {\"serviceMonitor\": %s}}}'"
            .formatted(!off));
  }

  private static void awaitMonitors(String names) {
    Await.until(
        "the ServiceMonitors are: " + names,
        PATIENCE,
        () -> SCENARIO.kubectl("get servicemonitor --output name"),
        names::equals);
  }
}
