package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pods, processes, volumes and records are lost: the cluster stays the same one. */
class LostPodsIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Cluster CLUSTER = new Cluster(SCENARIO, "demo");
  private static final String SPEC = "{replicas: 3, storage: {size: 1Gi}}";

  private static String id;

  @BeforeAll
  static void threeMembers() {
    Kubernetes.get().withOperator();
    CLUSTER.apply(SPEC);
    CLUSTER.awaitSettled(3);
    id = CLUSTER.status().clusterId();
  }

  @AfterEach
  void sameCluster() {
    assertEquals(id, CLUSTER.status().clusterId());
    assertEquals(1, new HashSet<>(CLUSTER.events("FoundingRecorded")).size());
  }

  @Test
  void theLeaderPodIsDeleted() {
    var before = CLUSTER.status();
    var uid = CLUSTER.readyPod(before.leader());
    var checker = Checker.start(SCENARIO, "demo");
    SCENARIO.kubectl("delete pod " + before.leader());
    CLUSTER.awaitOtherPod(before.leader(), uid);
    CLUSTER.awaitSettled(3);
    assertEquals(before.members(), CLUSTER.status().members());
    System.out.println("leader pod deleted: " + checker.finish());
  }

  @Test
  void theLeaderProcessIsKilled() {
    var before = CLUSTER.status();
    var pods = CLUSTER.pods();
    long term = CLUSTER.term();
    var checker = Checker.start(SCENARIO, "demo");
    Killer.kill(SCENARIO, before.leader());
    CLUSTER.awaitRestart(before.leader());
    CLUSTER.awaitSettled(3);
    assertEquals(pods, CLUSTER.pods(), "the kubelet starts it again");
    assertTrue(CLUSTER.term() > term, "another one was elected");
    assertEquals(before.members(), CLUSTER.status().members());
    System.out.println("leader process killed: " + checker.finish());
  }

  @Test
  void aFollowerPodIsDeletedWithItsVolume() {
    volumeIsLost(CLUSTER.status().leader().equals("demo-2") ? "demo-1" : "demo-2");
  }

  @Test
  void theFirstPodIsDeletedWithItsVolume() {
    volumeIsLost("demo-0");
  }

  private static void volumeIsLost(String pod) {
    var before = CLUSTER.status().members();
    var checker = Checker.start(SCENARIO, "demo");
    CLUSTER.loseVolumes(pod);
    CLUSTER.await(
        "another member in its place",
        status -> {
          var member = status.members().get(pod);
          return member != null && !member.equals(before.get(pod));
        });
    CLUSTER.awaitSettled(3);
    System.out.println(pod + " deleted with its volume: " + checker.finish());
  }

  @Test
  void theStatusIsWiped() {
    var before = CLUSTER.status();
    var pods = CLUSTER.pods();
    var checker = Checker.start(SCENARIO, "demo");
    CLUSTER.wipeStatus();
    CLUSTER.awaitSettled(3);
    assertEquals(before.members(), CLUSTER.status().members());
    assertEquals(pods, CLUSTER.pods());
    System.out.println("status wiped: " + checker.finish());
  }

  @Test
  void theResourceIsCreatedAgainOverItsVolumes() {
    var members = CLUSTER.status().members();
    CLUSTER.etcdctl("put again yes");
    CLUSTER.delete();
    assertEquals(3, CLUSTER.claims());
    created();
    assertEquals(members, CLUSTER.status().members());
  }

  @Test
  void theResourceIsCreatedAgainAndItsFirstVolumeIsBlank() {
    CLUSTER.etcdctl("put again yes");
    CLUSTER.delete();
    SCENARIO.kubectl("delete pvc data-demo-0");
    created();
  }

  private static void created() {
    var took = Stopwatch.start();
    CLUSTER.apply(SPEC);
    CLUSTER.awaitSettled(3);
    System.out.println("created again, three members after " + took);
    assertEquals("again\nyes\n", CLUSTER.etcdctl("get again"));
    System.out.println("created again: " + Checker.start(SCENARIO, "demo").finish());
  }
}
