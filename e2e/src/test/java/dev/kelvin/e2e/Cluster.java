package dev.kelvin.e2e;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A KvCluster as its status tells of it. */
final class Cluster {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final ResourceDefinitionContext TYPE =
      new ResourceDefinitionContext.Builder()
          .withGroup("kelvin.dev")
          .withVersion("v1alpha1")
          .withKind("KvCluster")
          .withPlural("kvclusters")
          .withNamespaced(true)
          .build();

  private static final Pattern TERM = Pattern.compile("\"raftTerm\":(\\d+)");

  /** On everything that belongs to a cluster. */
  static final String INSTANCE = "app.kubernetes.io/instance";

  private final Scenario scenario;
  private final String name;
  private final KubernetesClient client;

  Cluster(Scenario scenario, String name) {
    this.scenario = scenario;
    this.name = name;
    this.client = scenario.kubernetes().client();
  }

  /** Creates or changes it. */
  void apply(String spec) {
    scenario.kubectl(
        """
        apply -f - <<'END'
        apiVersion: kelvin.dev/v1alpha1
        kind: KvCluster
        metadata:
          name: %s
        spec: %s
        END
        """
            .formatted(name, spec));
  }

  /** Changes a part of its spec. */
  void patch(String spec) {
    scenario.kubectl("patch kv/%s --type merge -p '{\"spec\": %s}'".formatted(name, spec));
  }

  /** As if nobody had ever written a status. */
  void wipeStatus() {
    scenario.kubectl(
        "patch kv/%s --subresource status --type json -p '[{\"op\": \"remove\", \"path\": \"/status\"}]'"
            .formatted(name));
  }

  /** Waits until all that was wanted is so: that many healthy voters, and nothing under way. */
  void awaitSettled(int members) {
    long generation = resource().getMetadata().getGeneration();
    await(
        members + " healthy members, and nothing is under way",
        status ->
            status.observedGeneration >= generation
                && status.members.size() == members
                && status.readyReplicas == members
                && status.replicas == members
                && status.operation == null
                && status.is("Available")
                && !status.is("Degraded")
                && status.condition("Progressing").reason.equals("AsSpecified"));
  }

  /** Waits until its status is as described. */
  Status await(String what, Predicate<Status> enough) {
    return Await.until(name + ": " + what, PATIENCE, this::status, enough);
  }

  /** One of a status' conditions. */
  record Condition(String status, String reason, String message) {}

  /**
   * What is looked at in a status.
   *
   * @param members their IDs by their pods
   */
  record Status(
      long observedGeneration,
      int replicas,
      int readyReplicas,
      Map<String, String> members,
      Object operation,
      Map<String, Condition> conditions,
      String clusterId,
      String leader) {
    /** Whether a condition holds; it does not while nothing is said of it. */
    boolean is(String type) {
      return condition(type).status.equals("True");
    }

    Condition condition(String type) {
      return conditions.getOrDefault(type, new Condition("Unknown", "", ""));
    }
  }

  Status status() {
    var resource = resource();
    return new Status(
        number(resource.get("status", "observedGeneration")),
        (int) number(resource.get("status", "replicas")),
        (int) number(resource.get("status", "readyReplicas")),
        list(resource, "members").stream()
            .collect(Collectors.toMap(m -> m.get("pod"), m -> m.get("id"))),
        resource.get("status", "operation"),
        list(resource, "conditions").stream()
            .collect(
                Collectors.toMap(
                    c -> c.get("type"),
                    c -> new Condition(c.get("status"), c.get("reason"), c.get("message")))),
        resource.get("status", "clusterId"),
        resource.get("status", "leader"));
  }

  private static long number(Object value) {
    return value instanceof Number n ? n.longValue() : 0;
  }

  private static List<Map<String, String>> list(GenericKubernetesResource resource, String field) {
    return Objects.requireNonNullElse(
        resource.<List<Map<String, String>>>get("status", field), List.of());
  }

  private GenericKubernetesResource resource() {
    return client
        .genericKubernetesResources(TYPE)
        .inNamespace(scenario.namespace())
        .withName(name)
        .require();
  }

  /** Raft's term, as the leader tells it: each election and each transfer begins one. */
  long term() {
    var said = etcdctl("endpoint status --write-out json");
    var term = TERM.matcher(said);
    if (!term.find()) {
      throw new AssertionError("no term: " + said);
    }
    return Long.parseLong(term.group(1));
  }

  /** Hands leadership to a pod. */
  void moveLeader(String pod) {
    if (!status().leader.equals(pod)) {
      etcdctl("move-leader " + status().members.get(pod));
      await(pod + " leads", status -> pod.equals(status.leader));
    }
  }

  /** Asks the leader. */
  String etcdctl(String arguments) {
    return etcdctlAt(status().leader, arguments);
  }

  /** Asks the node of a pod. */
  String etcdctlAt(String pod, String arguments) {
    return Etcdctl.at(scenario, "pod/" + pod, etcdctl -> etcdctl.run(arguments));
  }

  /** What the node of a pod tells of itself. */
  String care(String pod) {
    return scenario.kubectl(
        "exec %s -- java -Xmx64m -jar /opt/kelvin/kelvin.jar care status".formatted(pod));
  }

  /** The last recovery: its outcome, name, survivor, and the clusters before and after. */
  String recovery() {
    return scenario.kubectl(
        "get kv/%s -o jsonpath='{.status.recovery.outcome} {.status.recovery.name} {.status.recovery.survivor} {.status.recovery.from} {.status.recovery.to}'"
            .formatted(name));
  }

  /** Waits until it is said that a quorum is lost. */
  Status awaitLostQuorum() {
    return await("a lost quorum is said", s -> s.condition("Degraded").reason.equals("QuorumLost"));
  }

  /** Waits until the node of a pod has been started again in it. */
  void awaitRestart(String pod) {
    Await.until(
        pod + " is started again",
        PATIENCE,
        () ->
            scenario.kubectl(
                "get pod %s -o jsonpath={.status.containerStatuses[0].restartCount}"
                    .formatted(pod)),
        count -> !count.equals("0"));
  }

  /** Deletes it, and waits until its pods are gone. */
  void delete() {
    scenario.kubectl("delete kv/" + name);
    Await.until(name + " has no pods", PATIENCE, this::pods, Map::isEmpty);
  }

  /** Deletes pods together with their volumes, and waits until others are in their place. */
  void loseVolumes(String... pods) {
    var before = pods();
    for (var pod : pods) {
      scenario.kubectl("delete pvc data-%s --wait=false".formatted(pod));
    }
    // Not waited for by kubectl, which can miss a deletion when a pod of the name is there again at
    // once.
    scenario.kubectl("delete pod --wait=false " + String.join(" ", pods));
    for (var pod : pods) {
      Await.until(
          "another " + pod,
          PATIENCE,
          () -> pods().get(pod),
          uid -> uid != null && !uid.equals(before.get(pod)));
    }
  }

  /** Messages of the events of this reason, in no order. */
  List<String> events(String reason) {
    return client
        .v1()
        .events()
        .inNamespace(scenario.namespace())
        .withField("involvedObject.name", name)
        .list()
        .getItems()
        .stream()
        .filter(e -> reason.equals(e.getReason()))
        .map(Event::getMessage)
        .toList();
  }

  /** UIDs of its pods by their names. */
  Map<String, String> pods() {
    return pods(p -> p.getMetadata().getUid());
  }

  /** The nodes that its pods run on, by the pods' names. */
  Map<String, String> nodes() {
    return pods(p -> p.getSpec().getNodeName());
  }

  private Map<String, String> pods(Function<Pod, String> what) {
    return client
        .pods()
        .inNamespace(scenario.namespace())
        .withLabel(INSTANCE, name)
        .list()
        .getItems()
        .stream()
        .collect(Collectors.toMap(p -> p.getMetadata().getName(), what));
  }

  /** The UID of a pod that runs and is ready, or null. */
  String readyPod(String pod) {
    Pod found = client.pods().inNamespace(scenario.namespace()).withName(pod).get();
    return found != null && PodWatch.ready(found) ? found.getMetadata().getUid() : null;
  }

  /**
   * Waits until a pod is ready.
   *
   * @return its UID
   */
  String awaitReadyPod(String pod) {
    return Await.until(pod + " is ready", PATIENCE, () -> readyPod(pod), Objects::nonNull);
  }

  /** Waits until a pod of that name is ready that is not the one with this UID. */
  void awaitOtherPod(String pod, String uid) {
    Await.until(
        "another " + pod + " is ready",
        PATIENCE,
        () -> readyPod(pod),
        now -> now != null && !now.equals(uid));
  }

  int claims() {
    return client
        .persistentVolumeClaims()
        .inNamespace(scenario.namespace())
        .list()
        .getItems()
        .size();
  }
}
