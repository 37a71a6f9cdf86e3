package dev.kelvin.operator.act;

import dev.kelvin.operator.children.Children;
import dev.kelvin.operator.children.Names;
import dev.kelvin.operator.children.Shape;
import dev.kelvin.operator.decide.Step.ClaimId;
import dev.kelvin.operator.observe.Observation;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Writes to the API server. Children are applied server-side, under one field manager; what is
 * marked on objects belongs to another one, or applying the children would take it away. A change
 * of an object that exists carries its UID: it is void for a successor of the same name.
 */
public final class Objects {
  /** Owns what the children are built with. */
  static final String BUILDER = "kelvin-operator";

  /** Owns marks, labels and sizes that are set on objects while they live. */
  static final String MARKER = "kelvin-operator-marks";

  private static final PatchContext MARK =
      new PatchContext.Builder()
          .withPatchType(PatchType.JSON_MERGE)
          .withFieldManager(MARKER)
          .build();

  private final KubernetesClient client;
  private final Children children;

  public Objects(KubernetesClient client, Children children) {
    this.client = client;
    this.children = children;
  }

  /** Applies the children, and deletes those of this cluster that are not to be. */
  void apply(Observation seen, Shape shape) {
    var built = children.build(seen.cluster(), shape, seen.monitored());
    for (var child : built) {
      if (child instanceof StatefulSet set && seen.statefulSet() != null) {
        meanWhatWasSeen(set, seen.statefulSet());
      }
      client.resource(child).fieldManager(BUILDER).forceConflicts().serverSideApply();
    }
    var wanted = built.stream().map(Objects::key).collect(Collectors.toSet());
    for (var optional : optional(seen)) {
      if (!wanted.contains(key(optional))) {
        deleteOwn(seen, optional);
      }
    }
  }

  /**
   * Another operator, which the election took for lost, may have made the StatefulSet larger and
   * let its pods join since: it is made smaller only as it was seen.
   */
  private static void meanWhatWasSeen(StatefulSet set, StatefulSet seen) {
    set.getMetadata().setUid(seen.getMetadata().getUid());
    if (set.getSpec().getReplicas() < seen.getSpec().getReplicas()) {
      set.getMetadata().setResourceVersion(seen.getMetadata().getResourceVersion());
    }
  }

  private static String key(HasMetadata object) {
    return object.getKind() + " " + object.getMetadata().getName();
  }

  /** Children that a spec may do without. */
  private static List<HasMetadata> optional(Observation seen) {
    var names = Children.names(seen.cluster());
    List<HasMetadata> optional = new ArrayList<>();
    optional.add(named(new Service(), names.namespace(), names.leaderService()));
    optional.add(named(new PodDisruptionBudget(), names.namespace(), names.budget()));
    if (seen.monitored()) {
      var monitor = new GenericKubernetesResource();
      monitor.setApiVersion("monitoring.coreos.com/v1");
      monitor.setKind("ServiceMonitor");
      optional.add(named(monitor, names.namespace(), names.serviceMonitor()));
    }
    return optional;
  }

  private static <T extends HasMetadata> T named(T object, String namespace, String name) {
    var meta = new ObjectMeta();
    meta.setName(name);
    meta.setNamespace(namespace);
    object.setMetadata(meta);
    return object;
  }

  private void deleteOwn(Observation seen, HasMetadata object) {
    var there = client.resource(object).get();
    var owner = seen.cluster().getMetadata().getUid();
    boolean own =
        there != null
            && there.getMetadata().getOwnerReferences().stream()
                .anyMatch(o -> o.getUid().equals(owner));
    if (own) {
      client.resource(there).lockResourceVersion().delete();
    }
  }

  void annotateStatefulSet(Observation seen, Map<String, String> annotations) {
    var meta = seen.statefulSet().getMetadata();
    patch(
        new StatefulSet(),
        meta.getNamespace(),
        meta.getName(),
        metadata(meta.getUid(), "annotations", annotations));
  }

  void annotateClaim(Names names, ClaimId claim, Map<String, String> annotations) {
    patchClaim(names, claim, metadata(claim.uid(), "annotations", annotations));
  }

  void growClaim(Names names, ClaimId claim, long bytes) {
    var spec = Map.of("resources", Map.of("requests", Map.of("storage", Long.toString(bytes))));
    patchClaim(
        names,
        claim,
        Serialization.asJson(Map.of("metadata", Map.of("uid", claim.uid()), "spec", spec)));
  }

  private void patchClaim(Names names, ClaimId claim, String patch) {
    patch(new PersistentVolumeClaim(), names.namespace(), names.claim(claim.ordinal()), patch);
  }

  /** Takes the label off every other pod first: the service never follows two. */
  void labelLeader(Observation seen, int ordinal) {
    var leader = seen.podAt(ordinal);
    for (var pod : seen.pods()) {
      if (pod.getMetadata().getLabels().containsKey(Names.ROLE)
          && !leader.equals(Optional.of(pod))) {
        label(pod, null);
      }
    }
    leader.ifPresent(pod -> label(pod, Names.LEADER));
  }

  private void label(Pod pod, String role) {
    var meta = pod.getMetadata();
    Map<String, String> labels = new HashMap<>();
    labels.put(Names.ROLE, role);
    patch(
        new Pod(), meta.getNamespace(), meta.getName(), metadata(meta.getUid(), "labels", labels));
  }

  /** A merge patch of an object's metadata; null takes an entry away. */
  private static String metadata(String uid, String field, Map<String, String> entries) {
    return Serialization.asJson(Map.of("metadata", Map.of("uid", uid, field, entries)));
  }

  private void patch(HasMetadata object, String namespace, String name, String patch) {
    client.resource(named(object, namespace, name)).patch(MARK, patch);
  }

  void deletePod(Names names, int ordinal, String uid, String version) {
    delete(
        "/api/v1/namespaces/%s/pods/%s".formatted(names.namespace(), names.pod(ordinal)),
        only(uid, version));
  }

  void deleteClaim(Names names, ClaimId claim) {
    delete(
        "/api/v1/namespaces/%s/persistentvolumeclaims/%s"
            .formatted(names.namespace(), names.claim(claim.ordinal())),
        only(claim.uid(), null));
  }

  /** Leaves its pods: they are taken over by its successor, which has the same selector. */
  void orphanStatefulSet(Observation seen) {
    var meta = seen.statefulSet().getMetadata();
    delete(
        "/apis/apps/v1/namespaces/%s/statefulsets/%s"
            .formatted(meta.getNamespace(), meta.getName()),
        new DeleteOptionsBuilder(only(meta.getUid(), null))
            .withPropagationPolicy("Orphan")
            .build());
  }

  static DeleteOptions only(String uid, String version) {
    return new DeleteOptionsBuilder()
        .withApiVersion("v1")
        .withKind("DeleteOptions")
        .withNewPreconditions()
        .withUid(uid)
        .withResourceVersion(version)
        .endPreconditions()
        .build();
  }

  /** The client's own delete knows no UID. */
  private void delete(String path, DeleteOptions options) {
    client.raw(path, "DELETE", options);
  }
}
