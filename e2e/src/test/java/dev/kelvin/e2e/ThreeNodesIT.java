package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * On three nodes, of which each is taken away in turn: the cluster serves on, and nobody's
 * membership changes. One cluster lives through all of it, in this order.
 *
 * <p>Until Kubernetes knows that a node is gone, its services lead there too, and a client may be
 * led there several times in a row: while a node is killed or cut off, a request may fail. Nothing
 * that was acknowledged is lost; and what is done in order, as a drain, no client notices.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ThreeNodesIT {
  @RegisterExtension
  @Order(1)
  static final ThreeNodes NODES = new ThreeNodes();

  @RegisterExtension
  @Order(2)
  static final Scenario SCENARIO = new Scenario(NODES::kubernetes);

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration CUT_OFF = Duration.ofMinutes(1);

  private static Cluster cluster;

  /** Operator and checker are on the node that stays, to see what happens to the others. */
  @BeforeAll
  static void aClusterOnThreeNodes() {
    onTheServer(() -> NODES.kubernetes().withOperator());
    cluster = new Cluster(SCENARIO, "demo");
    cluster.apply(
        "{replicas: 3, storage: {size: 1Gi, storageClassName: %s}}"
            .formatted(ThreeNodes.STORAGE_CLASS));
    cluster.awaitSettled(3);
  }

  private static void onTheServer(Runnable placed) {
    for (var node : ThreeNodes.AGENTS) {
      SCENARIO.kubectl("cordon " + node);
    }
    placed.run();
    for (var node : ThreeNodes.AGENTS) {
      SCENARIO.kubectl("uncordon " + node);
    }
  }

  private static Checker checker() {
    // Of a test that failed before.
    SCENARIO.kubectl("delete pod checker --ignore-not-found");
    var started = new Checker[1];
    onTheServer(() -> started[0] = Checker.start(SCENARIO, "demo"));
    return started[0];
  }

  /** What stays the same, whatever happens to nodes. */
  private record Identity(String clusterId, Map<String, String> members) {
    static Identity seen() {
      return new Identity(
          cluster.status().clusterId(),
          Etcdctl.at(SCENARIO, "service/demo-client", Etcdctl::members));
    }
  }

  @Test
  @Order(1)
  void eachPodRunsOnANodeOfItsOwn() {
    assertEquals(new HashSet<>(ThreeNodes.NODES), new HashSet<>(cluster.nodes().values()));
  }

  @Test
  @Order(2)
  void aNodeIsKilledUnderTheLeaderAndStartedAgain() {
    var node = ThreeNodes.AGENTS.getFirst();
    var before = Identity.seen();
    var pods = cluster.pods();
    var pod = leadsOn(node, before);
    var checker = checker();

    long killed = System.nanoTime();
    NODES.kill(node);
    awaitTwoOfThree(pod);
    var elected = since(killed);
    NODES.startAgain(node);
    NODES.awaitReady(node);
    cluster.awaitSettled(3);
    var whole = since(killed);

    var found = checker.finishAfterOutage();
    assertEquals(before, Identity.seen());
    assertEquals(pods, cluster.pods(), "a pod waits for its node");
    System.out.printf(
        "node killed under the leader: the status has another after %.1f s; three healthy %.1f s after the kill; %s%n",
        elected, whole, found);
  }

  @Test
  @Order(3)
  void aNodeIsCutOffUnderTheLeaderForAMinute() {
    var node = ThreeNodes.AGENTS.getLast();
    var before = Identity.seen();
    var pods = cluster.pods();
    var pod = leadsOn(node, before);
    var checker = checker();

    long cut = System.nanoTime();
    NODES.cutOff(node);
    double elected;
    try {
      awaitTwoOfThree(pod);
      elected = since(cut);
      Await.until(
          "a minute, in which nobody's membership changes",
          CUT_OFF.plus(PATIENCE),
          () -> {
            var status = cluster.status();
            assertEquals(before.members.size(), status.members().size(), status::toString);
            return since(cut);
          },
          seconds -> seconds >= CUT_OFF.toSeconds());
      awaitTwoOfThree(pod);
    } finally {
      NODES.reconnect(node);
    }
    long reconnected = System.nanoTime();
    NODES.awaitReady(node);
    cluster.awaitSettled(3);
    var whole = since(reconnected);

    var found = checker.finishAfterOutage();
    assertEquals(before, Identity.seen());
    assertEquals(pods, cluster.pods(), "a pod goes on where it was");
    System.out.printf(
        "node cut off for a minute under the leader: the status has another after %.1f s; three healthy %.1f s after the minute; %s%n",
        elected, whole, found);
  }

  @Test
  @Order(4)
  void eachNodeIsDrainedInTurn() {
    var before = Identity.seen();
    var checker = checker();

    for (var node : ThreeNodes.NODES) {
      long begun = System.nanoTime();
      SCENARIO.kubectl(
          "drain %s --ignore-daemonsets --delete-emptydir-data --pod-selector='app!=checker' --timeout=3m"
              .formatted(node));
      var drained = since(begun);
      awaitReadyPods();
      System.out.printf(
          "%s drained in %.1f s, three pods ready on the others %.1f s after that%n",
          node, drained, since(begun) - drained);
      assertEquals(false, cluster.nodes().containsValue(node));
      SCENARIO.kubectl("uncordon " + node);
    }
    operatorRuns();
    cluster.awaitSettled(3);

    var found = checker.finish();
    assertEquals(before, Identity.seen());
    System.out.println("each node drained: " + found);
  }

  @Test
  @Order(5)
  void theOperatorIsUninstalledAndInstalledAgain() {
    var before = Identity.seen();
    Etcdctl.at(SCENARIO, "service/demo-client", e -> e.run("put kept yes"));
    var checker = checker();

    NODES.kubernetes().withoutOperator();
    var pods = cluster.pods();
    SCENARIO.kubectl("delete pod --wait=false demo-1");
    cluster.awaitOtherPod("demo-1", pods.get("demo-1"));
    awaitReadyPods();
    assertEquals(before, Identity.seen());
    assertEquals(
        "kept\nyes\n", Etcdctl.at(SCENARIO, "service/demo-client", e -> e.run("get kept")));

    pods = cluster.pods();
    SCENARIO.kubectl("get service demo-leader");
    NODES.kubernetes().withOperator();
    SCENARIO.kubectl(
        "patch kv/demo --type merge --patch '{\"spec\": {\"services\": {\"leader\": {\"enabled\": false}}}}'");
    cluster.awaitSettled(3);
    Await.until(
        "the cluster is watched over again: its leader's service goes",
        PATIENCE,
        () -> SCENARIO.kubectl("get service --output name"),
        services -> !services.contains("demo-leader"));

    var found = checker.finish();
    assertEquals(before, Identity.seen());
    assertEquals(pods, cluster.pods(), "no pod is made anew");
    System.out.println("operator uninstalled and installed again: " + found);
  }

  private static void operatorRuns() {
    SCENARIO.kubectl(
        "rollout status deployment/%s --namespace %s --timeout=3m"
            .formatted(Kubernetes.RELEASE, Kubernetes.OPERATOR_NAMESPACE));
  }

  private static void awaitReadyPods() {
    for (var pod : cluster.pods().keySet()) {
      Await.until(pod + " is ready", PATIENCE, () -> cluster.readyPod(pod), uid -> uid != null);
    }
  }

  /** Moves leadership to the pod that runs there, and waits until the status knows. */
  private static String leadsOn(String node, Identity identity) {
    var pod =
        cluster.nodes().entrySet().stream()
            .filter(e -> e.getValue().equals(node))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow();
    var leader = cluster.status().leader();
    if (!leader.equals(pod)) {
      Etcdctl.at(SCENARIO, "pod/" + leader, e -> e.run("move-leader " + identity.members.get(pod)));
      Await.until(pod + " leads", PATIENCE, () -> cluster.status().leader(), pod::equals);
    }
    return pod;
  }

  /** Without this pod, which led. */
  private static void awaitTwoOfThree(String pod) {
    var status =
        Await.until(
            "two of three serve",
            PATIENCE,
            cluster::status,
            s ->
                s.readyReplicas() == 2
                    && s.leader() != null
                    && !s.leader().equals(pod)
                    && s.is("Available")
                    && s.is("Degraded"));
    assertNotEquals(pod, status.leader());
  }

  private static double since(long begun) {
    return (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
  }
}
