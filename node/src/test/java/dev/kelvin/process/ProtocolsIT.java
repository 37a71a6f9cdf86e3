package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.proto.care.State;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The TCP doors of real nodes: the binary protocol to a client in Python ({@code
 * src/test/python/cache_client.py}), and what docs/protocols.md shows, as it stands there.
 */
@Timeout(120)
class ProtocolsIT {
  private static final Path CLIENT = Path.of("src", "test", "python", "cache_client.py");
  private static final Path DOCUMENT = Path.of("..", "docs", "protocols.md");

  @TempDir Path dir;

  /** A cluster with both doors open on every node. */
  private static final class Doors implements AutoCloseable {
    final Path dir;
    final List<NodeProcess> nodes = new ArrayList<>();
    final List<Integer> cache = new ArrayList<>();
    final List<Integer> json = new ArrayList<>();

    Doors(Path dir) throws IOException {
      this.dir = dir;
      start("n1", "--bootstrap").awaitReady();
      for (var name : List.of("n2", "n3")) {
        start(name, "--join", nodes.getFirst().peerAddress());
      }
      nodes.forEach(NodeProcess::awaitReady);
    }

    NodeProcess start(String name, String... options) throws IOException {
      var node = new NodeProcess(dir, name);
      nodes.add(node);
      cache.add(NodeProcess.Place.freePort());
      json.add(NodeProcess.Place.freePort());
      var all = new ArrayList<>(List.of(options));
      all.addAll(List.of("--listen-cache", "127.0.0.1:" + cache.getLast()));
      all.addAll(List.of("--listen-json", "127.0.0.1:" + json.getLast()));
      return node.start(all.toArray(String[]::new));
    }

    int leader() {
      var found = new int[] {-1};
      nodes
          .getFirst()
          .await(
              "a leader",
              Duration.ofSeconds(10),
              () -> {
                for (int i = 0; i < nodes.size(); i++) {
                  found[0] = nodes.get(i).leads() ? i : found[0];
                }
                return found[0] >= 0;
              });
      return found[0];
    }

    @Override
    public void close() {
      nodes.forEach(NodeProcess::close);
    }
  }

  private static Process python(List<String> arguments) throws IOException {
    var command = new ArrayList<>(List.of("python3"));
    command.addAll(arguments);
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new AssertionError("python3 is needed on PATH for this test", e);
    }
  }

  @Test
  void aClientInPythonSpeaksTheBinaryProtocolThroughTheDeathOfTheLeader() throws Exception {
    try (var doors = new Doors(dir)) {
      var fourth = doors.start("n4");
      fourth.await("n4 waits", Duration.ofSeconds(20), () -> fourth.inState(State.WAITING));
      var arguments =
          new ArrayList<>(List.of(CLIENT.toString(), fourth.name, fourth.peerAddress()));
      doors.cache.forEach(port -> arguments.add("127.0.0.1:" + port));
      var client = python(arguments);
      var said = new ArrayList<String>();
      try (var out = client.inputReader();
          var in = client.outputWriter()) {
        for (var line = out.readLine(); line != null; line = out.readLine()) {
          said.add(line);
          if (line.equals("KILL")) {
            fourth.awaitReady();
            assertEquals(
                4,
                fourth
                    .members()
                    .memberList(MemberListRequest.getDefaultInstance())
                    .getMembersCount());
            int leader = doors.leader();
            doors.nodes.get(leader).kill();
            in.write(leader + "\n");
            in.flush();
          }
        }
      } finally {
        client.destroyForcibly();
      }
      assertEquals(0, client.waitFor(), () -> String.join("\n", said));
      assertTrue(said.contains("DONE"), said::toString);
      assertTrue(
          doors.nodes.stream()
              .anyMatch(node -> node.output().contains("the node there is called n4")),
          "why a JOIN failed is logged");
      var page = fourth.get("/metrics").body();
      assertTrue(
          page.contains("kelvin_tcp_connections_total{door=\"cache\",outcome=\"accepted\"} 1"),
          page);
      assertTrue(page.contains("kelvin_tcp_requests_total{door=\"cache\",result=\"ok\"}"), page);
    }
  }

  @Test
  void whatTheDocumentShowsIsWhatHappens() throws Exception {
    var document = Files.readString(DOCUMENT);
    try (var doors = new Doors(dir)) {
      leadByTheFirst(doors);
      var ports = new HashMap<String, String>();
      for (int i = 0; i < 3; i++) {
        var prefix = i == 0 ? "" : Integer.toString(i + 1);
        ports.put("127.0.0.1:" + prefix + "2391", "127.0.0.1:" + doors.cache.get(i));
        ports.put("127.0.0.1:" + prefix + "2392", "127.0.0.1:" + doors.json.get(i));
      }
      var sessions = sessions(document);
      assertEquals(
          List.of("2392", "22392", "32392"), sessions.stream().map(Session::port).toList());
      for (var session : sessions) {
        session.play(ports);
      }
      var example = block(document, "import socket");
      for (var port : ports.entrySet()) {
        example = example.replace(host(port.getKey()), host(port.getValue()));
      }
      var file = dir.resolve("example.py");
      Files.writeString(file, example);
      var python = python(List.of(file.toString()));
      var printed = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(python.waitFor(20, TimeUnit.SECONDS));
      assertEquals(block(document, "b'hello'"), printed);
    }
  }

  /** As an argument of Python's. */
  private static String host(String address) {
    return "(\"" + address.replace(":", "\", ") + ")";
  }

  private static void leadByTheFirst(Doors doors) {
    int leader = doors.leader();
    var first = doors.nodes.getFirst();
    if (leader != 0) {
      var target =
          MoveLeaderRequest.newBuilder().setTargetID(first.status().getHeader().getMemberId());
      doors.nodes.get(leader).maintenance().moveLeader(target.build());
    }
    first.await("n1 leads", Duration.ofSeconds(10), first::leads);
  }

  /** A block of the document, indented by four, without that. */
  private static String block(String document, String beginning) {
    var block = new StringBuilder();
    boolean within = false;
    for (var line : document.lines().toList()) {
      within = within ? line.startsWith("    ") || line.isEmpty() : line.equals("    " + beginning);
      if (within) {
        block.append(line.isEmpty() ? "" : line.substring(4)).append('\n');
      } else if (!block.isEmpty()) {
        break;
      }
    }
    return block.toString().stripTrailing() + "\n";
  }

  /**
   * One {@code nc} of the document: what is typed, and what is answered.
   *
   * @param lines by turns
   */
  private record Session(String port, List<String> lines) {
    void play(Map<String, String> ports) throws IOException {
      var address = ports.get("127.0.0.1:" + port).split(":");
      try (var socket = new Socket(address[0], Integer.parseInt(address[1]))) {
        socket.setSoTimeout(10_000);
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        for (int i = 0; i < lines.size(); i += 2) {
          socket.getOutputStream().write((lines.get(i) + "\n").getBytes(StandardCharsets.UTF_8));
          var expected = lines.get(i + 1);
          for (var named : ports.entrySet()) {
            expected = expected.replace('"' + named.getKey() + '"', '"' + named.getValue() + '"');
          }
          assertEquals(expected, in.readLine(), lines.get(i));
        }
      }
    }
  }

  /** Each ends with ^C. */
  private static List<Session> sessions(String document) {
    var sessions = new ArrayList<Session>();
    var command = "    $ nc 127.0.0.1 ";
    Session current = null;
    for (var line : document.lines().toList()) {
      if (line.startsWith(command)) {
        current = new Session(line.substring(command.length()), new ArrayList<>());
        sessions.add(current);
      } else if (line.equals("    ^C")) {
        current = null;
      } else if (current != null && line.startsWith("    ")) {
        current.lines().add(line.strip());
      }
    }
    return sessions;
  }
}
