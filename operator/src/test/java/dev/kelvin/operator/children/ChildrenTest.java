package dev.kelvin.operator.children;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.crd.KvCluster;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ChildrenTest {
  private static final Children CHILDREN = new Children("registry.example/kelvin", "1.2.3");
  private static final Shape SHAPE = new Shape(3, 2, 10L << 30);

  private static KvCluster cluster(String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: kelvin.dev/v1alpha1
        kind: KvCluster
        metadata: {name: demo, namespace: shop, uid: u-1}
        spec: %s
        """
            .formatted(spec),
        KvCluster.class);
  }

  private static <T extends HasMetadata> T one(Class<T> type, String name, String spec) {
    return CHILDREN.build(cluster(spec), SHAPE, false).stream()
        .filter(type::isInstance)
        .map(type::cast)
        .filter(c -> c.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static StatefulSet set(String spec) {
    return one(StatefulSet.class, "demo", spec);
  }

  private static PodSpec pod(String spec) {
    return set(spec).getSpec().getTemplate().getSpec();
  }

  private static Map<String, String> environment(String spec) {
    return pod(spec).getContainers().getFirst().getEnv().stream()
        .filter(e -> e.getValue() != null)
        .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
  }

  @Test
  void allOfThemBelongToTheClusterAndSayWho() {
    for (var child : CHILDREN.build(cluster("{}"), SHAPE, true)) {
      var meta = child.getMetadata();
      assertEquals("shop", meta.getNamespace());
      assertEquals("demo", meta.getLabels().get("app.kubernetes.io/instance"));
      assertEquals("kelvin-operator", meta.getLabels().get("app.kubernetes.io/managed-by"));
      var owner = meta.getOwnerReferences().getFirst();
      assertEquals("u-1", owner.getUid());
      assertEquals("KvCluster", owner.getKind());
      assertTrue(owner.getController());
    }
  }

  @Test
  void podsStartTogetherAndAreMadeAnewOnlyWhenDeleted() {
    var spec = set("{}").getSpec();
    assertEquals(3, spec.getReplicas());
    assertEquals("Parallel", spec.getPodManagementPolicy());
    assertEquals("OnDelete", spec.getUpdateStrategy().getType());
    assertEquals("demo-peers", spec.getServiceName());
  }

  @Test
  void theSizeIsTheOneDecidedAndNotTheSpecs() {
    assertEquals(3, set("{replicas: 1}").getSpec().getReplicas());
  }

  @Test
  void scalingNeverDeletesAVolumeAndDeletionDoesAsSaid() {
    var kept = set("{storage: {whenScaled: Delete}}").getSpec();
    assertEquals("Retain", kept.getPersistentVolumeClaimRetentionPolicy().getWhenScaled());
    assertEquals("Retain", kept.getPersistentVolumeClaimRetentionPolicy().getWhenDeleted());
    var deleted = set("{storage: {whenDeleted: Delete}}").getSpec();
    assertEquals("Delete", deleted.getPersistentVolumeClaimRetentionPolicy().getWhenDeleted());
  }

  @Test
  void peersFindEachOtherBeforeTheyAreReady() {
    var service = one(Service.class, "demo-peers", "{}").getSpec();
    assertEquals("None", service.getClusterIP());
    assertTrue(service.getPublishNotReadyAddresses());
    var args = pod("{}").getContainers().getFirst().getArgs();
    assertTrue(
        args.contains("--advertise-peer=http://$(POD_NAME).demo-peers.shop.svc:2380"),
        args.toString());
    assertTrue(args.stream().noneMatch(a -> a.startsWith("--bootstrap") || a.startsWith("--join")));
  }

  @Test
  void podsPassTheRestrictedSecurityStandard() {
    var pod = pod("{}");
    var container = pod.getContainers().getFirst().getSecurityContext();
    assertTrue(pod.getSecurityContext().getRunAsNonRoot());
    assertTrue(pod.getSecurityContext().getRunAsUser() > 0);
    assertEquals("RuntimeDefault", pod.getSecurityContext().getSeccompProfile().getType());
    assertFalse(container.getAllowPrivilegeEscalation());
    assertTrue(container.getReadOnlyRootFilesystem());
    assertEquals(List.of("ALL"), container.getCapabilities().getDrop());
    assertFalse(pod.getAutomountServiceAccountToken());
    assertTrue(
        pod.getVolumes().stream()
            .anyMatch(v -> v.getName().equals("tmp") && v.getEmptyDir() != null));
  }

  @Test
  void livenessIsTheProcessAloneAndReadinessTheMembership() {
    var container = pod("{}").getContainers().getFirst();
    assertEquals("/livez", path(container.getLivenessProbe()));
    assertEquals("/livez", path(container.getStartupProbe()));
    assertEquals("/readyz", path(container.getReadinessProbe()));
    assertEquals(60L, pod("{}").getTerminationGracePeriodSeconds());
  }

  private static String path(Probe probe) {
    assertEquals("http", probe.getHttpGet().getPort().getStrVal());
    return probe.getHttpGet().getPath();
  }

  @Test
  void dataAreOnAClaimOfTheDecidedSize() {
    var claim =
        set("{storage: {size: 20Gi, storageClassName: fast}}")
            .getSpec()
            .getVolumeClaimTemplates()
            .getFirst();
    assertEquals("data", claim.getMetadata().getName());
    assertEquals("fast", claim.getSpec().getStorageClassName());
    assertEquals(
        Long.toString(10L << 30),
        claim.getSpec().getResources().getRequests().get("storage").getAmount());
  }

  @Test
  void ephemeralDataAreInTheNodesMemoryOrOnItsDisk() {
    var memory = set("{storage: {ephemeral: Memory, size: 1Gi}}").getSpec();
    assertTrue(memory.getVolumeClaimTemplates().isEmpty());
    var volume = memory.getTemplate().getSpec().getVolumes().get(1);
    assertEquals("data", volume.getName());
    assertEquals("Memory", volume.getEmptyDir().getMedium());
    assertEquals("1Gi", volume.getEmptyDir().getSizeLimit().toString());
    var disk = pod("{storage: {ephemeral: Disk}}").getVolumes().get(1);
    assertNull(disk.getEmptyDir().getMedium());
  }

  @Test
  void theImageIsTheOneNamedOrTheVersionOrTheOperatorsOwn() {
    assertEquals("registry.example/kelvin:1.2.3", image("{}"));
    assertEquals("registry.example/kelvin:2.0.0", image("{version: 2.0.0}"));
    assertEquals("mine/kelvin:x", image("{image: \"mine/kelvin:x\"}"));
  }

  private static String image(String spec) {
    return pod(spec).getContainers().getFirst().getImage();
  }

  @Test
  void settingsAreVariablesOfTheNodeAndWinOverPeoplesOwn() {
    var environment =
        environment(
            "{node: {maxTxnOps: 256, electionTimeout: 2s, logJson: true}, pod: {env: [{name: KELVIN_MAX_TXN_OPS, value: \"1\"}, {name: ZONE, value: a}]}}");
    assertEquals(
        Map.of(
            "KELVIN_MAX_TXN_OPS", "256",
            "KELVIN_ELECTION_TIMEOUT", "2s",
            "KELVIN_LOG_JSON", "true",
            "ZONE", "a"),
        environment);
  }

  @Test
  void podsGetWhatPeopleAskForButKeepTheOperatorsLabels() {
    var spec =
        "{pod: {labels: {team: a, app.kubernetes.io/name: other}, annotations: {note: b}, priorityClassName: high, serviceAccountName: mine, imagePullSecrets: [{name: s}], tolerations: [{key: k, operator: Exists}], terminationGracePeriodSeconds: 30}}";
    var template = set(spec).getSpec().getTemplate();
    assertEquals("a", template.getMetadata().getLabels().get("team"));
    assertEquals("kelvin", template.getMetadata().getLabels().get("app.kubernetes.io/name"));
    assertEquals("b", template.getMetadata().getAnnotations().get("note"));
    assertEquals("high", template.getSpec().getPriorityClassName());
    assertEquals("mine", template.getSpec().getServiceAccountName());
    assertEquals("s", template.getSpec().getImagePullSecrets().getFirst().getName());
    assertEquals("k", template.getSpec().getTolerations().getFirst().getKey());
    assertEquals(30L, template.getSpec().getTerminationGracePeriodSeconds());
    assertTrue(
        CHILDREN.build(cluster(spec), SHAPE, false).stream()
            .noneMatch(c -> c.getKind().equals("ServiceAccount")));
  }

  @Test
  void podsAreKeptApartUnlessPeopleSayOtherwise() {
    assertEquals(
        1,
        pod("{}")
            .getAffinity()
            .getPodAntiAffinity()
            .getPreferredDuringSchedulingIgnoredDuringExecution()
            .size());
    assertNull(pod("{pod: {affinity: {}}}").getAffinity().getPodAntiAffinity());
  }

  @Test
  void clientsHaveAServiceAndSoHasTheLeader() {
    var spec =
        "{services: {client: {type: LoadBalancer, annotations: {lb: internal}}}, protocols: {http: false}}";
    var client = one(Service.class, "demo-client", spec);
    assertEquals("LoadBalancer", client.getSpec().getType());
    assertEquals("internal", client.getMetadata().getAnnotations().get("lb"));
    assertEquals(List.of(2379), ports(client));
    assertEquals(List.of(2379, 2381), ports(one(Service.class, "demo-client", "{}")));
    var leader = one(Service.class, "demo-leader", "{}");
    assertEquals("leader", leader.getSpec().getSelector().get("kelvin.dev/role"));
    assertTrue(
        CHILDREN.build(cluster("{services: {leader: {enabled: false}}}"), SHAPE, false).stream()
            .noneMatch(c -> c.getMetadata().getName().equals("demo-leader")));
  }

  private static List<Integer> ports(Service service) {
    return service.getSpec().getPorts().stream().map(p -> p.getPort()).toList();
  }

  @Test
  void theBudgetIsTheOneDecidedAndThereIsNoneForOne() {
    var budget = one(PodDisruptionBudget.class, "demo", "{}").getSpec();
    assertEquals(2, budget.getMinAvailable().getIntVal());
    assertTrue(
        CHILDREN.build(cluster("{}"), new Shape(1, 0, 1), false).stream()
            .noneMatch(PodDisruptionBudget.class::isInstance));
  }

  @Test
  void onlyMembersAndTheOperatorReachThePeerPort() {
    var rules = one(NetworkPolicy.class, "demo-peers", "{}").getSpec().getIngress();
    var open =
        rules.stream()
            .filter(r -> r.getFrom().isEmpty())
            .flatMap(r -> r.getPorts().stream())
            .map(p -> p.getPort().getStrVal())
            .toList();
    assertEquals(List.of("client", "http"), open);
    var peer = rules.get(1);
    assertEquals("peer", peer.getPorts().getFirst().getPort().getStrVal());
    assertEquals(2, peer.getFrom().size());
    assertEquals(
        "demo",
        peer.getFrom()
            .getFirst()
            .getPodSelector()
            .getMatchLabels()
            .get("app.kubernetes.io/instance"));
    assertEquals(
        "kelvin-operator",
        peer.getFrom().get(1).getPodSelector().getMatchLabels().get("app.kubernetes.io/name"));
  }

  @Test
  void doorsAreOpenedByVariablePortServiceAndPolicyAndOnlyWhenAskedFor() {
    var spec = "{protocols: {cache: true, json: true}}";
    assertEquals(
        Map.of("KELVIN_LISTEN_CACHE", "0.0.0.0:2391", "KELVIN_LISTEN_JSON", "0.0.0.0:2392"),
        environment(spec));
    assertEquals(Map.of(), environment("{}"));
    assertEquals(List.of(2379, 2380, 2381, 2391, 2392), containerPorts(spec));
    assertEquals(List.of(2379, 2380, 2381), containerPorts("{}"));
    for (var service : List.of("demo-client", "demo-leader")) {
      assertEquals(List.of(2379, 2381, 2391, 2392), ports(one(Service.class, service, spec)));
      assertEquals(List.of(2379, 2381), ports(one(Service.class, service, "{}")));
    }
    assertEquals(
        List.of(2379, 2392),
        ports(one(Service.class, "demo-client", "{protocols: {http: false, json: true}}")));
    var open = one(NetworkPolicy.class, "demo-peers", spec).getSpec().getIngress().getFirst();
    assertEquals(
        List.of("client", "http", "cache", "json"),
        open.getPorts().stream().map(p -> p.getPort().getStrVal()).toList());
    assertNotEquals(digest("{}"), digest(spec));
    assertEquals(digest("{}"), digest("{protocols: {cache: false, json: false}}"));
  }

  private static List<Integer> containerPorts(String spec) {
    return pod(spec).getContainers().getFirst().getPorts().stream()
        .map(p -> p.getContainerPort())
        .toList();
  }

  @Test
  void aServiceMonitorIsThereOnlyWhereItsTypeIs() {
    assertTrue(CHILDREN.build(cluster("{}"), SHAPE, true).stream().anyMatch(ChildrenTest::monitor));
    assertTrue(
        CHILDREN.build(cluster("{}"), SHAPE, false).stream().noneMatch(ChildrenTest::monitor));
    assertTrue(
        CHILDREN.build(cluster("{metrics: {serviceMonitor: false}}"), SHAPE, true).stream()
            .noneMatch(ChildrenTest::monitor));
  }

  @Test
  void everyPodIsScrapedOnceWhateverTheClientsAreOffered() {
    var built = CHILDREN.build(cluster("{protocols: {http: false}}"), SHAPE, true);
    var monitor =
        (GenericKubernetesResource)
            built.stream().filter(ChildrenTest::monitor).findFirst().orElseThrow();
    Map<String, String> selector = monitor.get("spec", "selector", "matchLabels");
    var scraped =
        built.stream()
            .filter(Service.class::isInstance)
            .map(Service.class::cast)
            .filter(s -> s.getMetadata().getLabels().entrySet().containsAll(selector.entrySet()))
            .toList();
    assertEquals(
        List.of("demo-peers"), scraped.stream().map(s -> s.getMetadata().getName()).toList());
    String port = monitor.get("spec", "endpoints", 0, "port");
    assertTrue(
        scraped.getFirst().getSpec().getPorts().stream().anyMatch(p -> p.getName().equals(port)));
  }

  private static boolean monitor(HasMetadata child) {
    return child.getKind().equals("ServiceMonitor");
  }

  @Test
  void theDigestChangesWithTheSpecAndNotWithTheSize() {
    var digest = digest("{}");
    assertEquals(digest, digest("{replicas: 5}"));
    assertEquals(digest, digest("{storage: {size: 50Gi}}"));
    assertEquals(digest, digest("{paused: true}"));
    assertNotEquals(digest, digest("{version: 2.0.0}"));
    assertNotEquals(digest, digest("{node: {logLevel: debug}}"));
    assertNotEquals(digest, digest("{services: {client: {type: NodePort}}}"));
    assertNotEquals(digest, digest("{services: {leader: {enabled: false}}}"));
    assertNotEquals(digest, digest("{metrics: {interval: 5s}}"));
    assertEquals(digest, set("{}").getMetadata().getAnnotations().get("kelvin.dev/children"));
  }

  @Test
  void aSnapshotIsShownReadOnlyAndOnlyWhileItIsToBe() {
    var spec = "{replicas: 1, bootstrap: {fromSnapshot: {claimName: backups, path: monday.db}}}";
    var shown =
        CHILDREN.build(cluster(spec), new Shape(1, 0, 1, true), false).stream()
            .flatMap(o -> o instanceof StatefulSet s ? Stream.of(s) : Stream.empty())
            .findFirst()
            .orElseThrow();
    var pod = shown.getSpec().getTemplate().getSpec();
    var volume = pod.getVolumes().getLast();
    assertEquals("snapshot", volume.getName());
    assertEquals("backups", volume.getPersistentVolumeClaim().getClaimName());
    var mount = pod.getContainers().getFirst().getVolumeMounts().getLast();
    assertEquals("/var/lib/kelvin-snapshot", mount.getMountPath());
    assertEquals(true, mount.getReadOnly());
    assertEquals(digest("{}"), digest(spec));
    assertNotEquals(digest("{}"), CHILDREN.digest(cluster(spec), false, true));
    assertEquals(
        CHILDREN.digest(cluster(spec), false, true),
        shown.getMetadata().getAnnotations().get("kelvin.dev/children"));
    assertTrue(
        set(spec).getSpec().getTemplate().getSpec().getVolumes().stream()
            .noneMatch(v -> v.getName().equals("snapshot")));
  }

  private static String digest(String spec) {
    return CHILDREN.digest(cluster(spec), false, false);
  }

  @Test
  void claimsAndPodsAreNamedByOrdinal() {
    var names = new Names("demo", "shop");
    assertEquals("demo-2", names.pod(2));
    assertEquals("data-demo-2", names.claim(2));
  }

  @Test
  void anOtherProcessFindsTheSameDigest() {
    var one = new LinkedHashMap<String, Object>();
    one.put("a", List.of(1, 2));
    one.put("b", Map.of("c", "d"));
    var other = new LinkedHashMap<String, Object>();
    other.put("b", Map.of("c", "d"));
    other.put("a", List.of(1, 2));
    assertEquals(Children.canonical(one), Children.canonical(other));
    other.put("a", List.of(2, 1));
    assertNotEquals(Children.canonical(one), Children.canonical(other));
  }

  @Test
  void aMemoryLimitIsDividedUnlessSomeoneSaysOtherwise() {
    var limited = "{resources: {limits: {memory: 1Gi}}%s}";
    var divided = environment(limited.formatted(""));
    assertEquals("-Xmx384m", divided.get("JDK_JAVA_OPTIONS"));
    assertEquals("64MiB", divided.get("KELVIN_STORE_MEMTABLE_SIZE"));
    assertEquals("96MiB", divided.get("KELVIN_STORE_CACHE_SIZE"));

    var own =
        environment(
            limited.formatted(
                ", node: {storeCacheSize: 8MiB}, pod: {env: [{name: JDK_JAVA_OPTIONS, value: -Xmx1m}]}"));
    assertEquals("-Xmx1m", own.get("JDK_JAVA_OPTIONS"));
    assertEquals("8MiB", own.get("KELVIN_STORE_CACHE_SIZE"));

    var inMemory = environment(limited.formatted(", storage: {ephemeral: Memory, size: 512Mi}"));
    assertEquals("-Xmx192m", inMemory.get("JDK_JAVA_OPTIONS"));
    assertNull(environment("{}").get("JDK_JAVA_OPTIONS"));
  }
}
