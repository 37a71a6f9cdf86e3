package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot of one KvCluster, carried into a volume as a person would, founds another one. */
class RestoreIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Cluster OLD = new Cluster(SCENARIO, "old");
  private static final Cluster NEW = new Cluster(SCENARIO, "demo");

  private static final int KEYS = 20;

  private static final String SPEC =
      """
      {"replicas": 3, "storage": {"size": "1Gi"}, "bootstrap": {"fromSnapshot": {
        "claimName": "backups", "path": "%s", "bumpRevision": 1000000, "markCompacted": true}}}
      """;

  @TempDir static Path dir;

  @BeforeAll
  static void snapshotInAVolume() {
    Kubernetes.get().withOperator();
    keeper();
    OLD.apply("{replicas: 1, storage: {size: 1Gi}}");
    OLD.awaitSettled(1);
    var file = dir.resolve("monday.db");
    Etcdctl.at(
        SCENARIO,
        "pod/old-0",
        etcdctl -> {
          for (int i = 0; i < KEYS; i++) {
            etcdctl.run("put app/key-%02d value-%d".formatted(i, i));
          }
          return etcdctl.run("snapshot save " + file);
        });
    SCENARIO.kubectl("wait pod/keeper --for=condition=Ready --timeout=120s");
    SCENARIO.kubectl("exec -i keeper -- sh -c 'cat > /backups/monday.db' < " + file);
    SCENARIO.kubectl("exec keeper -- sh -c 'head -c 1000 /backups/monday.db > /backups/cut.db'");
  }

  /** A pod that has the volume, as an administrator makes one. */
  private static void keeper() {
    SCENARIO.kubectl(
        """
        apply -f - <<'END'
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: backups
        spec:
          accessModes: [ReadWriteOnce]
          resources: {requests: {storage: 1Gi}}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: keeper
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          securityContext:
            {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
          containers:
          - name: keeper
            image: %s
            command: [sleep, infinity]
            securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
            volumeMounts: [{name: backups, mountPath: /backups}]
          volumes: [{name: backups, persistentVolumeClaim: {claimName: backups}}]
        END
        """
            .formatted(Kubernetes.image("client")));
  }

  @Test
  void aClusterIsFoundedFromTheFileThatIsWholeAndFromNoOther() {
    var took = Stopwatch.start();
    NEW.apply(SPEC.formatted("tuesday.db"));
    var missing = awaitRefusal("there is no file");
    assertFalse(missing.is("Available"));
    assertEquals("NotFounded", missing.condition("Available").reason());
    NEW.apply(SPEC.formatted("cut.db"));
    awaitRefusal("is incomplete");
    assertEquals(1, NEW.pods().size(), "one pod is enough until it is founded");
    assertTrue(mounted());

    NEW.apply(SPEC.formatted("monday.db"));
    NEW.await("is available", status -> status.is("Available"));
    System.out.println("founded from a snapshot, after two wrong names, within " + took);
    var checker = Checker.start(SCENARIO, "demo");
    NEW.awaitSettled(3);
    assertFalse(mounted());
    for (var pod : NEW.pods().keySet()) {
      var keys = NEW.etcdctlAt(pod, "get --prefix app/ --print-value-only");
      assertEquals(KEYS, keys.lines().count(), pod);
      assertTrue(keys.endsWith("value-19\n"), keys);
    }
    var old = NEW.etcdctl("get app/key-00 --write-out fields");
    assertTrue(number(old, "Revision") > 1_000_000, old);
    assertTrue(number(old, "ModRevision") < 1_000, old);
    var id = NEW.status().clusterId();
    assertNotEquals(OLD.status().clusterId(), id);

    // The spec still names the file: what is founded stays what it is.
    NEW.apply(SPEC.formatted("cut.db"));
    var uid = NEW.readyPod("demo-0");
    SCENARIO.kubectl("delete pod demo-0 --wait=false");
    NEW.awaitOtherPod("demo-0", uid);
    NEW.awaitSettled(3);
    assertEquals(id, NEW.status().clusterId());
    assertFalse(mounted());
    System.out.println("founded from a snapshot: " + checker.finish());
  }

  private static Cluster.Status awaitRefusal(String why) {
    return NEW.await(
        "what is wrong with the file is said: " + why,
        status ->
            status.condition("Degraded").reason().equals("SnapshotRefused")
                && status.condition("Degraded").message().contains(why));
  }

  /** Whether a pod of the cluster still has the volume. */
  private static boolean mounted() {
    return SCENARIO
        .kubectl(
            "get pod --selector %s=demo -o jsonpath='{.items[*].spec.volumes[*].name}'"
                .formatted(Cluster.INSTANCE))
        .contains("snapshot");
  }

  private static long number(String fields, String name) {
    return Long.parseLong(fields.replaceAll("(?s).*\"" + name + "\" : (\\d+).*", "$1"));
  }
}
