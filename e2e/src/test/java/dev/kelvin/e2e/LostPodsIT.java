package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.HashSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Pods, a process, volumes and the status are lost while one client writes: the cluster stays the
 * same one.
 */
class LostPodsIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Cluster CLUSTER = new Cluster(SCENARIO, "demo");

  private static String id;
  private static Checker checker;

  @BeforeAll
  static void threeMembers() {
    Kubernetes.get().withOperator();
    CLUSTER.apply("{replicas: 3, storage: {size: 1Gi}}");
    CLUSTER.awaitSettled(3);
    id = CLUSTER.status().clusterId();
    checker = Checker.start(SCENARIO, "demo");
  }

  @AfterAll
  static void nothingIsLost() {
    System.out.println("pods, a process, volumes, the status lost: " + checker.finish());
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
    SCENARIO.kubectl("delete pod --wait=false " + before.leader());
    CLUSTER.awaitOtherPod(before.leader(), uid);
    CLUSTER.awaitSettled(3);
    assertEquals(before.members(), CLUSTER.status().members());
  }

  @Test
  void theLeaderProcessIsKilled() {
    var before = CLUSTER.status();
    var pods = CLUSTER.pods();
    long term = CLUSTER.term();
    Killer.kill(SCENARIO, before.leader());
    CLUSTER.awaitRestart(before.leader());
    CLUSTER.awaitSettled(3);
    assertEquals(pods, CLUSTER.pods(), "the kubelet starts it again");
    Await.until("one was elected", Duration.ofMinutes(1), CLUSTER::term, now -> now > term);
    assertEquals(before.members(), CLUSTER.status().members());
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
    CLUSTER.loseVolumes(pod);
    CLUSTER.await(
        "another member in its place",
        status -> {
          var member = status.members().get(pod);
          return member != null && !member.equals(before.get(pod));
        });
    CLUSTER.awaitSettled(3);
  }

  @Test
  void theStatusIsWiped() {
    var before = CLUSTER.status();
    var pods = CLUSTER.pods();
    CLUSTER.wipeStatus();
    CLUSTER.awaitSettled(3);
    assertEquals(before.members(), CLUSTER.status().members());
    assertEquals(pods, CLUSTER.pods());
  }
}
