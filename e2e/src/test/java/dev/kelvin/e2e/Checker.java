package dev.kelvin.e2e;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * A client in a pod that puts, gets, deletes and compare-and-puts through the client service until
 * it is told to end, trying each request for five seconds. It checks as it goes that what it saw is
 * linearizable and no acknowledged write is lost (module {@code checker}). Nobody else may write to
 * the cluster meanwhile.
 */
final class Checker {
  private static final Pattern OPERATIONS = Pattern.compile("([\\d,]+)  operations");
  private static final Pattern FAILED = Pattern.compile("([\\d,]+)  requests failed after retry");
  private static final Pattern GAP =
      Pattern.compile("([\\d,]+)  ms at most without an acknowledged write");

  /** The client's exit codes. */
  private static final int FINE = 0;

  private static final int REQUESTS_FAILED = 3;

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
    // Of a scenario before, which failed.
    scenario.kubectl("delete pod checker --ignore-not-found");
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
            image: %s
            args: [--endpoints, "%s-client:2379"]
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              capabilities: {drop: [ALL]}
        END
        """
            .formatted(Kubernetes.image("client"), cluster));
    var checker = new Checker(scenario);
    Await.until(
        "the checker checks",
        Duration.ofMinutes(1),
        checker::log,
        log -> log.contains("began") || checker.ended());
    return checker;
  }

  /**
   * Tells the client to end and waits for its verdict; the faults must be over.
   *
   * @return in words, what it found
   * @throws AssertionError with the client's log, when anything was wrong or a request failed for
   *     five seconds
   */
  String finish() {
    return finish(FINE);
  }

  /**
   * The same after a time in which the cluster was meant to serve nobody: requests may have failed
   * for five seconds.
   */
  String finishAfterOutage() {
    return finish(REQUESTS_FAILED);
  }

  private String finish(int worst) {
    if (ended()) {
      throw new AssertionError("the checker ended before the scenario did: " + log());
    }
    // It may end before this command has its own result.
    var told = scenario.attempt("exec checker -- sh -c 'kill 1'");
    Await.until(
        "the checker ends, told so: " + told, Duration.ofMinutes(2), this::ended, yes -> yes);
    var log = log();
    int status = status().getTerminated().getExitCode();
    if (status != FINE && status != worst) {
      throw new AssertionError(
          "the checker found faults (exit code %d): %s".formatted(status, log));
    }
    scenario.kubectl("delete pod checker");
    return "linearizable, nothing lost; %s operations, %s requests failed, longest gap %s ms"
        .formatted(find(OPERATIONS, log), find(FAILED, log), find(GAP, log));
  }

  private ContainerState status() {
    Pod pod = client.pods().inNamespace(scenario.namespace()).withName("checker").require();
    return pod.getStatus().getContainerStatuses().stream()
        .findAny()
        .map(ContainerStatus::getState)
        .orElseGet(ContainerState::new);
  }

  private boolean ended() {
    return status().getTerminated() != null;
  }

  private String log() {
    return scenario.attempt("logs checker").output();
  }

  private static String find(Pattern pattern, String log) {
    var matcher = pattern.matcher(log);
    if (!matcher.find()) {
      throw new AssertionError("the checker does not say " + pattern + ": " + log);
    }
    return matcher.group(1);
  }
}
