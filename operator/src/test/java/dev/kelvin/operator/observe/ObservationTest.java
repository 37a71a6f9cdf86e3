package dev.kelvin.operator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.children.Children;
import dev.kelvin.operator.crd.KvCluster;
import dev.kelvin.operator.facts.Answer;
import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Recorded;
import dev.kelvin.operator.facts.Wanted.RecoveryWish;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ObservationTest {
  private static final Children CHILDREN = new Children("kelvin", "1.2.3");
  private static final Answer SILENT = new Answer.Unreachable(Instant.EPOCH);

  private static final String CLUSTER =
      """
      apiVersion: kelvin.dev/v1alpha1
      kind: KvCluster
      metadata: {name: demo, namespace: shop, uid: u-1, generation: 4}
      """;

  private static final String SET =
      """
      apiVersion: apps/v1
      kind: StatefulSet
      metadata:
        name: demo
        generation: 9
        annotations:
          kelvin.dev/children: abc
          kelvin.dev/founding: 0000000000000007/00000000000003e8
        ownerReferences: [{uid: u-1, name: demo, kind: KvCluster, apiVersion: kelvin.dev/v1alpha1}]
      spec:
        replicas: 5
        template: {spec: {volumes: [{name: tmp}]}}
        volumeClaimTemplates:
        - spec: {resources: {requests: {storage: 1Gi}}}
      status: {observedGeneration: 9, updateRevision: demo-77}
      """;

  private static Facts facts(String cluster, String set, String... objects) {
    List<Pod> pods =
        Arrays.stream(objects)
            .filter(o -> o.startsWith("{kind: Pod"))
            .map(o -> Serialization.unmarshal("---\n" + o, Pod.class))
            .toList();
    List<PersistentVolumeClaim> claims =
        Arrays.stream(objects)
            .filter(o -> o.startsWith("{kind: PersistentVolumeClaim"))
            .map(o -> Serialization.unmarshal("---\n" + o, PersistentVolumeClaim.class))
            .toList();
    return new Observation(
            Serialization.unmarshal(cluster, KvCluster.class),
            false,
            set == null ? null : Serialization.unmarshal(set, StatefulSet.class),
            pods,
            claims,
            null,
            Set.of("fast"),
            Map.of("p-1", SILENT, "p-2", SILENT))
        .facts(CHILDREN, 99);
  }

  @Test
  void anEmptySpecIsItsDefaults() {
    var facts = facts(CLUSTER, null);
    assertEquals("demo", facts.wanted().name());
    assertEquals(4, facts.wanted().generation());
    assertEquals(3, facts.wanted().replicas());
    assertEquals(10L << 30, facts.wanted().volumeBytes());
    assertFalse(facts.wanted().ephemeral());
    assertFalse(facts.wanted().deleteClaims());
    assertFalse(facts.wanted().paused());
    assertEquals(Recorded.NOTHING, facts.recorded());
    assertTrue(facts.statefulSet().isEmpty());
    assertEquals(99, facts.freshId());
  }

  @Test
  void theSpecIsTaken() {
    var wanted =
        facts(
                CLUSTER
                    + "spec: {replicas: 5, paused: true, storage: {size: 2Gi, whenScaled: Delete}, recovery: {name: night, survivor: demo-2}}",
                null)
            .wanted();
    assertEquals(5, wanted.replicas());
    assertTrue(wanted.paused());
    assertEquals(2L << 30, wanted.volumeBytes());
    assertTrue(wanted.deleteClaims());
    assertEquals(Optional.of(new RecoveryWish("night", 2)), wanted.recovery());
    assertEquals(
        Optional.empty(),
        facts(CLUSTER + "spec: {recovery: {name: night, survivor: other-2}}", null)
            .wanted()
            .recovery());
    assertEquals(
        0, facts(CLUSTER + "spec: {storage: {ephemeral: Memory}}", null).wanted().volumeBytes());
  }

  @Test
  void theStatefulSetIsTaken() {
    var set = facts(CLUSTER, SET).statefulSet().orElseThrow();
    assertEquals(5, set.replicas());
    assertEquals("demo-77", set.revision());
    assertTrue(set.settled());
    assertEquals("abc", set.children());
    assertEquals(Optional.of(new Founding(7, 1000)), set.founding());
    assertEquals(1L << 30, set.volumeBytes());
    assertFalse(set.snapshot());
    assertTrue(set.ours());
    var shows = SET.replace("{name: tmp}", "{name: tmp}, {name: snapshot}");
    assertTrue(facts(CLUSTER, shows).statefulSet().orElseThrow().snapshot());
  }

  @Test
  void aSnapshotToBeginWithIsWantedWithItsOwnChildren() {
    assertEquals(Optional.empty(), facts(CLUSTER, null).wanted().founding());
    var from = "spec: {bootstrap: {fromSnapshot: {claimName: backups, path: monday.db}}}";
    var wanted = facts(CLUSTER + from, null).wanted();
    assertEquals(facts(CLUSTER, null).wanted().children(), wanted.children());
    assertNotEquals(Optional.of(wanted.children()), wanted.founding());
    assertTrue(wanted.founding().isPresent());
  }

  @Test
  void whyAPodDoesNotRunIsTaken() {
    assertEquals("", trouble("containerStatuses: [{state: {running: {}}}]"));
    assertEquals(
        "", trouble("containerStatuses: [{state: {waiting: {reason: ContainerCreating}}}]"));
    assertEquals(
        "ErrImagePull: no such image",
        trouble(
            "containerStatuses: [{state: {waiting: {reason: ErrImagePull, message: \"no such\\nimage\"}}}]"));
    assertEquals(
        "Unschedulable: no room",
        trouble(
            "conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: no room}]"));
  }

  private static String trouble(String status) {
    return facts(
            CLUSTER,
            null,
            "{kind: Pod, apiVersion: v1, metadata: {name: demo-1, uid: p-1}, status: {%s}}"
                .formatted(status))
        .pods()
        .getFirst()
        .trouble();
  }

  @Test
  void aTemplateThatItsControllerHasNotSeenHasNoRevisionYet() {
    var set =
        facts(CLUSTER, SET.replace("observedGeneration: 9", "observedGeneration: 8"))
            .statefulSet()
            .orElseThrow();
    assertFalse(set.settled());
    assertEquals("", set.revision());
  }

  @Test
  void aStatefulSetOfADeletedResourceOrOnItsWayOutIsNotOurs() {
    assertFalse(facts(CLUSTER, SET.replace("uid: u-1", "uid: u-0")).statefulSet().get().ours());
    assertFalse(
        facts(
                CLUSTER,
                SET.replace(
                    "generation: 9\n",
                    "generation: 9\n  deletionTimestamp: 2026-01-01T00:00:00Z\n"))
            .statefulSet()
            .get()
            .ours());
  }

  @Test
  void aFoundingThatCannotBeReadIsAnErrorAndNotNone() {
    var garbled = SET.replace("0000000000000007/00000000000003e8", "seven");
    assertThrows(IllegalArgumentException.class, () -> facts(CLUSTER, garbled));
  }

  @Test
  void podsAreTakenByOrdinal() {
    var facts =
        facts(
            CLUSTER,
            SET,
            "{kind: Pod, metadata: {name: demo-10, uid: p-2, resourceVersion: '8', labels: {controller-revision-hash: r2}, deletionTimestamp: '2026-01-01T00:00:00Z'}}",
            "{kind: Pod, metadata: {name: demo-2, uid: p-1, resourceVersion: '5', labels: {controller-revision-hash: r1, kelvin.dev/role: leader}}, status: {podIP: 10.0.0.1, conditions: [{type: Ready, status: 'True'}], containerStatuses: [{state: {running: {}}}]}}");
    assertEquals(List.of(2, 10), facts.pods().stream().map(p -> p.ordinal()).toList());
    var well = facts.pods().getFirst();
    assertEquals("p-1", well.uid());
    assertEquals("5", well.version());
    assertEquals("r1", well.revision());
    assertTrue(well.started() && well.running() && well.ready() && well.leader());
    assertFalse(well.deleting());
    var leaving = facts.pods().get(1);
    assertTrue(leaving.deleting());
    assertFalse(leaving.started() || leaving.running() || leaving.ready() || leaving.leader());
  }

  @Test
  void claimsOfOtherClustersAreNotTaken() {
    var facts =
        facts(
            CLUSTER,
            SET,
            "{kind: PersistentVolumeClaim, metadata: {name: data-demo-0, uid: c-0, annotations: {kelvin.dev/founding: 0000000000000007/00000000000003e8}}, spec: {storageClassName: fast, resources: {requests: {storage: 1Gi}}}}",
            "{kind: PersistentVolumeClaim, metadata: {name: data-demo-1, uid: c-1}, spec: {storageClassName: slow, resources: {requests: {storage: 2Gi}}}}",
            "{kind: PersistentVolumeClaim, metadata: {name: data-demo-1-0, uid: c-2}, spec: {resources: {requests: {storage: 2Gi}}}}",
            "{kind: PersistentVolumeClaim, metadata: {name: demo-0, uid: c-3}, spec: {resources: {requests: {storage: 2Gi}}}}");
    assertEquals(List.of(0, 1), facts.claims().stream().map(c -> c.ordinal()).toList());
    var marked = facts.claims().getFirst();
    assertEquals(Optional.of(new Founding(7, 1000)), marked.founding());
    assertEquals(1L << 30, marked.bytes());
    assertTrue(marked.expandable());
    assertFalse(facts.claims().get(1).expandable());
    assertTrue(facts.claims().get(1).founding().isEmpty());
  }

  @Test
  void theBudgetIsTaken() {
    var budget =
        Serialization.unmarshal(
            "---\n{kind: PodDisruptionBudget, apiVersion: policy/v1, metadata: {name: demo}, spec: {minAvailable: 2}}",
            PodDisruptionBudget.class);
    var facts =
        new Observation(
                Serialization.unmarshal(CLUSTER, KvCluster.class),
                false,
                null,
                List.of(),
                List.of(),
                budget,
                Set.of(),
                Map.of())
            .facts(CHILDREN, 1);
    assertEquals(2, facts.budget());
  }
}
