package dev.kelvin.operator.observe;

import dev.kelvin.operator.care.CareAddress;
import dev.kelvin.operator.children.Children;
import dev.kelvin.operator.children.Effective;
import dev.kelvin.operator.children.Names;
import dev.kelvin.operator.crd.KvCluster;
import dev.kelvin.operator.crd.Storage;
import dev.kelvin.operator.facts.Answer;
import dev.kelvin.operator.facts.Claim;
import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.Pod;
import dev.kelvin.operator.facts.StatefulSet;
import dev.kelvin.operator.facts.Wanted;
import dev.kelvin.operator.facts.Wanted.RecoveryWish;
import dev.kelvin.operator.report.Records;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What was fetched about one cluster.
 *
 * @param monitored whether the API server knows ServiceMonitors
 * @param statefulSet of the cluster's name; null if there is none
 * @param pods those that the cluster's labels select
 * @param claims those of the cluster's namespace, others' too
 * @param budget of the cluster's name; null if there is none
 * @param expandable storage classes whose volumes can grow
 * @param answers of nodes, by the UID of the pod that was asked
 */
public record Observation(
    KvCluster cluster,
    boolean monitored,
    io.fabric8.kubernetes.api.model.apps.StatefulSet statefulSet,
    List<io.fabric8.kubernetes.api.model.Pod> pods,
    List<PersistentVolumeClaim> claims,
    PodDisruptionBudget budget,
    Set<String> expandable,
    Map<String, Answer> answers) {

  /**
   * @param children what the operator would build
   * @param freshId random, not 0
   * @throws IllegalArgumentException when a record cannot be read
   */
  public Facts facts(Children children, long freshId) {
    var names = Children.names(cluster);
    return new Facts(
        wanted(children),
        Records.read(cluster.getStatus()),
        Optional.ofNullable(statefulSet).map(this::set),
        pods.stream()
            .flatMap(p -> pod(names, p).stream())
            .sorted(Comparator.comparingInt(Pod::ordinal))
            .toList(),
        claims.stream()
            .flatMap(c -> claim(names, c).stream())
            .sorted(Comparator.comparingInt(Claim::ordinal))
            .toList(),
        budget == null ? 0 : budget.getSpec().getMinAvailable().getIntVal(),
        freshId);
  }

  /** The pod of an ordinal, by its name. */
  public Optional<io.fabric8.kubernetes.api.model.Pod> podAt(int ordinal) {
    var name = Children.names(cluster).pod(ordinal);
    return pods.stream().filter(p -> p.getMetadata().getName().equals(name)).findFirst();
  }

  /** Where a pod's node is asked; empty while it has no address. */
  public static Optional<CareAddress> address(io.fabric8.kubernetes.api.model.Pod pod) {
    return Optional.ofNullable(pod.getStatus())
        .map(s -> s.getPodIP())
        .map(ip -> new CareAddress(ip, Names.PEER_PORT));
  }

  private Wanted wanted(Children children) {
    var effective = Effective.of(cluster);
    var name = cluster.getMetadata().getName();
    return new Wanted(
        name,
        Objects.requireNonNullElse(cluster.getMetadata().getGeneration(), 0L),
        effective.replicas(),
        children.digest(cluster, monitored, false),
        Boolean.TRUE.equals(effective.spec().paused()),
        effective.ephemeral(),
        effective.ephemeral() ? 0 : effective.storageBytes(),
        effective.storage().whenScaled() == Storage.AfterUse.Delete,
        effective.leaderService().enabled(),
        effective.fromSnapshot().map(_ -> children.digest(cluster, monitored, true)),
        Optional.ofNullable(effective.spec().recovery())
            .flatMap(r -> Ordinals.of(name, r.survivor()).map(o -> new RecoveryWish(r.name(), o))));
  }

  private StatefulSet set(io.fabric8.kubernetes.api.model.apps.StatefulSet set) {
    var status = set.getStatus();
    var generation = set.getMetadata().getGeneration();
    boolean seen =
        status != null
            && status.getUpdateRevision() != null
            && Objects.equals(status.getObservedGeneration(), generation);
    return new StatefulSet(
        Objects.requireNonNullElse(set.getSpec().getReplicas(), 1),
        seen ? status.getUpdateRevision() : "",
        seen,
        annotation(set, Names.CHILDREN).orElse(""),
        annotation(set, Names.FOUNDING).map(Records::founding),
        annotation(set, Names.RECOVERY).map(Records::recovery),
        set.getSpec().getVolumeClaimTemplates().stream()
            .findFirst()
            .map(Observation::bytes)
            .orElse(0L),
        Objects.requireNonNullElse(
                set.getSpec().getTemplate().getSpec().getVolumes(), List.<Volume>of())
            .stream()
            .anyMatch(v -> v.getName().equals(Names.SNAPSHOT)),
        set.getMetadata().getDeletionTimestamp() == null
            && set.getMetadata().getOwnerReferences().stream()
                .anyMatch(o -> o.getUid().equals(cluster.getMetadata().getUid())));
  }

  private Optional<Pod> pod(Names names, io.fabric8.kubernetes.api.model.Pod pod) {
    var meta = pod.getMetadata();
    var labels = Objects.requireNonNullElse(meta.getLabels(), Map.<String, String>of());
    var status = pod.getStatus();
    var answer = Objects.requireNonNull(answers.get(meta.getUid()), "nobody asked " + meta);
    return Ordinals.of(names.cluster(), meta.getName())
        .map(
            ordinal ->
                new Pod(
                    ordinal,
                    meta.getUid(),
                    Objects.requireNonNullElse(meta.getResourceVersion(), ""),
                    labels.getOrDefault("controller-revision-hash", ""),
                    status != null && status.getPodIP() != null,
                    status != null
                        && status.getContainerStatuses().stream()
                            .anyMatch(
                                c -> c.getState() != null && c.getState().getRunning() != null),
                    status != null
                        && status.getConditions().stream()
                            .anyMatch(
                                c -> c.getType().equals("Ready") && c.getStatus().equals("True")),
                    meta.getDeletionTimestamp() != null,
                    Names.LEADER.equals(labels.get(Names.ROLE)),
                    status == null ? "" : Troubles.of(status),
                    answer));
  }

  private Optional<Claim> claim(Names names, PersistentVolumeClaim claim) {
    return Ordinals.of(Names.VOLUME + "-" + names.cluster(), claim.getMetadata().getName())
        .map(
            ordinal ->
                new Claim(
                    ordinal,
                    claim.getMetadata().getUid(),
                    annotation(claim, Names.FOUNDING).map(Records::founding),
                    bytes(claim),
                    claim.getSpec().getStorageClassName() != null
                        && expandable.contains(claim.getSpec().getStorageClassName()),
                    claim.getMetadata().getDeletionTimestamp() != null));
  }

  private static long bytes(PersistentVolumeClaim claim) {
    var size = claim.getSpec().getResources().getRequests().get("storage");
    return Quantity.getAmountInBytes(size).longValue();
  }

  private static Optional<String> annotation(HasMetadata object, String name) {
    return Optional.ofNullable(object.getMetadata().getAnnotations()).map(a -> a.get(name));
  }
}
