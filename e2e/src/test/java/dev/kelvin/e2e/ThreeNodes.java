package dev.kelvin.e2e;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.k3s.K3sContainer;

/**
 * A Kubernetes of three nodes for one test class: K3s's server and two agents, containers in a
 * Docker network. All have one Docker volume, on which the volumes of {@link #STORAGE_CLASS} lie:
 * they follow their pods from node to node, as those of a cloud do and K3s's own do not.
 */
final class ThreeNodes implements BeforeAllCallback, AfterAllCallback {
  /** Runs the API server; never killed nor cut off. */
  static final String SERVER = "machine-0";

  static final List<String> AGENTS = List.of("machine-1", "machine-2");
  static final List<String> NODES = List.of(SERVER, AGENTS.getFirst(), AGENTS.getLast());

  /** Has volumes of 1Gi, one for each node. */
  static final String STORAGE_CLASS = "follows";

  private static final String SHARED = "/shared-volumes";

  private final String volume = "kelvin-e2e-" + UUID.randomUUID();
  private final List<Runnable> stops = new ArrayList<>();
  private final Map<String, String> containers = new HashMap<>();
  private Kubernetes kubernetes;

  Kubernetes kubernetes() {
    return kubernetes;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    Assumptions.assumeFalse(
        Kubernetes.given(),
        "kills nodes, which are K3s containers of its own: leave E2E_KUBECONFIG away for it");
    try {
      start();
    } catch (IOException | RuntimeException | Error e) {
      stop();
      throw e;
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    stop();
  }

  private void start() throws IOException {
    var docker = DockerClientFactory.instance().client();
    docker.createVolumeCmd().withName(volume).exec();
    stops.add(() -> docker.removeVolumeCmd(volume).exec());
    var network = Network.newNetwork();
    stops.add(network::close);
    var token = UUID.randomUUID().toString();
    var server =
        new K3sContainer(Kubernetes.k3sImage())
            .withNetwork(network)
            .withNetworkAliases(SERVER)
            .withEnv("K3S_TOKEN", token)
            .withCreateContainerCmdModifier(machine(SERVER));
    start(SERVER, server);
    for (var name : AGENTS) {
      start(
          name,
          new GenericContainer<>(Kubernetes.k3sImage())
              .withNetwork(network)
              .withCommand("agent")
              .withEnv(Map.of("K3S_URL", "https://%s:6443".formatted(SERVER), "K3S_TOKEN", token))
              .withPrivilegedMode(true)
              .withTmpFs(Map.of("/run", "", "/var/run", ""))
              .withCreateContainerCmdModifier(machine(name)));
    }
    kubernetes = new Kubernetes(Kubernetes.kubeconfig(server));
    var shell = kubernetes.shell();
    for (var name : NODES) {
      Await.until(
          name + " is a node",
          Duration.ofMinutes(2),
          () -> shell.attempt("kubectl get node " + name).exit(),
          exit -> exit == 0);
      awaitReady(name);
      Kubernetes.copyImages(shell, containers.get(name));
    }
    volumes(shell);
  }

  private void start(String name, GenericContainer<?> container) {
    stops.add(container::stop);
    container.start();
    containers.put(name, container.getContainerId());
  }

  private Consumer<CreateContainerCmd> machine(String name) {
    var shared = new Mount().withType(MountType.VOLUME).withSource(volume).withTarget(SHARED);
    return command -> {
      command.withHostName(name);
      command.getHostConfig().withCgroupnsMode("host").withMounts(List.of(shared));
    };
  }

  private void volumes(Shell shell) {
    var objects = new StringBuilder();
    objects.append(
        """
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: %s}
        provisioner: kubernetes.io/no-provisioner
        """
            .formatted(STORAGE_CLASS));
    for (var name : NODES) {
      exec(SERVER, "mkdir -p -m 777 %s/%s".formatted(SHARED, name));
      objects.append(
          """
          ---
          apiVersion: v1
          kind: PersistentVolume
          metadata: {name: %s}
          spec:
            storageClassName: %s
            capacity: {storage: 1Gi}
            accessModes: [ReadWriteOnce]
            hostPath: {path: %s/%s}
          """
              .formatted(name, STORAGE_CLASS, SHARED, name));
    }
    shell.run("kubectl apply -f - <<'END'\n%sEND".formatted(objects));
  }

  void awaitReady(String node) {
    kubernetes.shell().run("kubectl wait --for=condition=Ready --timeout=3m node/" + node);
  }

  /** As if its power were lost. */
  void kill(String node) {
    kubernetes.shell().run("docker kill " + containers.get(node));
  }

  /** After it was killed. */
  void startAgain(String node) {
    kubernetes.shell().run("docker start " + containers.get(node));
  }

  /** Nothing comes in or goes out any more; what runs there goes on. */
  void cutOff(String node) {
    exec(node, "iptables -t mangle -I PREROUTING -i eth0 -j DROP");
    exec(node, "iptables -t mangle -I POSTROUTING -o eth0 -j DROP");
  }

  /** After it was cut off. */
  void reconnect(String node) {
    exec(node, "iptables -t mangle -D POSTROUTING -o eth0 -j DROP");
    exec(node, "iptables -t mangle -D PREROUTING -i eth0 -j DROP");
  }

  private void exec(String node, String command) {
    kubernetes.shell().run("docker exec %s %s".formatted(containers.get(node), command));
  }

  private void stop() {
    stops.reversed().forEach(Runnable::run);
    stops.clear();
  }
}
