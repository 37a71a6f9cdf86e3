package dev.kelvin.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client in a pod that writes for a while whatever happens, trying each write for five seconds,
 * and then looks for every write that was acknowledged.
 */
final class Checker {
  private static final String JAR = "/opt/kelvin-bench/kelvin-bench.jar";
  private static final Pattern GIVEN_UP = Pattern.compile("given up +(\\d+)");
  private static final Pattern ACKNOWLEDGED =
      Pattern.compile("acknowledged (\\d+), missing 0, different 0");
  private static final Pattern GAP = Pattern.compile("longest gap +(\\d+) ms");

  private final Scenario scenario;
  private final KubernetesClient client = Kubernetes.get().client();

  private Checker(Scenario scenario) {
    this.scenario = scenario;
  }

  /** Starts writing to a cluster that serves. */
  static Checker start(Scenario scenario, String cluster, Duration duration) {
    var address = cluster + "-client:2379";
    scenario.kubectl(
        """
        apply -f - <<'END'
        apiVersion: v1
        kind: Pod
        metadata:
          name: checker
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          terminationGracePeriodSeconds: 1
          securityContext:
            runAsNonRoot: true
            seccompProfile: {type: RuntimeDefault}
          containers:
          - name: checker
            image: %s
            command: [sh, -c]
            args:
            - >-
              java -jar %s ledger --endpoints %s --writers 4 --interval 5 --patience 5000 --duration %d /tmp/ledger &&
              java -jar %s verify --endpoints %s /tmp/ledger
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              capabilities: {drop: [ALL]}
            volumeMounts: [{name: tmp, mountPath: /tmp}]
          volumes: [{name: tmp, emptyDir: {}}]
        END
        """
            .formatted(
                Kubernetes.image("client"),
                JAR,
                String.join(",", address, address, address),
                duration.toSeconds(),
                JAR,
                address));
    var checker = new Checker(scenario);
    Await.until(
        "the checker runs",
        Duration.ofMinutes(1),
        checker::phase,
        phase -> !phase.equals("Pending"));
    return checker;
  }

  private String phase() {
    Pod pod = client.pods().inNamespace(scenario.namespace()).withName("checker").require();
    return pod.getStatus().getPhase();
  }

  /**
   * Waits for the checker's end; the faults must have been over before it.
   *
   * @return in words, what it found
   */
  String finish() {
    if (GIVEN_UP.matcher(log()).find()) {
      throw new AssertionError("the checker stopped writing before the scenario's end: " + log());
    }
    var end =
        Await.until(
            "the checker ends",
            Duration.ofMinutes(4),
            this::phase,
            phase -> !phase.equals("Running"));
    var log = log();
    var givenUp = find(GIVEN_UP, log);
    var acknowledged = find(ACKNOWLEDGED, log);
    if (!end.equals("Succeeded") || !givenUp.equals("0") || acknowledged.equals("0")) {
      throw new AssertionError("the checker found faults: " + log);
    }
    scenario.kubectl("delete pod checker");
    return "%s writes acknowledged, none lost, none given up, longest gap %s ms"
        .formatted(acknowledged, find(GAP, log));
  }

  private String log() {
    return scenario.kubectl("logs checker");
  }

  private static String find(Pattern pattern, String log) {
    Matcher matcher = pattern.matcher(log);
    if (!matcher.find()) {
      throw new AssertionError("the checker does not say " + pattern + ": " + log);
    }
    return matcher.group(1);
  }
}
