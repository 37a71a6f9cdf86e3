package dev.kelvin.operator.act;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.FakeApiServer;
import dev.kelvin.operator.FakeApiServer.Asked;
import dev.kelvin.operator.children.Children;
import dev.kelvin.operator.children.Names;
import dev.kelvin.operator.children.Shape;
import dev.kelvin.operator.crd.KvCluster;
import dev.kelvin.operator.decide.Step.ClaimId;
import dev.kelvin.operator.observe.Observation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ObjectsTest {
  private static final Names NAMES = new Names("demo", "shop");
  private FakeApiServer api;
  private Objects objects;

  @BeforeEach
  void start() throws IOException {
    api = new FakeApiServer();
    objects = new Objects(api.client(), new Children("kelvin", "1.2.3"));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static Observation seen(String spec, Pod... pods) {
    var cluster =
        Serialization.unmarshal(
            """
            apiVersion: kelvin.dev/v1alpha1
            kind: KvCluster
            metadata: {name: demo, namespace: shop, uid: u-1, generation: 4}
            """
                + spec,
            KvCluster.class);
    var set =
        Serialization.unmarshal(
            """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: demo, namespace: shop, uid: s-1, resourceVersion: "31"}
            spec: {replicas: 3}
            """,
            StatefulSet.class);
    return new Observation(cluster, false, set, List.of(pods), List.of(), null, Set.of(), Map.of());
  }

  private static Pod pod(int ordinal, String role) {
    return Serialization.unmarshal(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: demo-%d, namespace: shop, uid: p-%d, labels: {a: b%s}}
        """
            .formatted(ordinal, ordinal, role == null ? "" : ", kelvin.dev/role: " + role),
        Pod.class);
  }

  private Asked only() {
    assertEquals(1, api.writes.size(), api.writes::toString);
    return api.writes.getFirst();
  }

  @Test
  void aPodIsDeletedOnlyAsItWasSeen() {
    objects.deletePod(NAMES, 2, "p-2", "77");
    assertEquals("DELETE /api/v1/namespaces/shop/pods/demo-2", only().toString());
    assertEquals("p-2", only().body().at("/preconditions/uid").asText());
    assertEquals("77", only().body().at("/preconditions/resourceVersion").asText());
  }

  @Test
  void aClaimIsDeletedWhateverBecameOfItMeanwhileButNotItsSuccessor() {
    objects.deleteClaim(NAMES, new ClaimId(4, "c-4"));
    assertEquals(
        "DELETE /api/v1/namespaces/shop/persistentvolumeclaims/data-demo-4", only().toString());
    assertEquals("c-4", only().body().at("/preconditions/uid").asText());
    assertTrue(only().body().at("/preconditions/resourceVersion").isMissingNode());
  }

  @Test
  void whatWasDeletedMeanwhileIsToldByTheCode() {
    api.refuse("DELETE /api/v1/namespaces/shop/pods/demo-2", 409);
    var refused =
        assertThrows(
            KubernetesClientException.class, () -> objects.deletePod(NAMES, 2, "p-2", "77"));
    assertEquals(409, refused.getCode());
  }

  @Test
  void aRenewedStatefulSetLeavesItsPods() {
    objects.orphanStatefulSet(seen(""));
    assertEquals("DELETE /apis/apps/v1/namespaces/shop/statefulsets/demo", only().toString());
    assertEquals("Orphan", only().body().at("/propagationPolicy").asText());
    assertEquals("s-1", only().body().at("/preconditions/uid").asText());
  }

  @Test
  void childrenAndMarksHaveDifferentOwnersOrApplyingWouldTakeMarksAway() {
    objects.annotateStatefulSet(seen(""), Map.of(Names.FOUNDING, "x/y"));
    var mark = only();
    assertEquals("PATCH /apis/apps/v1/namespaces/shop/statefulsets/demo", mark.toString());
    assertTrue(mark.query().contains("fieldManager=" + Objects.MARKER), mark::query);
    assertTrue(mark.type().startsWith("application/merge-patch+json"), mark::type);
    assertEquals("s-1", mark.body().at("/metadata/uid").asText());
    assertEquals("x/y", mark.body().at("/metadata/annotations/kelvin.dev~1founding").asText());
    api.writes.clear();

    objects.apply(seen(""), new Shape(3, 2, 1 << 30));
    var applied = api.writes.stream().filter(w -> w.method().equals("PATCH")).toList();
    assertEquals(7, applied.size(), applied::toString);
    for (var child : applied) {
      assertTrue(child.query().contains("fieldManager=" + Objects.BUILDER), child::query);
      assertTrue(child.query().contains("force=true"), child::query);
      assertTrue(child.type().startsWith("application/apply-patch+yaml"), child::type);
    }
    var set = applied.getLast();
    assertEquals("PATCH /apis/apps/v1/namespaces/shop/statefulsets/demo", set.toString());
    assertTrue(set.body().at("/metadata/annotations/kelvin.dev~1founding").isMissingNode());
  }

  @Test
  void theStatefulSetIsMadeSmallerOnlyAsItWasSeen() {
    objects.apply(seen(""), new Shape(1, 0, 1 << 30));
    var smaller = api.writes.getLast().body().at("/metadata");
    assertEquals("s-1", smaller.at("/uid").asText());
    assertEquals("31", smaller.at("/resourceVersion").asText());
    objects.apply(seen(""), new Shape(5, 3, 1 << 30));
    var larger = api.writes.getLast().body().at("/metadata");
    assertEquals("s-1", larger.at("/uid").asText());
    assertTrue(larger.at("/resourceVersion").isMissingNode());
  }

  @Test
  void whatASpecDoesWithoutIsDeletedIfItIsTheClustersOwn() {
    api.put(
        "/api/v1/namespaces/shop/services/demo-leader",
        """
        {apiVersion: v1, kind: Service, metadata: {name: demo-leader, namespace: shop, resourceVersion: "5",
          ownerReferences: [{uid: u-1, name: demo, kind: KvCluster, apiVersion: kelvin.dev/v1alpha1}]}}
        """);
    api.put(
        "/apis/policy/v1/namespaces/shop/poddisruptionbudgets/demo",
        """
        {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: demo, namespace: shop, resourceVersion: "6"}}
        """);
    objects.apply(
        seen("spec: {replicas: 1, services: {leader: {enabled: false}}}"), new Shape(1, 0, 1));
    var deleted = api.writes.stream().filter(w -> w.method().equals("DELETE")).toList();
    assertEquals("[DELETE /api/v1/namespaces/shop/services/demo-leader]", deleted.toString());
  }

  @Test
  void aVolumeGrowsByItsClaim() {
    objects.growClaim(NAMES, new ClaimId(1, "c-1"), 2048);
    assertEquals("c-1", only().body().at("/metadata/uid").asText());
    assertEquals("2048", only().body().at("/spec/resources/requests/storage").asText());
  }

  @Test
  void theLabelIsTakenOffBeforeItIsPutOnAnotherPod() {
    objects.labelLeader(seen("", pod(0, "leader"), pod(1, null), pod(2, null)), 2);
    assertEquals(
        "[PATCH /api/v1/namespaces/shop/pods/demo-0, PATCH /api/v1/namespaces/shop/pods/demo-2]",
        api.writes.toString());
    var off = api.writes.getFirst().body().at("/metadata/labels");
    assertTrue(off.has(Names.ROLE) && off.get(Names.ROLE).isNull(), off::toString);
    assertEquals(
        "leader", api.writes.getLast().body().at("/metadata/labels/kelvin.dev~1role").asText());
    assertFalse(api.writes.getLast().body().at("/metadata/labels").has("a"));
  }
}
