package dev.kelvin.operator.observe;

import dev.kelvin.operator.care.CareAddress;
import dev.kelvin.operator.care.CareClient;
import dev.kelvin.operator.children.Children;
import dev.kelvin.operator.children.Names;
import dev.kelvin.operator.crd.KvCluster;
import dev.kelvin.operator.facts.Answer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Fetches everything about one cluster. It is read from the API server itself and never from a
 * watch's cache: an object that is missing from a cache may be there, and on what is missing a
 * cluster would be founded. Watches only say when to look. What belongs to the installation and not
 * to the cluster (storage classes, whether there are ServiceMonitors) may be a while old. Any
 * thread may look.
 */
public final class Observer {
  private static final Duration SURROUNDINGS_LAST = Duration.ofSeconds(20);

  private final KubernetesClient client;
  private final CareClient care;
  private final Clock clock;
  private volatile Surroundings surroundings = new Surroundings(Instant.MIN, false, Set.of());

  private record Surroundings(Instant seen, boolean monitored, Set<String> expandable) {}

  public Observer(KubernetesClient client, CareClient care, Clock clock) {
    this.client = client;
    this.care = care;
    this.clock = clock;
  }

  /**
   * Looks once.
   *
   * @param memory of this cluster
   * @return empty if there is no such cluster, or it is being deleted
   * @throws KubernetesClientException when the API server refuses or does not answer
   */
  public Optional<Observation> look(String namespace, String name, Memory memory)
      throws InterruptedException {
    var cluster = client.resources(KvCluster.class).inNamespace(namespace).withName(name).get();
    if (cluster == null || cluster.getMetadata().getDeletionTimestamp() != null) {
      return Optional.empty();
    }
    var names = Children.names(cluster);
    var around = surroundings();
    var set =
        client.apps().statefulSets().inNamespace(namespace).withName(names.statefulSet()).get();
    var pods = client.pods().inNamespace(namespace).withLabels(names.selector()).list().getItems();
    var claims = client.persistentVolumeClaims().inNamespace(namespace).list().getItems();
    var budget =
        client
            .policy()
            .v1()
            .podDisruptionBudget()
            .inNamespace(namespace)
            .withName(names.budget())
            .get();
    return Optional.of(
        new Observation(
            cluster,
            around.monitored,
            set,
            pods,
            claims,
            budget,
            around.expandable,
            ask(names, pods, memory)));
  }

  private Map<String, Answer> ask(Names names, List<Pod> pods, Memory memory)
      throws InterruptedException {
    Map<String, CareAddress> addresses = new HashMap<>();
    for (var pod : pods) {
      Observation.address(pod).ifPresent(a -> addresses.put(pod.getMetadata().getUid(), a));
    }
    var said = care.statuses(addresses);
    var now = clock.instant();
    Map<String, Answer> answers = new HashMap<>();
    for (var pod : pods) {
      var uid = pod.getMetadata().getUid();
      var since = memory.silent(uid, now);
      var status = said.get(uid);
      var answer =
          status == null
              ? new Answer.Unreachable(since)
              : Nodes.answer(names, pod.getMetadata().getName(), status, since);
      if (!(answer instanceof Answer.Unreachable)) {
        memory.answered(uid);
      }
      answers.put(uid, answer);
    }
    memory.keep(answers.keySet());
    return answers;
  }

  private Surroundings surroundings() {
    var known = surroundings;
    var now = clock.instant();
    if (known.seen.isAfter(now.minus(SURROUNDINGS_LAST))) {
      return known;
    }
    var fresh =
        new Surroundings(
            now, client.supports("monitoring.coreos.com/v1", "ServiceMonitor"), expandable());
    surroundings = fresh;
    return fresh;
  }

  /** An operator for some namespaces may not be allowed to read them: then no volume grows. */
  private Set<String> expandable() {
    try {
      return client.storage().v1().storageClasses().list().getItems().stream()
          .filter(c -> Boolean.TRUE.equals(c.getAllowVolumeExpansion()))
          .map(StorageClass::getMetadata)
          .map(m -> Objects.requireNonNull(m.getName()))
          .collect(Collectors.toCollection(HashSet::new));
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
        return Set.of();
      }
      throw e;
    }
  }
}
