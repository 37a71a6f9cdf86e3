package dev.kelvin.operator.children;

import dev.kelvin.operator.crd.Bootstrap;
import dev.kelvin.operator.crd.KvCluster;
import dev.kelvin.operator.crd.KvClusterSpec;
import dev.kelvin.operator.crd.Metrics;
import dev.kelvin.operator.crd.NodeSettings;
import dev.kelvin.operator.crd.PodExtras;
import dev.kelvin.operator.crd.Protocols;
import dev.kelvin.operator.crd.Services;
import dev.kelvin.operator.crd.Storage;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A spec with everything that was left away filled in, as the schema's defaults would. */
public final class Effective {
  private static final KvClusterSpec EMPTY =
      new KvClusterSpec(
          null, null, null, null, null, null, null, null, null, null, null, null, null);
  private static final Storage STORAGE =
      new Storage("10Gi", null, null, Storage.AfterUse.Retain, Storage.AfterUse.Retain);
  private static final PodExtras POD =
      new PodExtras(null, null, null, null, null, null, null, null, null, null);
  private static final NodeSettings NODE =
      new NodeSettings(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

  private final KvClusterSpec spec;

  private Effective(KvClusterSpec spec) {
    this.spec = spec;
  }

  public static Effective of(KvCluster cluster) {
    return new Effective(Objects.requireNonNullElse(cluster.getSpec(), EMPTY));
  }

  public KvClusterSpec spec() {
    return spec;
  }

  public int replicas() {
    return Objects.requireNonNullElse(spec.replicas(), 3);
  }

  public Storage storage() {
    var s = Objects.requireNonNullElse(spec.storage(), STORAGE);
    return new Storage(
        Objects.requireNonNullElse(s.size(), STORAGE.size()),
        s.storageClassName(),
        s.ephemeral(),
        Objects.requireNonNullElse(s.whenScaled(), STORAGE.whenScaled()),
        Objects.requireNonNullElse(s.whenDeleted(), STORAGE.whenDeleted()));
  }

  public boolean ephemeral() {
    return storage().ephemeral() != null;
  }

  public long storageBytes() {
    return Quantity.getAmountInBytes(new Quantity(storage().size())).longValue();
  }

  public PodExtras pod() {
    return Objects.requireNonNullElse(spec.pod(), POD);
  }

  public NodeSettings node() {
    return Objects.requireNonNullElse(spec.node(), NODE);
  }

  public Services.Client clientService() {
    var s = spec.services() == null ? null : spec.services().client();
    return new Services.Client(
        s == null || s.type() == null ? Services.Type.ClusterIP : s.type(),
        s == null || s.annotations() == null ? Map.of() : s.annotations());
  }

  public Services.Leader leaderService() {
    var s = spec.services() == null ? null : spec.services().leader();
    return new Services.Leader(
        s == null || !Boolean.FALSE.equals(s.enabled()),
        s == null || s.type() == null ? Services.Type.ClusterIP : s.type(),
        s == null || s.annotations() == null ? Map.of() : s.annotations());
  }

  /** Each door open or shut; none is null. */
  public Protocols protocols() {
    var p = spec.protocols();
    return new Protocols(
        p == null || !Boolean.FALSE.equals(p.http()),
        p != null && Boolean.TRUE.equals(p.cache()),
        p != null && Boolean.TRUE.equals(p.json()));
  }

  public Metrics metrics() {
    var m = spec.metrics();
    return new Metrics(
        m == null || !Boolean.FALSE.equals(m.serviceMonitor()),
        m == null || m.interval() == null ? "30s" : m.interval(),
        m == null || m.labels() == null ? Map.of() : m.labels());
  }

  /** What the cluster is to be founded from; empty if of nothing. */
  public Optional<Bootstrap.FromSnapshot> fromSnapshot() {
    return Optional.ofNullable(spec.bootstrap()).map(Bootstrap::fromSnapshot);
  }

  /**
   * The image to run.
   *
   * @param repository of the operator's default image, without a tag
   * @param version the operator's own
   */
  public String image(String repository, String version) {
    if (spec.image() != null) {
      return spec.image();
    }
    return repository + ":" + Objects.requireNonNullElse(spec.version(), version);
  }
}
