package dev.kelvin.operator.children;

import dev.kelvin.operator.crd.Bootstrap;
import dev.kelvin.operator.crd.NodeSettings;
import dev.kelvin.operator.crd.Storage;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The StatefulSet: pods of one container each, under the restricted Pod Security Standard. */
final class Workload {
  private static final String DATA = "/var/lib/kelvin";
  private static final long USER = 65532;
  private static final int GRACE_SECONDS = 60;

  private Workload() {}

  /**
   * Parallel, or pods that wait for each other would never start; OnDelete, for the order of a
   * rollout is decided, not counted down. Of volumes only the operator deletes any on scaling.
   */
  static StatefulSet statefulSet(
      Names names, Effective effective, Shape shape, String image, ObjectMeta meta) {
    Map<String, String> labels =
        new HashMap<>(Objects.requireNonNullElse(effective.pod().labels(), Map.of()));
    labels.putAll(names.labels());
    var set =
        new StatefulSetBuilder()
            .withMetadata(meta)
            .withNewSpec()
            .withReplicas(shape.size())
            .withServiceName(names.peerService())
            .withPodManagementPolicy("Parallel")
            .withNewUpdateStrategy()
            .withType("OnDelete")
            .endUpdateStrategy()
            .withNewPersistentVolumeClaimRetentionPolicy()
            .withWhenScaled("Retain")
            .withWhenDeleted(effective.storage().whenDeleted().name())
            .endPersistentVolumeClaimRetentionPolicy()
            .withSelector(new LabelSelectorBuilder().withMatchLabels(names.selector()).build())
            .withNewTemplate()
            .withNewMetadata()
            .withLabels(labels)
            .withAnnotations(effective.pod().annotations())
            .endMetadata()
            .withSpec(pod(names, effective, shape.snapshot(), image))
            .endTemplate();
    if (!effective.ephemeral()) {
      set.withVolumeClaimTemplates(claim(names, effective, shape));
    }
    return set.endSpec().build();
  }

  private static PersistentVolumeClaim claim(Names names, Effective effective, Shape shape) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName(Names.VOLUME)
        .withLabels(names.labels())
        .endMetadata()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(effective.storage().storageClassName())
        .withNewResources()
        .addToRequests("storage", new Quantity(Long.toString(shape.volumeBytes())))
        .endResources()
        .endSpec()
        .build();
  }

  private static PodSpec pod(Names names, Effective effective, boolean snapshot, String image) {
    var extras = effective.pod();
    List<Volume> volumes = new ArrayList<>();
    volumes.add(new VolumeBuilder().withName("tmp").withNewEmptyDir().endEmptyDir().build());
    if (effective.ephemeral()) {
      volumes.add(ephemeral(effective.storage()));
    }
    if (snapshot) {
      effective.fromSnapshot().map(Workload::snapshot).ifPresent(volumes::add);
    }
    return new PodSpecBuilder()
        .withServiceAccountName(
            Objects.requireNonNullElse(extras.serviceAccountName(), names.serviceAccount()))
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds(
            (long)
                Objects.requireNonNullElse(extras.terminationGracePeriodSeconds(), GRACE_SECONDS))
        .withPriorityClassName(extras.priorityClassName())
        .withImagePullSecrets(extras.imagePullSecrets())
        .withAffinity(Objects.requireNonNullElseGet(extras.affinity(), () -> apart(names)))
        .withTolerations(extras.tolerations())
        .withTopologySpreadConstraints(extras.topologySpreadConstraints())
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(USER)
        .withRunAsGroup(USER)
        .withFsGroup(USER)
        .withFsGroupChangePolicy("OnRootMismatch")
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .withContainers(container(names, effective, snapshot, image))
        .withVolumes(volumes)
        .build();
  }

  private static Volume ephemeral(Storage storage) {
    return new VolumeBuilder()
        .withName(Names.VOLUME)
        .withNewEmptyDir()
        .withMedium(storage.ephemeral() == Storage.Ephemeral.Memory ? "Memory" : null)
        .withSizeLimit(new Quantity(storage.size()))
        .endEmptyDir()
        .build();
  }

  /** Not read-only as a volume: else nothing would make its files readable for the pod's group. */
  private static Volume snapshot(Bootstrap.FromSnapshot from) {
    return new VolumeBuilder()
        .withName(Names.SNAPSHOT)
        .withNewPersistentVolumeClaim()
        .withClaimName(from.claimName())
        .endPersistentVolumeClaim()
        .build();
  }

  /** On different machines where possible. */
  private static Affinity apart(Names names) {
    return new AffinityBuilder()
        .withNewPodAntiAffinity()
        .addNewPreferredDuringSchedulingIgnoredDuringExecution()
        .withWeight(100)
        .withNewPodAffinityTerm()
        .withTopologyKey("kubernetes.io/hostname")
        .withLabelSelector(new LabelSelectorBuilder().withMatchLabels(names.selector()).build())
        .endPodAffinityTerm()
        .endPreferredDuringSchedulingIgnoredDuringExecution()
        .endPodAntiAffinity()
        .build();
  }

  private static Container container(
      Names names, Effective effective, boolean snapshot, String image) {
    return new ContainerBuilder()
        .withName("kelvin")
        .withImage(image)
        .withArgs(
            "server",
            "--name=$(POD_NAME)",
            "--data-dir=" + DATA,
            "--listen-client=0.0.0.0:" + Names.CLIENT_PORT,
            "--listen-peer=0.0.0.0:" + Names.PEER_PORT,
            "--listen-http=0.0.0.0:" + Names.HTTP_PORT,
            "--advertise-client=" + url(names, Names.CLIENT_PORT),
            "--advertise-peer=" + url(names, Names.PEER_PORT))
        .withEnv(environment(effective))
        .withPorts(ports(effective))
        .withResources(effective.spec().resources())
        .withStartupProbe(probe("/livez", 1, 600))
        .withLivenessProbe(probe("/livez", 10, 6))
        .withReadinessProbe(probe("/readyz", 2, 2))
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .withVolumeMounts(mounts(snapshot && effective.fromSnapshot().isPresent()))
        .build();
  }

  private static List<ContainerPort> ports(Effective effective) {
    List<ContainerPort> ports = new ArrayList<>();
    ports.add(port("client", Names.CLIENT_PORT));
    ports.add(port("peer", Names.PEER_PORT));
    ports.add(port("http", Names.HTTP_PORT));
    Door.open(effective).forEach(d -> ports.add(port(d.portName, d.port)));
    return ports;
  }

  private static List<VolumeMount> mounts(boolean snapshot) {
    List<VolumeMount> mounts = new ArrayList<>();
    mounts.add(new VolumeMountBuilder().withName(Names.VOLUME).withMountPath(DATA).build());
    mounts.add(new VolumeMountBuilder().withName("tmp").withMountPath("/tmp").build());
    if (snapshot) {
      mounts.add(
          new VolumeMountBuilder()
              .withName(Names.SNAPSHOT)
              .withMountPath(Names.SNAPSHOT_PATH)
              .withReadOnly(true)
              .build());
    }
    return mounts;
  }

  private static String url(Names names, int port) {
    return "http://%s:%d".formatted(names.host("$(POD_NAME)"), port);
  }

  private static ContainerPort port(String name, int number) {
    return new ContainerPortBuilder()
        .withName(name)
        .withContainerPort(number)
        .withProtocol("TCP")
        .build();
  }

  private static Probe probe(String path, int period, int failures) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withPort(new IntOrString("http"))
        .endHttpGet()
        .withPeriodSeconds(period)
        .withFailureThreshold(failures)
        .withTimeoutSeconds(3)
        .build();
  }

  /** People's own first, without those that are set here: server-side apply wants each once. */
  private static List<EnvVar> environment(Effective effective) {
    var settings = settings(effective.node());
    Door.open(effective).forEach(d -> settings.put(d.variable, "0.0.0.0:" + d.port));
    var own = Objects.requireNonNullElse(effective.pod().env(), List.<EnvVar>of());
    MemoryBudget.of(effective).map(MemoryBudget::variables).orElse(Map.of()).entrySet().stream()
        .filter(e -> own.stream().noneMatch(o -> o.getName().equals(e.getKey())))
        .forEach(e -> settings.putIfAbsent(e.getKey(), e.getValue()));
    List<EnvVar> environment = new ArrayList<>();
    environment.add(
        new EnvVarBuilder()
            .withName("POD_NAME")
            .withNewValueFrom()
            .withNewFieldRef()
            .withFieldPath("metadata.name")
            .endFieldRef()
            .endValueFrom()
            .build());
    own.stream()
        .filter(e -> !e.getName().equals("POD_NAME") && !settings.containsKey(e.getName()))
        .forEach(environment::add);
    settings.forEach(
        (name, value) ->
            environment.add(new EnvVarBuilder().withName(name).withValue(value).build()));
    return environment;
  }

  /**
   * Each component of the settings is a variable of the node's: maxTxnOps is KELVIN_MAX_TXN_OPS.
   */
  private static Map<String, String> settings(NodeSettings node) {
    Map<String, String> settings = new TreeMap<>();
    for (var component : NodeSettings.class.getRecordComponents()) {
      var value = value(component, node);
      if (value != null) {
        var words = component.getName().replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
        settings.put("KELVIN_" + words, value.toString());
      }
    }
    return settings;
  }

  private static Object value(RecordComponent component, NodeSettings node) {
    try {
      return component.getAccessor().invoke(node);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record's accessor is public", e);
    }
  }
}
