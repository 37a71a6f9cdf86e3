package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands under "On Kubernetes" in README.md, as they stand there. */
class QuickStartIT {
  @RegisterExtension static final Scenario SCENARIO = new Scenario();

  private static final Pattern FORWARD = Pattern.compile("port-forward \\S+ (\\d+):\\d+");

  private final Shell shell = Kubernetes.get().shell();

  @BeforeAll
  static void nothingIsInstalled() {
    Kubernetes.get().withoutOperator();
  }

  /** The first block of commands, without `make image`, which has been done. */
  private static List<String> commands() {
    var section = Project.read("README.md").split("\n## On Kubernetes\n", 2)[1];
    var commands = new ArrayList<String>();
    for (var line : section.lines().toList()) {
      if (line.startsWith("    ")) {
        commands.add(line.strip());
      } else if (!commands.isEmpty()) {
        break;
      }
    }
    assertEquals("make image", commands.removeFirst());
    return commands;
  }

  @Test
  void fromNothingToAKeyReadThroughTheClientService() throws Exception {
    shell.run("kubectl config set-context --current --namespace " + SCENARIO.namespace());
    var forwards = new ArrayList<Shell.Background>();
    var output = "";
    long applied = 0;
    try {
      for (var command : commands()) {
        System.out.println("$ " + command);
        if (command.endsWith("&")) {
          forwards.add(shell.start(command.substring(0, command.length() - 1)));
          awaitPort(command);
          continue;
        }
        if (command.startsWith("kubectl apply")) {
          applied = System.nanoTime();
        }
        output = shell.run(command + values(command));
        if (command.startsWith("kubectl wait")) {
          System.out.printf("Available %.1f s after kubectl apply%n", seconds(applied));
        }
      }
    } finally {
      forwards.forEach(Shell.Background::close);
    }
    assertFalse(forwards.isEmpty());
    assertEquals("greeting\nhello\n", output);
    var checker = Checker.start(SCENARIO, "demo");
    new Cluster(SCENARIO, "demo").awaitSettled(3);
    System.out.printf(
        "three members, healthy and ready, %.1f s after kubectl apply%n", seconds(applied));
    System.out.println(SCENARIO.kubectl("get kv"));
    System.out.println("while the others join, and after: " + checker.finish());
  }

  private static String values(String command) {
    return command.startsWith("helm install") ? Kubernetes.imageValues() : "";
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / (double) TimeUnit.SECONDS.toNanos(1);
  }

  private static void awaitPort(String command) {
    var matcher = FORWARD.matcher(command);
    assertTrue(matcher.find(), command);
    var address = new InetSocketAddress("127.0.0.1", Integer.parseInt(matcher.group(1)));
    Await.until(
        "a connection to " + address, Duration.ofSeconds(20), () -> connects(address), yes -> yes);
  }

  private static boolean connects(InetSocketAddress address) {
    try (var socket = new Socket()) {
      socket.connect(address);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
