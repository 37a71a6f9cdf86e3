package dev.kelvin.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * A client in a pod that writes whatever happens until it is told to end, trying each write for
 * five seconds, and then looks for every write that was acknowledged.
 */
final class Checker {
  private static final String JAR = "/opt/kelvin-bench/kelvin-bench.jar";
  private static final Pattern GIVEN_UP = Pattern.compile("given up +(\\d+)");
  private static final Pattern ACKNOWLEDGED =
      Pattern.compile("acknowledged (\\d+), missing 0, different 0");
  private static final Pattern GAP = Pattern.compile("longest gap +(\\d+) ms");

  private final Scenario scenario;
  private final KubernetesClient client;

  private Checker(Scenario scenario) {
    this.scenario = scenario;
    this.client = scenario.kubernetes().client();
  }

  /**
   * Starts requests to a cluster that serves. One at a time in a scenario: the pod is {@code
   * checker}, with the label {@code app: checker}.
   */
  static Checker start(Scenario scenario, String cluster) {
    var address = cluster + "-client:2379";
    scenario.kubectl(
        """
        apply -f - <<'END'
        apiVersion: v1
        kind: Pod
        metadata:
          name: checker
          labels: {app: checker}
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          terminationGracePeriodSeconds: 1
          securityContext:
            runAsNonRoot: true
            seccompProfile: {type: RuntimeDefault}
          containers:
          - name: checker
            image: %3$s
            command: [sh, -c]
            args:
            - |
              until [ -e /tmp/end ]; do
                java -jar %1$s ledger --endpoints %2$s,%2$s,%2$s --writers 4 --interval 20 --patience 5000 \\
                  --duration 10 "/tmp/$(date +%%s).ledger" || exit
              done
              for ledger in /tmp/*.ledger; do
                [ -s "$ledger" ] || continue
                java -jar %1$s verify --endpoints %2$s "$ledger" || exit
              done
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              capabilities: {drop: [ALL]}
            volumeMounts: [{name: tmp, mountPath: /tmp}]
          volumes: [{name: tmp, emptyDir: {}}]
        END
        """
            .formatted(JAR, address, Kubernetes.image("client")));
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
   * Tells the client to end and waits for its verdict; the faults must be over.
   *
   * @return in words, what it found
   * @throws AssertionError with the client's log, when anything was wrong
   */
  String finish() {
    return finish(false);
  }

  /** The same after a time in which writes may have failed for five seconds. */
  String finishAfterOutage() {
    return finish(true);
  }

  private String finish(boolean mayHaveFailed) {
    if (!phase().equals("Running")) {
      throw new AssertionError("the checker ended before the scenario did: " + log());
    }
    scenario.kubectl("exec checker -- touch /tmp/end");
    var end =
        Await.until(
            "the checker ends",
            Duration.ofMinutes(4),
            this::phase,
            phase -> !phase.equals("Running"));
    var log = log();
    long givenUp = find(GIVEN_UP, log).sum();
    long acknowledged = find(ACKNOWLEDGED, log).sum();
    if (!end.equals("Succeeded") || givenUp > 0 && !mayHaveFailed || acknowledged == 0) {
      throw new AssertionError("the checker found faults: " + log);
    }
    scenario.kubectl("delete pod checker");
    return "%d writes acknowledged, none lost, %d given up, longest gap %d ms"
        .formatted(acknowledged, givenUp, find(GAP, log).max().orElseThrow());
  }

  private String log() {
    return scenario.kubectl("logs checker");
  }

  private static LongStream find(Pattern pattern, String log) {
    var numbers =
        pattern.matcher(log).results().mapToLong(found -> Long.parseLong(found.group(1))).toArray();
    if (numbers.length == 0) {
      throw new AssertionError("the checker does not say " + pattern + ": " + log);
    }
    return LongStream.of(numbers);
  }
}
