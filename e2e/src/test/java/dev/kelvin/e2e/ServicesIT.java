package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the operator puts around the pods, as clients and administrators meet it. */
class ServicesIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static Cluster cluster;

  @BeforeAll
  static void cluster() {
    Kubernetes.get().withOperator();
    cluster = new Cluster(SCENARIO, "demo");
    cluster.apply("{replicas: 3, storage: {size: 1Gi}}");
    cluster.awaitSettled(3);
  }

  @Test
  void theLeadersServiceFollowsTheLeader() {
    var checker = Checker.start(SCENARIO, "demo");
    var first = cluster.status().leader();
    awaitPods("demo-leader", List.of(first));
    leads();

    var next = first.equals("demo-0") ? "demo-1" : "demo-0";
    long moved = System.nanoTime();
    Etcdctl.at(SCENARIO, "service/demo-leader", e -> e.run("move-leader " + e.members().get(next)));
    awaitPods("demo-leader", List.of(next));
    var transfer = since(moved);
    leads();

    var uid = cluster.readyPod(next);
    long deleted = System.nanoTime();
    SCENARIO.kubectl("delete pod --wait=false " + next);
    Await.until(
        "the service leads to another pod",
        PATIENCE,
        () -> pods("demo-leader"),
        pods -> pods.size() == 1 && !pods.equals(List.of(next)));
    var loss = since(deleted);
    cluster.awaitOtherPod(next, uid);
    cluster.awaitSettled(3);
    awaitPods("demo-leader", List.of(cluster.status().leader()));
    leads();

    System.out.printf(
        "the leader's service follows a transfer within %.1f s, the deletion of the leader's pod within %.1f s; %s%n",
        transfer, loss, checker.finish());
  }

  @Test
  void theClientsServiceHasEveryPodAndOffersHttpToo() {
    awaitPods("demo-client", List.of("demo-0", "demo-1", "demo-2"));
    assertEquals(
        "{\"health\":\"true\",\"reason\":\"\"}",
        SCENARIO
            .kubectl(
                "get --raw /api/v1/namespaces/%s/services/demo-client:http/proxy/health"
                    .formatted(SCENARIO.namespace()))
            .strip());
  }

  @Test
  void theBudgetLetsOnePodGo() {
    Await.until(
        "the budget allows one",
        PATIENCE,
        () ->
            SCENARIO.kubectl(
                "get pdb demo --output jsonpath='{.spec.minAvailable} {.status.disruptionsAllowed}'"),
        "2 1"::equals);
  }

  @Test
  void thePeerPortIsForMembersAndTheOperatorOnly() {
    var described = SCENARIO.kubectl("describe networkpolicy demo-peers");
    var rules = described.split("----------");
    assertEquals(2, rules.length, described);
    assertTrue(rules[0].contains("To Port: client/TCP"), described);
    assertFalse(rules[0].contains("To Port: peer/TCP"), described);
    assertTrue(rules[1].contains("To Port: peer/TCP"), described);
    assertTrue(rules[1].contains("app.kubernetes.io/instance=demo"), described);
    assertTrue(rules[1].contains("app.kubernetes.io/name=kelvin-operator"), described);
    var operator =
        SCENARIO.kubectl(
            "get pod --namespace %s --selector app.kubernetes.io/name=kelvin-operator --output name"
                .formatted(Kubernetes.OPERATOR_NAMESPACE));
    assertTrue(operator.startsWith("pod/"), operator);
  }

  /** Whom the leader's service leads to is the leader. */
  private static void leads() {
    var said = Etcdctl.at(SCENARIO, "service/demo-leader", e -> e.run("endpoint status -w json"));
    var status = Serialization.unmarshal(said, JsonNode.class).at("/0/Status");
    assertTrue(status.path("leader").asText().length() > 1, said);
    assertEquals(status.path("leader"), status.path("header").path("member_id"), said);
  }

  private static void awaitPods(String service, List<String> pods) {
    Await.until(service + " has " + pods, PATIENCE, () -> pods(service), pods::equals);
  }

  private static List<String> pods(String service) {
    var slices =
        SCENARIO.kubectl(
            "get endpointslices --selector kubernetes.io/service-name=%s --output json"
                .formatted(service));
    return Serialization.unmarshal(slices, JsonNode.class).findValues("endpoints").stream()
        .flatMap(JsonNode::valueStream)
        .filter(e -> e.at("/conditions/ready").asBoolean())
        .map(e -> e.at("/targetRef/name").asText())
        .sorted()
        .toList();
  }

  private static double since(long begun) {
    return (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
  }
}
