package dev.kelvin.e2e;

/** Kills a node's process as {@code kill -9} does, from its machine: within a pod nobody can. */
final class Killer {
  private static final String NAMESPACE = "e2e-killer";

  private Killer() {}

  /** Kills the process in a pod and returns when it is done. */
  static void kill(Scenario scenario, String pod) {
    var machine = scenario.kubectl("get pod %s -o jsonpath={.spec.nodeName}".formatted(pod));
    Kubernetes.get()
        .shell()
        .run(
            """
            kubectl create namespace %1$s --dry-run=client -o yaml | kubectl apply -f - &&
            kubectl label --overwrite namespace %1$s pod-security.kubernetes.io/enforce=privileged &&
            kubectl --namespace %1$s apply -f - <<'END' &&
            apiVersion: v1
            kind: Pod
            metadata:
              name: killer
            spec:
              nodeName: %2$s
              hostPID: true
              restartPolicy: Never
              containers:
              - name: killer
                image: %3$s
                command: [sh, -c]
                args:
                - |
                  for process in /proc/[0-9]*; do
                    if tr '\\0' ' ' < $process/cmdline | grep -q '[-]-advertise-peer=http://%4$s[.][^ ]*[.]%5$s[.]'; then
                      kill -9 ${process#/proc/} && exit 0
                    fi
                  done 2> /dev/null
                  exit 1
                securityContext: {runAsUser: 0, privileged: true}
            END
            kubectl --namespace %1$s wait pod/killer --for=jsonpath={.status.phase}=Succeeded --timeout=60s &&
            kubectl delete namespace %1$s --wait=false
            """
                .formatted(
                    NAMESPACE, machine, Kubernetes.image("client"), pod, scenario.namespace()));
  }
}
