package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nobody watches over a cluster for a while, or another one does. */
class OperatorAwayIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Duration SECONDS = Duration.ofSeconds(10);

  private final Shell shell = Kubernetes.get().shell();
  private final Cluster cluster = new Cluster(SCENARIO, "demo");

  @BeforeEach
  void oneMember() {
    Kubernetes.get().withOperator();
    cluster.apply("{replicas: 1, storage: {size: 1Gi}}");
    cluster.awaitSettled(1);
  }

  @AfterEach
  void operatorAsEver() {
    Kubernetes.get().withoutOperator();
  }

  @Test
  void whatIsWantedWhileTheOperatorIsAwayIsDoneByTheNextOne() {
    var before = cluster.status();
    var pods = cluster.pods();
    var checker = Checker.start(SCENARIO, "demo");
    operator("scale deployment %s --replicas 0");
    operator("wait pod -l app.kubernetes.io/name=%s --for=delete --timeout=60s");

    SCENARIO.kubectl("scale kv/demo --replicas 3");
    cluster.etcdctl("get served");
    assertEquals(pods, cluster.pods(), "nobody is there to do it");

    var took = Stopwatch.start();
    Kubernetes.get().withOperator("--set podAnnotations.upgraded=yes --set replicas=1");
    System.out.println("operator upgraded in " + took);
    cluster.awaitSettled(3);
    System.out.println("what was wanted meanwhile is done after " + took);
    assertEquals(before.clusterId(), cluster.status().clusterId());
    assertEquals(pods.get("demo-0"), cluster.pods().get("demo-0"));
    System.out.println("operator away: " + checker.finish());
  }

  @Test
  void ofTwoOperatorsTheOtherTakesOverWithinSeconds() {
    var checker = Checker.start(SCENARIO, "demo");
    Kubernetes.get().withOperator("--set replicas=2");
    var first = Await.until("one is elected", Duration.ofMinutes(1), this::holder, this::isPod);

    var took = Stopwatch.start();
    operator("delete pod " + first + " --wait=false");
    SCENARIO.kubectl("scale kv/demo --replicas 3");
    var second =
        Await.until(
            "another one is elected", SECONDS, this::holder, h -> isPod(h) && !h.equals(first));
    System.out.println("another operator is elected after " + took);
    cluster.awaitSettled(3);
    System.out.println("and has done what was wanted after " + took);
    assertNotEquals(first, second);
    System.out.println("another operator: " + checker.finish());
  }

  private boolean isPod(String holder) {
    return !holder.isBlank() && shell.attempt(command("get pod " + holder)).exit() == 0;
  }

  private String holder() {
    return operator("get lease %s -o jsonpath={.spec.holderIdentity}");
  }

  /**
   * Runs {@code kubectl} where the operator is.
   *
   * @param arguments with its name in the place of {@code %s}
   */
  private String operator(String arguments) {
    return shell.run(command(arguments.formatted(Kubernetes.RELEASE)));
  }

  private static String command(String arguments) {
    return "kubectl --namespace %s %s".formatted(Kubernetes.OPERATOR_NAMESPACE, arguments);
  }
}
