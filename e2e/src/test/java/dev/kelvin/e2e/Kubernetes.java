package dev.kelvin.e2e;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The cluster that is tested on: with {@code E2E_KUBECONFIG=true} the one of {@code KUBECONFIG},
 * which must be able to pull the images ({@code KELVIN_IMAGE_REPOSITORY}); else K3s in a container,
 * into which the images of this machine's Docker are copied.
 */
final class Kubernetes {
  static final String OPERATOR_NAMESPACE = "kelvin-system";
  static final String RELEASE = "kelvin-operator";

  /** What images' names begin with. */
  static final String REPOSITORY =
      Objects.requireNonNullElse(System.getenv("KELVIN_IMAGE_REPOSITORY"), "kelvin");

  /** Another tag of the node's image, for rollouts; made where the images come from Docker. */
  static final String OTHER_VERSION =
      Objects.requireNonNullElse(
          System.getenv("KELVIN_OTHER_VERSION"), Project.version() + "-again");

  private static final String K3S =
      Objects.requireNonNullElse(System.getenv("KELVIN_K3S_IMAGE"), "rancher/k3s:v1.34.1-k3s1");

  /**
   * Kubernetes' own provisioner for tests makes directories that only root may write to; that of
   * K3s, and every provisioner that applies fsGroup, makes them for the pods. Here they become so.
   */
  private static final String HOST_PATH_FOR_ALL =
      """
      mkdir -p /tmp/hostpath_pv
      (while sleep 0.1; do
        find /tmp/hostpath_pv -mindepth 1 -maxdepth 1 ! -perm 777 -exec chmod 777 {} +
      done) > /dev/null 2>&1 &
      """;

  private static Kubernetes instance;

  private final KubernetesClient client;
  private final Shell shell;

  Kubernetes(Path kubeconfig) {
    this.client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
            .build();
    this.shell = new Shell(kubeconfig);
  }

  /** The one of this run; made by the first who asks. */
  static synchronized Kubernetes get() {
    if (instance == null) {
      instance = new Kubernetes(given() ? copyOfGiven() : container());
    }
    return instance;
  }

  /** Whether the cluster to test on is one that is there already. */
  static boolean given() {
    return "true".equals(System.getenv("E2E_KUBECONFIG"));
  }

  KubernetesClient client() {
    return client;
  }

  Shell shell() {
    return shell;
  }

  /** The operator runs, as the chart installs it. */
  void withOperator() {
    withOperator("");
  }

  /**
   * The operator runs with these values besides, in a namespace that enforces the restricted Pod
   * Security Standard.
   *
   * @param values as Helm's options
   */
  void withOperator(String values) {
    shell.run(
        "kubectl create namespace %s --dry-run=client -o yaml | kubectl apply -f -"
            .formatted(OPERATOR_NAMESPACE));
    shell.run(
        "kubectl label --overwrite namespace %s pod-security.kubernetes.io/enforce=restricted"
            .formatted(OPERATOR_NAMESPACE));
    shell.run(
        "helm upgrade --install %s charts/kelvin-operator --namespace %s --wait%s %s"
            .formatted(RELEASE, OPERATOR_NAMESPACE, imageValues(), values));
  }

  /** As before the chart's first installation, but for the resource type, which it keeps. */
  void withoutOperator() {
    shell.run(
        "helm uninstall %s --namespace %s --ignore-not-found --wait"
            .formatted(RELEASE, OPERATOR_NAMESPACE));
  }

  static String image(String name) {
    return REPOSITORY + "/" + name + ":" + Project.version();
  }

  static String imageValues() {
    return REPOSITORY.equals("kelvin")
        ? ""
        : " --set image.repository=%s/operator --set nodeImage=%s/node"
            .formatted(REPOSITORY, REPOSITORY);
  }

  private static Path copyOfGiven() {
    var path = System.getenv("KUBECONFIG");
    // As seen from where make is, which is not where the tests run.
    var file = path == null ? null : Project.ROOT.resolve(path);
    if (file == null || !Files.isReadable(file)) {
      throw new IllegalStateException(
          "E2E_KUBECONFIG=true wants a cluster, but KUBECONFIG names no file: " + path);
    }
    try {
      return Files.copy(file, kubeconfig(), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of this run's own: its default namespace is changed. */
  private static Path kubeconfig() throws IOException {
    var file = Files.createTempFile("kelvin-e2e", ".kubeconfig");
    file.toFile().deleteOnExit();
    return file;
  }

  private static Path container() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      throw new IllegalStateException(
          "needs Docker to start K3s in, or a cluster: E2E_KUBECONFIG=true and KUBECONFIG=FILE");
    }
    var k3s = new K3sContainer(k3sImage());
    k3s.start();
    Runtime.getRuntime().addShutdownHook(new Thread(k3s::stop));
    try {
      var kubeconfig = kubeconfig(k3s);
      copyImages(new Shell(kubeconfig), k3s.getContainerId());
      var classes = exec(k3s, "kubectl get storageclass -o jsonpath='{.items[*].provisioner}'");
      if (classes.contains("kubernetes.io/host-path")) {
        exec(k3s, HOST_PATH_FOR_ALL);
      }
      return kubeconfig;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static DockerImageName k3sImage() {
    return DockerImageName.parse(K3S).asCompatibleSubstituteFor("rancher/k3s");
  }

  /** The administrator's, of a server that runs. */
  static Path kubeconfig(K3sContainer server) throws IOException {
    return file(server.getKubeConfigYaml());
  }

  /** A kubeconfig as a file of this run's own. */
  static Path file(String kubeconfig) throws IOException {
    return Files.writeString(kubeconfig(), kubeconfig);
  }

  /** From this machine's Docker into a node that is a container. */
  static void copyImages(Shell shell, String container) {
    var other = REPOSITORY + "/node:" + OTHER_VERSION;
    shell.run("docker tag %s %s".formatted(image("node"), other));
    shell.run(
        "set -o pipefail; docker save %s %s %s %s | docker exec -i %s ctr -n k8s.io images import -"
            .formatted(image("node"), other, image("operator"), image("client"), container));
  }

  private static String exec(K3sContainer k3s, String command) throws IOException {
    try {
      var result = k3s.execInContainer("sh", "-c", command);
      if (result.getExitCode() != 0) {
        throw new IllegalStateException(command + ": " + result.getStderr());
      }
      return result.getStdout();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
