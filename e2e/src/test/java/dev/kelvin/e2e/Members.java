package dev.kelvin.e2e;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** Three members of a cluster in containers, without Kubernetes below them. */
final class Members implements AutoCloseable {
  private static final DockerClient DOCKER = DockerClientFactory.instance().client();
  private static final int CLIENT_PORT = 2379;

  /** A status that names as leader the member that gives it. */
  private static final Pattern LEADS = Pattern.compile("\"member_id\":(\\d+),.*\"leader\":\\1\\D");

  private static final Pattern REVISION = Pattern.compile("\"revision\":(\\d+)");
  private static final Pattern HASH = Pattern.compile("\"hash\":(\\d+)");

  private final List<String> names;
  private final List<GenericContainer<?>> containers = new ArrayList<>();

  private Members(String name) {
    names = IntStream.range(0, 3).mapToObj(i -> name + "-" + i).toList();
  }

  /** Three Kelvin nodes that have found each other. */
  static Members ofKelvin(Network network) {
    var members = new Members("kelvin");
    members.start(
        name ->
            new GenericContainer<>(DockerImageName.parse(Kubernetes.image("node")))
                .withNetwork(network)
                .withExposedPorts(CLIENT_PORT, 2381)
                .withCommand(
                    "server",
                    "--name=" + name,
                    "--listen-client=0.0.0.0:2379",
                    "--listen-peer=0.0.0.0:2380",
                    "--listen-http=0.0.0.0:2381",
                    "--advertise-client=http://%s:2379".formatted(name),
                    "--advertise-peer=http://%s:2380".formatted(name))
                .waitingFor(Wait.forHttp("/livez").forPort(2381)));
    // Not by options: a container that is started again has the same ones.
    members.care(0, "bootstrap");
    members.care(1, "join kelvin-0:2380");
    members.care(2, "join kelvin-0:2380");
    return members;
  }

  /** Three of etcd, to compare with. */
  static Members ofEtcd(Network network) {
    var image = ControlPlane.image("etcd", "quay.io/coreos/etcd:v3.6.7");
    var members = new Members("etcd");
    var all =
        members.names.stream()
            .map("%1$s=http://%1$s:2380"::formatted)
            .collect(Collectors.joining(","));
    members.start(
        name ->
            new GenericContainer<>(image)
                .withNetwork(network)
                .withExposedPorts(CLIENT_PORT)
                .withCreateContainerCmdModifier(command -> command.withEntrypoint("etcd"))
                .withCommand(
                    "--name=" + name,
                    "--data-dir=/var/lib/etcd",
                    "--listen-client-urls=http://0.0.0.0:2379",
                    "--advertise-client-urls=http://%s:2379".formatted(name),
                    "--listen-peer-urls=http://0.0.0.0:2380",
                    "--initial-advertise-peer-urls=http://%s:2380".formatted(name),
                    "--initial-cluster=" + all));
    return members;
  }

  /** Tells a Kelvin node what to do with itself. */
  private void care(int member, String task) {
    var command = "java -Xmx64m -jar /opt/kelvin/kelvin.jar care " + task;
    try {
      var said = containers.get(member).execInContainer(command.split(" "));
      if (said.getExitCode() != 0) {
        throw new AssertionError(command + ": " + said.getStdout() + said.getStderr());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void start(Function<String, GenericContainer<?>> container) {
    try {
      for (var name : names) {
        var next =
            container
                .apply(name)
                .withNetworkAliases(name)
                .withStartupTimeout(Duration.ofMinutes(1));
        containers.add(next);
        next.start();
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** For clients in the same network. */
  List<String> urls() {
    return names.stream().map("http://%s:2379"::formatted).toList();
  }

  /** Asks all that run; it may fail. */
  Shell.Said attempt(Shell shell, String arguments) {
    return shell.attempt(
        "etcdctl --endpoints %s %s".formatted(String.join(",", addresses().values()), arguments));
  }

  /** Waits until all hold the same data at one revision. */
  void awaitEqualHashes(Shell shell) {
    Await.until(
        "equal hashes",
        Duration.ofMinutes(1),
        () -> {
          var status = attempt(shell, "endpoint status --write-out json").output();
          var revision = all(REVISION, status).stream().mapToLong(Long::parseLong).min().orElse(0);
          return all(
              HASH, attempt(shell, "endpoint hashkv --write-out json --rev " + revision).output());
        },
        hashes -> hashes.size() == names.size() && Set.copyOf(hashes).size() == 1);
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1)).toList();
  }

  /**
   * Kills the leader without warning.
   *
   * @return starts it again
   */
  Runnable killLeader(Shell shell) {
    var addresses = addresses();
    for (var entry : addresses.entrySet()) {
      var status =
          shell.run(
              "etcdctl --endpoints %s endpoint status --write-out json"
                  .formatted(entry.getValue()));
      if (LEADS.matcher(status).find()) {
        DOCKER.killContainerCmd(entry.getKey()).exec();
        return () -> DOCKER.startContainerCmd(entry.getKey()).exec();
      }
    }
    throw new AssertionError("nobody leads: " + addresses);
  }

  /** Where clients of this machine reach those that run, by container. */
  private Map<String, String> addresses() {
    var addresses = new LinkedHashMap<String, String>();
    for (var container : containers) {
      var id = container.getContainerId();
      // Asked each time: a container that was started again has other ports.
      var ports = DOCKER.inspectContainerCmd(id).exec().getNetworkSettings().getPorts();
      var bindings = ports.getBindings().get(ExposedPort.tcp(CLIENT_PORT));
      if (bindings != null && bindings.length > 0) {
        addresses.put(id, container.getHost() + ":" + bindings[0].getHostPortSpec());
      }
    }
    return addresses;
  }

  @Override
  public void close() {
    containers.reversed().forEach(GenericContainer::stop);
  }
}
