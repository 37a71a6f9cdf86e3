package dev.kelvin.e2e;

import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * An API server and a controller manager of Kubernetes in containers, which keep their objects
 * where they are told. No node, no scheduler: objects only.
 */
final class ControlPlane implements AutoCloseable {
  private static final String TOKEN = UUID.randomUUID().toString();
  private static final String KEY = "/etc/kubernetes/service-account.key";
  private static final String TOKENS = "/etc/kubernetes/tokens.csv";
  private static final String KUBECONFIG = "/etc/kubernetes/kubeconfig";
  private static final int PORT = 6443;

  private final List<GenericContainer<?>> containers = new ArrayList<>();
  private final Kubernetes kubernetes;

  /**
   * Starts one and waits until it is ready.
   *
   * @param etcdServers URLs
   * @param compaction how often it compacts
   */
  ControlPlane(Network network, List<String> etcdServers, Duration compaction) throws IOException {
    try {
      var key = serviceAccountKey();
      var alias = "kube-apiserver-" + UUID.randomUUID();
      var server =
          component("kube-apiserver", key)
              .withNetwork(network)
              .withNetworkAliases(alias)
              .withExposedPorts(PORT)
              .withCopyToContainer(Transferable.of(TOKEN + ",admin,admin,system:masters"), TOKENS)
              .withCommand(
                  "--etcd-servers=" + String.join(",", etcdServers),
                  "--etcd-compaction-interval=%ds".formatted(compaction.toSeconds()),
                  "--cert-dir=/tmp/kube-apiserver",
                  "--secure-port=" + PORT,
                  "--token-auth-file=" + TOKENS,
                  "--authorization-mode=RBAC",
                  "--service-cluster-ip-range=10.96.0.0/16",
                  "--service-account-issuer=https://kubernetes.default.svc",
                  "--service-account-key-file=" + KEY,
                  "--service-account-signing-key-file=" + KEY)
              .waitingFor(
                  Wait.forHttps("/readyz")
                      .allowInsecure()
                      .withHeader("Authorization", "Bearer " + TOKEN)
                      .withStartupTimeout(Duration.ofMinutes(2)));
      start(server);
      kubernetes =
          new Kubernetes(Kubernetes.file(kubeconfig(server.getHost(), server.getMappedPort(PORT))));
      start(
          component("kube-controller-manager", key)
              .withNetwork(network)
              .withCopyToContainer(Transferable.of(kubeconfig(alias, PORT)), KUBECONFIG)
              .withCommand(
                  "--kubeconfig=" + KUBECONFIG,
                  // Namespaces hold what the tests make, and nothing else.
                  "--controllers=*,-root-ca-certificate-publisher-controller",
                  "--leader-elect=true",
                  "--use-service-account-credentials=true",
                  "--service-account-private-key-file=" + KEY));
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Kubernetes' own image of a program, or the one that K3s is replaced by, if that has it as a
   * program of its own.
   */
  private static GenericContainer<?> component(String program, String key) {
    return new GenericContainer<>(image(program, "registry.k8s.io/%s:v1.34.1".formatted(program)))
        .withCreateContainerCmdModifier(command -> command.withEntrypoint(program))
        .withCopyToContainer(Transferable.of(key), KEY);
  }

  /** The image that {@code KELVIN_K3S_IMAGE} names, if it has the program; else the other. */
  static DockerImageName image(String program, String otherwise) {
    var given = System.getenv("KELVIN_K3S_IMAGE");
    return DockerImageName.parse(given != null && has(given, program) ? given : otherwise);
  }

  private static boolean has(String image, String program) {
    try (var asked =
        new GenericContainer<>(DockerImageName.parse(image))
            .withCreateContainerCmdModifier(command -> command.withEntrypoint(program))
            .withCommand("--version")
            .withStartupCheckStrategy(new OneShotStartupCheckStrategy())) {
      asked.start();
      return true;
    } catch (DockerException | ContainerLaunchException e) {
      return false;
    }
  }

  private void start(GenericContainer<?> container) {
    containers.add(container);
    container.start();
  }

  Kubernetes kubernetes() {
    return kubernetes;
  }

  private static String kubeconfig(String host, int port) {
    return """
    apiVersion: v1
    kind: Config
    current-context: it
    contexts: [{name: it, context: {cluster: it, user: it}}]
    clusters: [{name: it, cluster: {server: "https://%s:%d", insecure-skip-tls-verify: true}}]
    users: [{name: it, user: {token: %s}}]
    """
        .formatted(host, port, TOKEN);
  }

  private static String serviceAccountKey() {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      var key = generator.generateKeyPair().getPrivate().getEncoded();
      return "-----BEGIN PRIVATE KEY-----%n%s%n-----END PRIVATE KEY-----%n"
          .formatted(Base64.getMimeEncoder().encodeToString(key));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    containers.reversed().forEach(GenericContainer::stop);
  }
}
