package dev.kelvin.e2e;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A KvCluster as its status tells of it. */
final class Cluster {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final ResourceDefinitionContext TYPE =
      new ResourceDefinitionContext.Builder()
          .withGroup("kelvin.dev")
          .withVersion("v1alpha1")
          .withKind("KvCluster")
          .withPlural("kvclusters")
          .withNamespaced(true)
          .build();

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

  /** Waits until all that was wanted is so: that many healthy voters, and nothing under way. */
  void awaitSettled(int members) {
    long generation = resource().getMetadata().getGeneration();
    Await.until(
        name + " has " + members + " healthy members, and nothing is under way",
        PATIENCE,
        this::status,
        status ->
            status.observedGeneration >= generation
                && status.members.size() == members
                && status.readyReplicas == members
                && status.replicas == members
                && status.operation == null
                && "True".equals(status.available)
                && "False".equals(status.degraded));
  }

  /** What is looked at in a status. */
  record Status(
      long observedGeneration,
      int replicas,
      int readyReplicas,
      List<?> members,
      Object operation,
      String available,
      String degraded,
      String clusterId,
      String leader) {}

  Status status() {
    var resource = resource();
    return new Status(
        number(resource.get("status", "observedGeneration")),
        (int) number(resource.get("status", "replicas")),
        (int) number(resource.get("status", "readyReplicas")),
        Objects.requireNonNullElse(resource.<List<?>>get("status", "members"), List.of()),
        resource.get("status", "operation"),
        condition(resource, "Available"),
        condition(resource, "Degraded"),
        resource.get("status", "clusterId"),
        resource.get("status", "leader"));
  }

  private static long number(Object value) {
    return value instanceof Number n ? n.longValue() : 0;
  }

  private static String condition(GenericKubernetesResource resource, String type) {
    List<Map<String, String>> conditions = resource.get("status", "conditions");
    return conditions == null
        ? null
        : conditions.stream()
            .filter(c -> type.equals(c.get("type")))
            .map(c -> c.get("status"))
            .findAny()
            .orElse(null);
  }

  private GenericKubernetesResource resource() {
    return client
        .genericKubernetesResources(TYPE)
        .inNamespace(scenario.namespace())
        .withName(name)
        .require();
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
        .withLabel("app.kubernetes.io/instance", name)
        .list()
        .getItems()
        .stream()
        .collect(Collectors.toMap(p -> p.getMetadata().getName(), what));
  }

  /** The UID of a pod that runs and is ready, or null. */
  String readyPod(String pod) {
    Pod found = client.pods().inNamespace(scenario.namespace()).withName(pod).get();
    boolean ready =
        found != null
            && found.getMetadata().getDeletionTimestamp() == null
            && found.getStatus().getConditions() != null
            && found.getStatus().getConditions().stream()
                .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
    return ready ? found.getMetadata().getUid() : null;
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
