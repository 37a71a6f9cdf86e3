package dev.kelvin.operator.children;

import dev.kelvin.operator.crd.KvCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that belongs to a cluster, to be applied server-side. What is marked later (founding,
 * recovery) is owned by another field manager, or applying these would take it away.
 *
 * @param repository image to run, without a tag
 * @param version the operator's own, and so the default tag
 */
public record Children(String repository, String version) {

  /**
   * The objects, in the order in which to apply them: what pods need comes before the pods.
   *
   * @param monitored whether the API server knows ServiceMonitors
   */
  public List<HasMetadata> build(KvCluster cluster, Shape shape, boolean monitored) {
    var effective = Effective.of(cluster);
    var names = names(cluster);
    List<HasMetadata> built = new ArrayList<>();
    if (effective.pod().serviceAccountName() == null) {
      built.add(Network.serviceAccount(names, meta(cluster, names.serviceAccount())));
    }
    built.add(Network.peerService(names, meta(cluster, names.peerService())));
    built.add(Network.clientService(names, effective, meta(cluster, names.clientService())));
    if (effective.leaderService().enabled()) {
      built.add(Network.leaderService(names, effective, meta(cluster, names.leaderService())));
    }
    built.add(Network.policy(names, effective, meta(cluster, names.networkPolicy())));
    if (shape.budget() > 0) {
      built.add(Network.budget(names, shape.budget(), meta(cluster, names.budget())));
    }
    if (monitored && effective.metrics().serviceMonitor()) {
      built.add(Network.serviceMonitor(names, effective, meta(cluster, names.serviceMonitor())));
    }
    var meta = meta(cluster, names.statefulSet());
    meta.setAnnotations(Map.of(Names.CHILDREN, digest(cluster, monitored, shape.snapshot())));
    built.add(
        Workload.statefulSet(names, effective, shape, effective.image(repository, version), meta));
    return built;
  }

  /**
   * Digest of what the children are built from, whatever their size: when it differs from the one
   * they carry, they are to be applied.
   *
   * @param snapshot as in {@link Shape}
   */
  public String digest(KvCluster cluster, boolean monitored, boolean snapshot) {
    var effective = Effective.of(cluster);
    var names = names(cluster);
    var parts = new ArrayList<Object>();
    parts.add(
        Workload.statefulSet(
            names,
            effective,
            new Shape(0, 0, 0, snapshot),
            effective.image(repository, version),
            new ObjectMeta()));
    parts.add(effective.pod().serviceAccountName() == null);
    parts.add(Network.peerService(names, new ObjectMeta()));
    parts.add(Network.clientService(names, effective, new ObjectMeta()));
    parts.add(effective.leaderService().enabled());
    parts.add(Network.leaderService(names, effective, new ObjectMeta()));
    parts.add(Network.policy(names, effective, new ObjectMeta()));
    parts.add(monitored && effective.metrics().serviceMonitor());
    parts.add(Network.serviceMonitor(names, effective, new ObjectMeta()));
    try {
      var sum =
          MessageDigest.getInstance("SHA-256")
              .digest(canonical(parts).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sum, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * The same for the same content: the order of a map's entries differs from process to process.
   */
  static String canonical(Object content) {
    var plain = Serialization.unmarshal(Serialization.asJson(Map.of("", content)), Map.class);
    return Serialization.asJson(sorted(plain));
  }

  private static Object sorted(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        var sorted = new TreeMap<String, Object>();
        map.forEach((k, v) -> sorted.put(k.toString(), sorted(v)));
        yield sorted;
      }
      case List<?> list -> list.stream().map(Children::sorted).toList();
      case null -> "";
      default -> value;
    };
  }

  public static Names names(KvCluster cluster) {
    return new Names(cluster.getMetadata().getName(), cluster.getMetadata().getNamespace());
  }

  private static ObjectMeta meta(KvCluster cluster, String name) {
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(cluster.getMetadata().getNamespace())
        .withLabels(names(cluster).labels())
        .withOwnerReferences(owner(cluster))
        .build();
  }

  /** Deleting the KvCluster deletes the children; their volumes go by policy. */
  private static OwnerReference owner(KvCluster cluster) {
    return new OwnerReferenceBuilder()
        .withApiVersion(cluster.getApiVersion())
        .withKind(cluster.getKind())
        .withName(cluster.getMetadata().getName())
        .withUid(cluster.getMetadata().getUid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }
}
